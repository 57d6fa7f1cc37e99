"""What may go wrong with a Dolibarr, each case with its sentence."""

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    BAD_ADDRESS = "bad_address"
    CREDENTIALS_IN_ADDRESS = "credentials_in_address"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    CERTIFICATE = "certificate"
    MOVED = "moved"
    NOT_DOLIBARR = "not_dolibarr"
    API_OFF = "api_off"
    MODULE_OFF = "module_off"
    ADDRESS_REFUSED = "address_refused"
    ENDPOINT_FORBIDDEN = "endpoint_forbidden"
    KEY_REFUSED = "key_refused"
    RIGHT_MISSING = "right_missing"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    SERVER_ERROR = "server_error"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"


def _(sentence: str) -> str:
    """Mark a sentence for the translators; the fronts word it."""
    return sentence


SENTENCES: Final = {
    Kind.BAD_ADDRESS: _(
        "“%(value)s” is not the address of a Dolibarr: it begins with https://, as in "
        "the address bar of your browser when you use Dolibarr."
    ),
    Kind.CREDENTIALS_IN_ADDRESS: _(
        "The address holds a user name or a password: take them out, the key alone "
        "opens Dolibarr."
    ),
    Kind.UNREACHABLE: _(
        "Dolibarr does not answer at this address (%(value)s). Check the address, and "
        "that Dolibarr can be reached from the machine on which Relance runs."
    ),
    Kind.SLOW: _(
        "Dolibarr is too slow: no answer within %(value)s seconds. Try again later."
    ),
    Kind.CERTIFICATE: _(
        "The connection to Dolibarr is not safe: its certificate is not valid "
        "(%(value)s). Have it renewed by whoever hosts Dolibarr."
    ),
    Kind.MOVED: _(
        "Dolibarr answers at another address: %(value)s. Enter that one if it is yours."
    ),
    Kind.NOT_DOLIBARR: _(
        "This address answers, but not as the API of Dolibarr. Enter the address of "
        "Dolibarr's home page, with its folder if it has one: "
        "https://example.com/dolibarr"
    ),
    Kind.API_OFF: _(
        "The API of Dolibarr is switched off. In Dolibarr: Home, Setup, "
        "Modules/Applications, switch on “API/Web services (REST server)”."
    ),
    Kind.MODULE_OFF: _(
        "Dolibarr does not know this request (%(value)s): the module is switched off, "
        "or this Dolibarr is too old."
    ),
    Kind.ADDRESS_REFUSED: _(
        "Dolibarr lets only some machines use its API, and this one is not among "
        "them (%(value)s). In Dolibarr: Home, Setup, Modules/Applications, API, "
        "restriction of addresses."
    ),
    Kind.ENDPOINT_FORBIDDEN: _(
        "Dolibarr's own settings forbid this request (%(value)s): constant "
        "API_ENDPOINT_RULES in Home, Setup, Other setup."
    ),
    Kind.KEY_REFUSED: _(
        "Dolibarr does not accept the key. In Dolibarr: card of the user, Modify, key "
        "for API, then copy it here whole; the user must be active."
    ),
    Kind.RIGHT_MISSING: _(
        "The user of the key lacks a right in Dolibarr (%(value)s). In Dolibarr: card "
        "of the user, tab Permissions."
    ),
    Kind.NOT_FOUND: _("Dolibarr has no such record (%(value)s)."),
    Kind.BAD_REQUEST: _("Dolibarr did not understand the request: %(value)s"),
    Kind.SERVER_ERROR: _(
        "Dolibarr met an error of its own (%(value)s). Try again later; if it lasts, "
        "ask whoever hosts Dolibarr to look at its log."
    ),
    Kind.UNREADABLE: _(
        "Dolibarr's answer cannot be read (%(value)s): it may have been cut short. "
        "Try again."
    ),
    Kind.TOO_LARGE: _("Dolibarr's answer is larger than %(value)s MB."),
}
# The machine may do better next time; the others answer the same again.
PASSING: Final = frozenset({Kind.UNREACHABLE, Kind.SLOW, Kind.SERVER_ERROR})


class DolibarrError(Exception):
    """Why Dolibarr did not do what was asked; its sentence is worded above."""

    def __init__(self, kind: Kind, value: str = "", *, status: int = 0) -> None:
        super().__init__(kind, value)
        self.kind = kind
        self.value = value[:200]
        self.status = status

    @property
    def sentence(self) -> str:
        return SENTENCES[self.kind]

    @property
    def values(self) -> dict[str, str]:
        return {"value": self.value}

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return self.kind in PASSING


def judge(
    status: int, *, content_type: str, text: str, said: str = "", path: str = ""
) -> DolibarrError | None:
    """Return what is wrong with an answer; nothing, when it may be trusted.

    ``text`` is the beginning of the body, ``said`` the message of its JSON. A
    status of 200 proves nothing: without output buffering PHP answers 200 with a
    sentence, and a wrong address shows a login page.
    """
    is_json = content_type.split(";")[0].strip().lower() == "application/json"
    if 200 <= status < 300 and is_json:
        return None
    if not is_json:
        return _without_json(status, text, path)
    return DolibarrError(_kind_of(status, said), said or path, status=status)


def _kind_of(status: int, said: str) -> Kind:
    if status == 401:
        # Old versions answer 401, new ones 403, to a right that is missing.
        about_key = re.search(r"api key|Failed to login|not valid", said, re.IGNORECASE)
        return Kind.KEY_REFUSED if about_key else Kind.RIGHT_MISSING
    # A bad column is a 503 with the text of SQL: asking again would not mend it.
    if status == 503 and "Error when retrieve" in said:
        return Kind.BAD_REQUEST
    known = {403: Kind.RIGHT_MISSING, 404: Kind.NOT_FOUND, 501: Kind.MODULE_OFF}
    if status in known:
        return known[status]
    return Kind.SERVER_ERROR if status >= 500 else Kind.BAD_REQUEST


def _without_json(status: int, text: str, path: str) -> DolibarrError:
    for mark, kind in (
        ("injection protection", Kind.BAD_REQUEST),
        ("API not found", Kind.MODULE_OFF),
        ("is forbidden by config API_ENDPOINT_RULES", Kind.ENDPOINT_FORBIDDEN),
        ("APIs are not allowed from the IP", Kind.ADDRESS_REFUSED),
    ):
        if mark in text:
            value = text.split("IP", 1)[-1].strip() if "the IP" in mark else path
            return DolibarrError(kind, value[:60], status=status)
    if re.search(r"<b>Api</b>|module Api\b", text[:400]) and "<html" not in text[:400]:
        return DolibarrError(Kind.API_OFF, status=status)
    if status == 401:
        return DolibarrError(Kind.KEY_REFUSED, status=status)
    if status >= 500 or (status == 200 and not text.strip()):
        return DolibarrError(Kind.SERVER_ERROR, str(status), status=status)
    return DolibarrError(Kind.NOT_DOLIBARR, str(status), status=status)
