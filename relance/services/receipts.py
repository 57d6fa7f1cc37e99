"""Bank statements brought in: each line once, whatever the files that tell of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.gateways import bank as gateway
from relance.gateways.bank import BankError
from relance.gateways.bank_accounts import same_account
from relance.gateways.bank_content import SENTENCES, Line, Statement
from relance.models import BankLine, BankStatement, Company, Document, User
from relance.models.money import ZERO
from relance.rules.returned_lines import share_words, tells_of_return
from relance.services import documents, history
from relance.services.currencies import check_currency
from relance.services.history import About
from relance.services.refusal import Refused


@dataclass(frozen=True, kw_only=True)
class StatementResult:
    """A file, in words: how many receipts it brought, and how many were known."""

    file: str
    new: int = 0
    known: int = 0
    # Money that went out: nothing to match.
    out: int = 0
    error: str = ""

    def as_data(self) -> dict[str, object]:
        """Return what ``relance bank --json`` prints."""
        return {
            "file": self.file,
            "new": self.new,
            "known": self.known,
            "out": self.out,
            "error": self.error or None,
        }


def import_statements(
    files: Iterable[tuple[str, bytes]], *, by: User | None, now: datetime
) -> list[StatementResult]:
    """Read statements, each file whole or not at all; the others go on.

    The same file again, or another that covers the same days, adds nothing.
    """
    results = []
    for name, data in files:
        base = PurePath(name.replace("\\", "/")).name[:200] or _("statement")
        try:
            results.append(_import_one(base, data, by=by, now=now))
        except Refused as refused:
            results.append(StatementResult(file=base, error=refused.message))
    return results


@transaction.atomic
def _import_one(
    name: str, data: bytes, *, by: User | None, now: datetime
) -> StatementResult:
    try:
        statements = gateway.read(data)
    except BankError as error:
        raise Refused(_(SENTENCES[error.reason]) % error.values) from error
    return keep_statements(name, data, statements, by=by, now=now)


@transaction.atomic
def keep_statements(
    name: str,
    data: bytes,
    statements: Sequence[Statement],
    *,
    by: User | None,
    now: datetime,
) -> StatementResult:
    """Keep what came in and no earlier file told of, with the file itself."""
    # Two files of the same days at once: the second waits, then finds its lines.
    Company.objects.select_for_update(no_key=True).first()
    new = known = out = 0
    document = None
    for statement in statements:
        received = [line for line in statement.lines if is_kept(line)]
        out += len(statement.lines) - len(received)
        for currency in {line.currency for line in received}:
            check_currency(currency)
        fresh = fresh_lines(statement, received)
        new, known = new + len(fresh), known + len(received) - len(fresh)
        if not fresh:
            continue
        document = document or _kept(name, data, now=now)
        _save(statement, fresh, document, by=by, now=now)
    if new:
        words = ngettext(
            "Statement %(file)s: %(count)s receipt read.",
            "Statement %(file)s: %(count)s receipts read.",
            new,
        ) % {"file": name, "count": new}
        history.record("receipts.imported", words, about=About(), by=by, at=now)
    return StatementResult(file=name, new=new, known=known, out=out)


def fresh_lines(
    statement: Statement, received: Sequence[Line]
) -> list[tuple[str, Line]]:
    """Return the lines that no earlier file told of, with their keys."""
    keyed = list(_keyed(received))
    stored = BankLine.objects.filter(
        account__in=_spellings(statement.account),
        booked_on__in={one.booked_on for one in received},
    ).select_related("statement")
    known = {row.key: row for row in stored}
    named = {key for key, _line in keyed}
    others = [
        row
        for key, row in known.items()
        if key not in named and _is_of_another_form(row, statement)
    ]
    fresh = [(key, line) for key, line in keyed if key not in known]
    return [(key, line) for key, line in fresh if not _is_told(line, others)]


def is_kept(line: Line) -> bool:
    """Say whether a line is one to look at: money received, or an earlier payment
    that the bank takes back."""
    words = f"{line.label} {line.reference}"
    return line.amount > ZERO or line.reversal or tells_of_return(words)


def _is_of_another_form(row: BankLine, statement: Statement) -> bool:
    """Two files of one format name a movement alike; of two formats, they do not."""
    forms = (row.statement.form, statement.form)
    return all(forms) and forms[0] != forms[1]


def _is_told(line: Line, others: list[BankLine]) -> bool:
    """Say whether a file of another format told of this line, which then tells of no
    other: the same day and amount, and a word in common."""
    said = f"{line.label} {line.payer} {line.reference}"
    for row in others:
        same = (row.booked_on, row.amount, row.currency) == (
            line.booked_on,
            line.amount,
            line.currency,
        )
        if same and share_words(said, f"{row.label} {row.payer} {row.reference}"):
            others.remove(row)
            return True
    return False


def _spellings(account: str) -> set[str]:
    """Return how earlier files wrote the account of this one."""
    written = set(BankStatement.objects.order_by().values_list("account", flat=True))
    ours = Company.objects.values_list("iban", flat=True).first()
    ibans = {same_account(one) for one in {*written, account, ours or ""}}
    wanted = same_account(account, ibans)
    return {one for one in written if same_account(one, ibans) == wanted} | {account}


def _keyed(received: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Name each line: by the bank's number, else by all that it says and its place
    among those of the day that say the same."""
    seen: Counter[str] = Counter()
    for line in received:
        told = [line.booked_on.isoformat(), str(line.amount), line.currency]
        told += [line.bank_id] if line.bank_id else [line.label, line.reference]
        said = "\0".join(told)
        seen[said] += 1
        full = f"{said}\0{seen[said]}"
        yield hashlib.sha256(full.encode()).hexdigest(), line


def _kept(name: str, data: bytes, *, now: datetime) -> Document:
    return documents.keep(
        documents.NewFile(
            data=data,
            kind=Document.Kind.STATEMENT,
            name=name,
            media_type="application/octet-stream",
        ),
        now=now,
    )


def _save(
    statement: Statement,
    fresh: list[tuple[str, Line]],
    document: Document,
    *,
    by: User | None,
    now: datetime,
) -> None:
    days = [line.booked_on for _key, line in fresh]
    row = BankStatement.objects.create(
        document=document,
        account=statement.account,
        form=statement.form,
        first_on=min(days),
        last_on=max(filter(None, [*days, statement.closed_on])),
        imported_by=by,
        imported_at=now,
    )
    BankLine.objects.bulk_create(
        (
            BankLine(
                statement=row,
                account=statement.account,
                key=key,
                booked_on=line.booked_on,
                amount=line.amount,
                currency=line.currency,
                label=line.label,
                payer=line.payer[:200],
                payer_iban=line.payer_iban[:34],
                reference=line.reference,
            )
            for key, line in fresh
        ),
        batch_size=1000,
    )
