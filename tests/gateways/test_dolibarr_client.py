"""The way to Dolibarr: no answer is trusted before it is checked, and each that is
wrong has its own kind and its own sentence."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways.dolibarr_client import Client, address, is_near, without_nul
from relance.gateways.dolibarr_errors import SENTENCES, DolibarrError, Kind, judge
from tests.dolibarr_server import KEY, DolibarrServer, Fault, dolibarr


def client(server: DolibarrServer, **values):
    return Client(server.address, values.pop("key", KEY), pause=0.001, **values)


@pytest.fixture
def server():
    with dolibarr() as running:
        yield running


# --- the address ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://doli.example", "https://doli.example"),
        ("https://doli.example/", "https://doli.example"),
        ("  https://doli.example/dolibarr/ ", "https://doli.example/dolibarr"),
        ("https://doli.example/api/index.php", "https://doli.example"),
        ("https://doli.example/api/index.php/", "https://doli.example"),
        ("https://doli.example/d/api/index.php/explorer", "https://doli.example/d"),
        ("https://doli.example/index.php?mainmenu=home", "https://doli.example"),
        ("https://doli.example/d/htdocs/index.php", "https://doli.example/d/htdocs"),
        ("doli.example/dolibarr", "https://doli.example/dolibarr"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("http://[::1]:8090/", "http://[::1]:8090"),
        ("HTTPS://Doli.Example", "https://doli.example"),
    ],
)
def test_an_address_is_kept_in_one_form(typed, kept):
    assert address(typed) == kept
    assert address(kept) == kept


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", Kind.BAD_ADDRESS),
        ("dolibarr", Kind.BAD_ADDRESS),
        ("ftp://doli.example", Kind.BAD_ADDRESS),
        ("file:///etc/passwd", Kind.BAD_ADDRESS),
        ("javascript:alert(1)", Kind.BAD_ADDRESS),
        ("https://", Kind.BAD_ADDRESS),
        ("https://a b.example", Kind.BAD_ADDRESS),
        ("https://doli.example:99999", Kind.BAD_ADDRESS),
        ("https://admin:secret@doli.example", Kind.CREDENTIALS_IN_ADDRESS),
        ("https://doli.example\\@evil.example", Kind.CREDENTIALS_IN_ADDRESS),
    ],
)
def test_what_is_no_address_is_refused(typed, kind):
    with pytest.raises(DolibarrError) as refused:
        address(typed)

    assert refused.value.kind == kind
    assert "secret" not in refused.value.sentence % refused.value.values


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_an_address_or_a_refusal(typed):
    try:
        kept = address(typed)
    except DolibarrError:
        return
    assert kept.startswith(("http://", "https://"))
    assert address(kept) == kept


@pytest.mark.parametrize(
    ("base", "near"),
    [
        ("http://127.0.0.1:8090", True),
        ("http://192.168.1.20", True),
        ("http://dolibarr", True),
        ("http://dolibarr.lan", True),
        ("http://doli.example", False),
        ("http://203.0.113.7", True),
        ("http://8.8.8.8", False),
    ],
)
def test_what_is_on_the_own_network(base, near):
    assert is_near(base) is near


# --- answers --------------------------------------------------------------------


def test_the_key_goes_as_every_version_takes_it(server):
    with client(server) as opened:
        found = opened.row("status")

    assert found["success"]["dolibarr_version"] == "22.0.4"


def test_a_wrong_key_is_said_so_and_not_tried_again(server):
    with client(server, key="wrong") as opened, pytest.raises(DolibarrError) as failed:
        opened.row("status")

    assert failed.value.kind == Kind.KEY_REFUSED


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.HTML, Kind.NOT_DOLIBARR),
        (Fault.API_OFF, Kind.API_OFF),
        (Fault.NO_ROUTE, Kind.MODULE_OFF),
        (Fault.WRONG_IP, Kind.ADDRESS_REFUSED),
        (Fault.FORBIDDEN_ENDPOINT, Kind.ENDPOINT_FORBIDDEN),
        (Fault.UNAUTHORIZED, Kind.KEY_REFUSED),
        (Fault.FORBIDDEN, Kind.RIGHT_MISSING),
        (Fault.HALF_JSON, Kind.UNREADABLE),
        (Fault.MOVED, Kind.MOVED),
    ],
)
def test_what_another_attempt_would_not_mend_is_asked_once(server, fault, kind):
    server.spoil(fault, times=9)

    with client(server) as opened, pytest.raises(DolibarrError) as failed:
        opened.row("status")

    assert failed.value.kind == kind
    assert server._spoilt[0].times == 8


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.ERROR_500, Kind.SERVER_ERROR),
        (Fault.EMPTY_500, Kind.SERVER_ERROR),
        (Fault.CUT, Kind.UNREACHABLE),
    ],
)
def test_what_may_pass_is_tried_again_and_given_up_in_the_end(server, fault, kind):
    server.spoil(fault, times=2)
    with client(server) as opened:
        assert "success" in opened.row("status")

    server.spoil(fault, times=9)
    with client(server) as opened, pytest.raises(DolibarrError) as failed:
        opened.row("status")

    assert failed.value.kind == kind
    assert server._spoilt[1].times == 6


def test_a_slow_answer_is_not_waited_for(server):
    server.spoil(Fault.SLOW, times=9)

    with (
        client(server, timeout=0.05, attempts=2) as opened,
        pytest.raises(DolibarrError) as failed,
    ):
        opened.row("status")

    assert failed.value.kind == Kind.SLOW
    assert failed.value.values == {"value": "0.05"}


def test_nobody_at_the_address_is_unreachable():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with (
            Client(f"http://127.0.0.1:{port}", KEY, pause=0.001) as opened,
            pytest.raises(DolibarrError) as failed,
        ):
            opened.row("status")

    assert failed.value.kind == Kind.UNREACHABLE


def test_a_wrong_folder_shows_the_login_page_and_is_no_api():
    with (
        dolibarr(folder="/dolibarr") as server,
        Client(server.address.removesuffix("/dolibarr"), KEY) as opened,
        pytest.raises(DolibarrError) as failed,
    ):
        opened.row("status")

    assert failed.value.kind == Kind.NOT_DOLIBARR


def test_a_write_is_never_repeated(server):
    server.spoil(Fault.DONE_THEN_CUT, path="agendaevents")

    with client(server) as opened, pytest.raises(DolibarrError):
        opened.send("POST", "agendaevents", {"type_code": "AC_OTH", "label": "x"})

    assert len(server.events) == 1


def test_an_empty_list_is_empty_in_every_version():
    for version in ("20.0.2", "22.0.4", "24.0.0-beta"):
        with dolibarr(version) as server, client(server) as opened:
            for path in ("invoices", "thirdparties", "contacts"):
                assert opened.rows(path, {"limit": 5}) == []
            assert opened.rows("documents", {"modulepart": "invoice", "id": 9}) == []


def test_pages_follow_the_ids_whatever_leaves_the_list_meanwhile(server):
    for _nth in range(25):
        server.add_invoice(server.add_customer())

    with client(server) as opened:
        seen = []
        for page in opened.pages("invoices", {"status": "unpaid"}, size=10):
            seen += [int(row["id"]) for row in page]
            # Three that were read are paid before the next page is.
            for id in seen[-3:]:
                if len(seen) < 20:
                    server.pay(id, "1200")

    assert seen == list(range(1, 26))
    assert [len(asked) > 0 for asked in server.asked("invoices")] == [True] * 3


def test_pages_go_on_after_an_id(server):
    for _nth in range(5):
        server.add_invoice(server.add_customer())

    with client(server) as opened:
        pages = list(opened.pages("invoices", {"status": "unpaid"}, after=3))

    assert [[row["id"] for row in page] for page in pages] == [["4", "5"]]


def test_no_null_character_is_let_through():
    said = {"\x00CommonObject\x00x": ["a\x00b", 1, None], "ok": "ok"}

    assert without_nul(said) == {"CommonObjectx": ["ab", 1, None], "ok": "ok"}


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        # Version 16 answers 401 to a right that is missing.
        (401, "Unauthorized", Kind.RIGHT_MISSING),
        (401, "Unauthorized: Failed to login to API. Neither…", Kind.KEY_REFUSED),
        (403, "Forbidden", Kind.RIGHT_MISSING),
        (404, "Not Found: Invoice not found", Kind.NOT_FOUND),
        (400, "Bad Request: Bad syntax of filter", Kind.BAD_REQUEST),
        (503, "Error when retrieve invoice list : Unknown column", Kind.BAD_REQUEST),
        (500, "Internal Server Error", Kind.SERVER_ERROR),
        (501, "Not Implemented", Kind.MODULE_OFF),
    ],
)
def test_an_error_in_json_has_a_kind(status, said, kind):
    wrong = judge(status, content_type="application/json", text="{}", said=said)

    assert wrong is not None
    assert wrong.kind == kind


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_sentence(kind):
    assert SENTENCES[kind] % {"value": "x"}
