"""Status messages are read from CDAR and from tables; damage is refused in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways import lifecycle
from relance.gateways.lifecycle import LifecycleError, Reason, StatusMessage
from tests import einvoices
from tests import lifecycle_samples as samples


def refusal(data: bytes) -> Reason:
    with pytest.raises(LifecycleError) as caught:
        lifecycle.read(data)
    assert "%(" not in str(caught.value)
    return caught.value.reason


def test_a_message_of_a_platform() -> None:
    data = samples.status("210", reason="Prix faux", reason_code="PU_ERR")
    assert lifecycle.is_lifecycle(data)
    [found] = lifecycle.read(data)
    assert found == StatusMessage(
        number="FA-1",
        code="210",
        at=datetime(2026, 10, 12, 14, 30, tzinfo=UTC),
        day=date(2026, 10, 12),
        issued_on=date(2026, 9, 1),
        reason_code="PU_ERR",
        reason="Prix faux",
        seller="812345676",
    )


def test_amounts_by_their_type() -> None:
    [paid] = lifecycle.read(samples.status("212", amount="1200.00"))
    assert (paid.paid, paid.not_approved) == (Decimal("1200.00"), None)
    [part] = lifecycle.read(samples.status("206", amount="100.5", kind="MNATTC"))
    assert (part.paid, part.not_approved) == (None, Decimal("100.50"))


def test_a_message_may_tell_of_several_invoices() -> None:
    data = samples.cdar(samples.reference("205", "A"), samples.reference("207", "B"))
    assert [(one.number, one.code) for one in lifecycle.read(data)] == [
        ("A", "205"),
        ("B", "207"),
    ]


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("20261012", datetime(2026, 10, 12, tzinfo=UTC)),
        ("202610121430", datetime(2026, 10, 12, 14, 30, tzinfo=UTC)),
        ("2026-10-12T14:30:00Z", datetime(2026, 10, 12, 14, 30, tzinfo=UTC)),
        ("2026-10-12T00:30:00+02:00", datetime(2026, 10, 11, 22, 30, tzinfo=UTC)),
    ],
)
def test_moments_as_platforms_write_them(said: str, at: datetime) -> None:
    [found] = lifecycle.read(samples.cdar(samples.reference("205"), at=said))
    assert (found.at, found.day) == (at, date(2026, 10, 12))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_of_statuses(encoding: str) -> None:
    data = samples.TABLE.encode(encoding)
    assert lifecycle.is_lifecycle(data)
    first, second = lifecycle.read(data)
    assert (first.number, first.code, first.day) == ("FA-1", "207", date(2026, 10, 12))
    assert first.at == datetime(2026, 10, 12, 14, 30, tzinfo=UTC)
    assert first.reason == "Prix contesté"
    assert (second.code, second.paid) == ("212", Decimal("1200.00"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        einvoices.ubl(einvoices.Sample()),
        b"N\xb0 facture;Statut;Date\nFA-1;payee;12/10/2026\n",
        b"Client;Montant\nDupont;12\n",
        b"\0\1\2\3" * 100,
        b"%PDF-1.7",
    ],
)
def test_what_tells_no_status_is_left_to_others(data: bytes) -> None:
    assert not lifecycle.is_lifecycle(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" ", Reason.EMPTY),
        (samples.status("205")[:300], Reason.DAMAGED),
        (
            samples.status("205").replace(b"<rsm:Cross", b"<!DOCTYPE a><rsm:Cross", 1),
            Reason.UNSAFE,
        ),
        (b"<a/>", Reason.NOT_STATUSES),
        (samples.cdar(), Reason.NO_STATUS),
        (samples.status("205", number=" "), Reason.NO_NUMBER),
        (samples.status("2O5"), Reason.NO_CODE),
        (samples.status("205", day="20261345"), Reason.BAD_DATE),
        (samples.status("212", amount="12,5"), Reason.BAD_AMOUNT),
        (samples.status("212", amount="1e9"), Reason.BAD_AMOUNT),
        (b"Numero;Code;Date\n", Reason.NO_STATUS),
        (b"Numero;Code;Date\nF1;205;demain\n", Reason.BAD_DATE),
        (b"Numero;Code;Date;Montant\nF1;212;12/10/2026;x\n", Reason.BAD_AMOUNT),
        (b"Nom;Ville\nDupont;Lyon\n", Reason.NOT_STATUSES),
    ],
)
def test_what_is_wrong_is_said(data: bytes, reason: Reason) -> None:
    assert refusal(data) == reason


def test_a_file_too_large_or_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lifecycle, "MAX_ROWS", 1)
    assert refusal(samples.TABLE.encode()) == Reason.TOO_MANY
    monkeypatch.setattr(lifecycle, "MAX_FILE", 10)
    assert refusal(samples.TABLE.encode()) == Reason.TOO_LARGE


@given(st.data())
def test_whatever_is_cut_or_changed_is_read_or_refused(data: st.DataObject) -> None:
    whole = (samples.status("212", amount="12.00"), samples.TABLE.encode())
    sample = bytearray(data.draw(st.sampled_from(whole)))
    for _change in range(data.draw(st.integers(0, 6))):
        sample[data.draw(st.integers(0, len(sample) - 1))] = data.draw(
            st.integers(0, 255)
        )
    cut = bytes(sample[: data.draw(st.integers(0, len(sample))) or None])
    lifecycle.is_lifecycle(cut)
    try:
        found = lifecycle.read(cut)
    except LifecycleError:
        return
    assert all(len(one.code) == 3 and one.number for one in found)
