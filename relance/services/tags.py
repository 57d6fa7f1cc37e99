"""Tags: words that sort customers, made when first said and gone when last unsaid."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from relance.models import Customer, Tag
from relance.models.search import plain
from relance.services.refusal import Refused

MOST = 10
LONGEST = 40


def check_tags(said: Sequence[str]) -> list[str]:
    """Return the tags to keep, each once, in the order they were said.

    Each text holds one tag, or several between commas. "vip" and "VIP" are one.
    """
    texts = unicodedata.normalize("NFC", ",".join(said))
    names: dict[str, str] = {}
    for text in re.split(r"[,;\n]", texts):
        name = " ".join(text.split())
        if not name.isprintable():
            raise Refused(_("A tag is made of plain characters."), field="tags")
        if len(name) > LONGEST:
            words = _("“%(tag)s” is too long: %(count)s characters at most.")
            raise Refused(words % {"tag": name, "count": LONGEST}, field="tags")
        if key := plain(name).strip():
            names.setdefault(key, name)
    if len(names) > MOST:
        words = _("%(count)s tags at most for a customer.")
        raise Refused(words % {"count": MOST}, field="tags")
    return list(names.values())


def set_tags(customer: Customer, names: Sequence[str]) -> bool:
    """Give a customer these tags and no other, inside the caller's transaction, and
    say whether anything changed.

    A known tag is joined as others spell it; alone in bearing it, a customer may
    have it spelt anew. Tags that nobody bears any more disappear.
    """
    known = {plain(tag.name): tag for tag in Tag.objects.all()}
    wanted = [known.get(plain(name)) or Tag.objects.create(name=name) for name in names]
    respelt = [
        _respell(tag, name, customer) for tag, name in zip(wanted, names, strict=True)
    ]
    if set(wanted) == set(customer.tags.all()):
        return any(respelt)
    customer.tags.set(wanted)
    # One that a procedure is for waits for the next customer.
    Tag.objects.filter(customers=None, procedure=None).delete()
    return True


def _respell(tag: Tag, name: str, customer: Customer) -> bool:
    others = Customer.objects.filter(tags=tag).exclude(pk=customer.pk)
    if tag.name == name or others.exists():
        return False
    tag.name = name
    tag.save(update_fields=["name"])
    return True
