"""What a formal notice lacks, in words, with where to mend it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from relance.rules.formal_notice import Element

_WORDS: dict[Element, Callable[[], str]] = {
    Element.NOTICE_WORDS: lambda: _("the words “formal notice” in the text"),
    Element.DEMAND: lambda: _("the demand “we give you formal notice” in the text"),
    Element.INVOICES: lambda: _("the invoice with its date and due date in the text"),
    Element.SUMS: lambda: _("the sums claimed, one by one, in the text"),
    Element.DEADLINE: lambda: _("the last day to pay in the text"),
    Element.BANK_DETAILS: lambda: _("your IBAN"),
    Element.CONSEQUENCE: lambda: _("what happens without payment, in the text"),
    Element.LEGAL_EFFECT: lambda: _("article 1344 of the Civil Code in the text"),
    Element.PENALTY_BASIS: lambda: _("the legal basis of the penalties in the text"),
    Element.DISPUTE_CONTACT: lambda: _("how to contest the invoice"),
    Element.COMPANY_NAME: lambda: _("your company's name"),
    Element.COMPANY_ADDRESS: lambda: _("your company's address"),
    Element.COMPANY_SIREN: lambda: _("your SIREN number"),
    Element.CUSTOMER_NAME: lambda: _("the customer's name"),
    Element.CUSTOMER_ADDRESS: lambda: _("the customer's address"),
    Element.SIGNATORY: lambda: _("the signatory's name"),
    Element.PLACE_AND_DATE: lambda: _("your town, for the place and date"),
    Element.SENDING_MODE: lambda: _("how the letter is sent"),
    Element.READABLE_TEXT: lambda: _("a text without errors"),
}


def element_words(element: Element) -> str:
    """Return what is missing, in the active language."""
    return _WORDS[element]()
