"""The texts of reminders: a version added, an old one brought back, drafts kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from relance.gateways import markup
from relance.models import Level, Text, TextDraft, User
from relance.queries.company import company
from relance.queries.texts import TextKey, current, current_texts, key_of
from relance.services import history
from relance.services.defaults import default_text
from relance.services.history import About
from relance.services.refusal import Refused
from relance.services.text_checks import Finding, errors, findings
from relance.services.text_words import key_words
from relance.services.touching import touch_all


@dataclass(frozen=True, kw_only=True)
class TextData:
    """What somebody typed."""

    subject: str
    body: str

    @property
    def tidy(self) -> TextData:
        """The same with plain line ends, without control characters."""
        subject = " ".join(markup.clean(self.subject).split("\n"))
        lines = [line.rstrip() for line in markup.clean(self.body).split("\n")]
        return TextData(subject=subject.strip(), body="\n".join(lines).strip("\n"))


class BadText(Refused):
    """A text with errors: it is not used. What was typed is kept as a draft."""

    def __init__(self, message: str, found: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(found)


def save_text(
    key: TextKey, data: TextData, *, seen: int, by: User, now: datetime
) -> Text:
    """Put a text in use from the next reminder on; the version before is kept.

    ``seen`` is the version that its writer started from (0: none): Refused when a
    colleague saved another meanwhile. BadText when it has an error. Either way what
    was typed is kept as the writer's draft. The same text again changes nothing.
    """
    data = data.tidy
    found = findings(key, data.subject, data.body, company=company())
    if errors(found):
        keep_draft(key, data, by=by, now=now)
        words = _("This text has an error: it is not used yet, your draft is kept.")
        raise BadText(words, found)
    try:
        with transaction.atomic():
            saved = _add(key, data, seen=seen, by=by, now=now)
            discard_draft(key, by=by)
            return saved
    except Refused:
        keep_draft(key, data, by=by, now=now)
        raise


def bring_back(text: Text, *, by: User, now: datetime) -> Text:
    """Put an older version in use again, as a new one. BadText when it has an
    error by what is known today."""
    key = key_of(text)
    data = TextData(subject=text.subject, body=text.body)
    found = findings(key, data.subject, data.body, company=company())
    if errors(found):
        words = _(
            "This version has an error by today's rules: open it, mend it, save it."
        )
        raise BadText(words, found)
    with transaction.atomic():
        words = _("Text brought back: %(text)s, version %(old)s as version %(new)s.")
        return _add(key, data, by=by, now=now, words=words, old=text.version)


def reset_text(key: TextKey, *, by: User, now: datetime) -> Text:
    """Put the text that Relance proposes in use again, as a new version."""
    proposed = default_text(key)
    if proposed is None:
        raise Refused(_("Relance has no text of its own for this level."))
    data = TextData(subject=proposed[0], body=proposed[1])
    with transaction.atomic():
        words = _("Text reset: %(text)s, the default as version %(new)s.")
        made = _add(key, data, by=by, now=now, words=words)
        discard_draft(key, by=by)
        return made


@transaction.atomic
def stop_using(key: TextKey, *, by: User, now: datetime) -> None:
    """Take a text out of use: the one for all customers serves in its place. Its
    versions are kept. Refused where nothing would serve."""
    _lock(key)
    if not key.regime or current(key.for_all) is None:
        raise Refused(
            _("Nothing would be used in its place: write the text for all first.")
        )
    if not Text.objects.filter(current=True, **key.lookup).update(current=False):
        return
    words = _("Text no longer used: %(text)s.") % {"text": key_words(key)}
    history.record("text.stopped", words, about=About(), by=by, at=now)
    touch_all()


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a copy between levels did; ``refused`` would have had errors there."""

    made: int
    refused: tuple[TextKey, ...]


@transaction.atomic
def copy_texts(source: Level, target: Level, *, by: User, now: datetime) -> Copied:
    """Give a level the texts of another where it has none of its own."""
    if source.pk == target.pk:
        raise Refused(_("Choose another level."), field="source")
    texts, ours = current_texts(), company()
    made, refused = 0, []
    for text in texts.values():
        if text.level_id != source.pk:
            continue
        key = replace(key_of(text), level=target)
        if key.place in texts:
            continue
        if errors(findings(key, text.subject, text.body, company=ours)):
            refused.append(key)
            continue
        data = TextData(subject=text.subject, body=text.body)
        write_version(key, data, by=by, now=now)
        made += 1
    if made:
        words = _("Texts of “%(source)s” copied to “%(target)s”: %(count)s.")
        said = {"source": source.name, "target": target.name, "count": made}
        history.record("text.copied", words % said, about=About(), by=by, at=now)
        touch_all()
    return Copied(made=made, refused=tuple(refused))


def keep_draft(key: TextKey, data: TextData, *, by: User, now: datetime) -> None:
    """Keep what somebody typed, for them alone, without using it. It is bounded: a
    text much longer than any letter is cut."""
    data = data.tidy
    values = {"subject": data.subject[:2_000], "body": data.body[:100_000]}
    TextDraft.objects.update_or_create(
        user=by, **key.lookup, defaults=values | {"saved_at": now}
    )


def discard_draft(key: TextKey, *, by: User) -> None:
    """Forget what somebody typed and did not use."""
    TextDraft.objects.filter(user=by, **key.lookup).delete()


def _add(
    key: TextKey,
    data: TextData,
    *,
    by: User,
    now: datetime,
    seen: int | None = None,
    words: str = "",
    old: int = 0,
) -> Text:
    """Add a version with its history entry, inside the caller's transaction."""
    _lock(key)
    used = current(key)
    version = used.version if used else 0
    if seen is not None and seen != version:
        raise Refused(
            _(
                "Somebody saved another version meanwhile (%(version)s). Yours is kept "
                "as a draft: compare, then save again."
            )
            % {"version": version}
        )
    if used is not None and (used.subject, used.body) == (data.subject, data.body):
        return used
    made = write_version(key, data, by=by, now=now)
    words = words or _("Text changed: %(text)s, version %(new)s.")
    said = {"text": key_words(key), "new": made.version, "old": old}
    history.record("text.changed", words % said, about=About(), by=by, at=now)
    touch_all()
    return made


def write_version(
    key: TextKey, data: TextData, *, by: User | None, now: datetime
) -> Text:
    """Add a version and put it in use, inside the caller's transaction, which writes
    the history."""
    Text.objects.filter(current=True, **key.lookup).update(current=False)
    last = Text.objects.filter(**key.lookup).order_by("-version").first()
    return Text.objects.create(
        **key.lookup,
        version=last.version + 1 if last else 1,
        subject=data.subject,
        body=data.body,
        written_by=by,
        written_at=now,
    )


def _lock(key: TextKey) -> None:
    """Let one at a time change the texts of a level."""
    list(Level.objects.select_for_update().filter(pk=key.level.pk))
