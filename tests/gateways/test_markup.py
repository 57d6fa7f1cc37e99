"""Markdown with fields: what users type works, what values hold stays text."""

import html
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.gateways.markup import (
    Box,
    Heading,
    ListBlock,
    MarkupError,
    Paragraph,
    Span,
    TableBlock,
    clean,
    fill,
    fill_line,
    to_html,
    to_json,
    to_plain,
)

BOX = Box(lines=(("IBAN", "FR76 1390"), ("BIC", "AGRIFRPP")))
HOSTILE = "**x** <b>y</b> [z](http://a) `c` {facture.numero} [[si B2B]] # | a"


def spans(markdown, **values):
    (block,) = fill(markdown, {"client.nom": "Lefèvre", **values}, {})
    return block.spans


def test_bold_italic_and_line_breaks():
    assert spans("Bonjour **{client.nom}** et _merci_\nà vous") == (
        Span(text="Bonjour "),
        Span(text="Lefèvre", bold=True),
        Span(text=" et "),
        Span(text="merci", italic=True),
        Span(text="\n"),
        Span(text="à vous"),
    )


def test_bold_may_touch_a_field_and_a_letter():
    assert spans("l**{client.nom}**s")[1] == Span(text="Lefèvre", bold=True)


@pytest.mark.parametrize(
    "typed",
    [
        "<b>gras</b>",
        "[ici](http://mechant.example)",
        "![image](x.png)",
        "`code`",
        "http://site.example",
        "&nbsp; &amp;",
        "> cité",
        "---",
        "```sh",
    ],
)
def test_what_is_not_for_letters_stays_as_typed(typed):
    (block,) = fill(typed, {}, {})
    assert block == Paragraph(spans=(Span(text=typed),))


def test_indented_lines_are_ordinary_text():
    assert fill("    {a.b}", {"a.b": "x"}, {}) == (Paragraph(spans=(Span(text="x"),)),)


def test_titles_lists_and_tables():
    text = (
        "## Point\n\n- un\n- deux {a.b}\n\n1. premier\n\n"
        "| Quoi | Combien |\n|---|---:|\n| {a.b} | 2 |\n| **Total** | **2** |"
    )
    assert fill(text, {"a.b": "v"}, {}) == (
        Heading(level=2, spans=(Span(text="Point"),)),
        ListBlock(
            ordered=False,
            items=((Span(text="un"),), (Span(text="deux "), Span(text="v"))),
        ),
        ListBlock(ordered=True, items=((Span(text="premier"),),)),
        TableBlock(
            header=("Quoi", "Combien"),
            rows=(("v", "2"),),
            aligns=("left", "right"),
            total=("Total", "2"),
        ),
    )


def test_a_block_field_is_replaced_where_it_stands():
    text = "avant\n{coordonnees_bancaires}\naprès"
    blocks = {"coordonnees_bancaires": [BOX]}
    assert fill(text, {}, blocks) == (
        Paragraph(spans=(Span(text="avant"),)),
        BOX,
        Paragraph(spans=(Span(text="après"),)),
    )


@pytest.mark.parametrize("text", ["voici {x.y} ici", "- {x.y}", "# {x.y}"])
def test_a_block_field_inside_text_is_refused(text):
    with pytest.raises(MarkupError, match=r"x\.y"):
        fill(text, {}, {"x.y": [BOX]})


def test_a_field_without_value_is_refused():
    with pytest.raises(MarkupError, match=r"facture\.numero"):
        fill("n° {facture.numero}", {}, {})
    with pytest.raises(MarkupError, match=r"facture\.numero"):
        fill_line("n° {facture.numero}", {})


def test_a_value_on_several_lines_keeps_them():
    assert to_plain(fill("{a.b}", {"a.b": "12 rue\r\nLyon"}, {})) == "12 rue\nLyon"


def test_only_the_payment_link_becomes_a_link():
    text = "{societe.lien_paiement} {client.nom}"
    values = {"societe.lien_paiement": "https://payer.example/1?a=1&b=2"}
    page = to_html(fill(text, values | {"client.nom": "https://x.example"}, {}))
    assert page.count("<a ") == 1
    assert '<a href="https://payer.example/1?a=1&amp;b=2">' in page
    hostile = {"societe.lien_paiement": "javascript:alert(1)", "client.nom": ""}
    assert "<a" not in to_html(fill(text, hostile, {}))


def test_a_subject_is_one_line():
    values = {"client.nom": "A\r\nBcc: x@y.z\x00\u2028B"}
    assert fill_line("Facture {client.nom} ", values) == "Facture A Bcc: x@y.z B"


def test_plain_text_aligns_tables():
    table = TableBlock(
        header=("Facture", "Reste"),
        rows=(("FA1", "5,00 €"), ("FA22", "1 000,00 €")),
        aligns=("left", "right"),
        total=("Total", "1 005,00 €"),
    )
    assert to_plain([table, BOX]) == (
        "Facture       Reste\n"
        "-------------------\n"
        "FA1          5,00 €\n"
        "FA22     1 000,00 €\n"
        "Total    1 005,00 €\n"
        "\n"
        "  IBAN  FR76 1390\n"
        "  BIC   AGRIFRPP"
    )


def test_json_names_each_kind():
    blocks = fill("# a\n\nb\n\n- c\n\n{x.y}", {}, {"x.y": [BOX]})
    assert [block["kind"] for block in to_json(blocks)] == [
        "heading",
        "paragraph",
        "list",
        "box",
    ]
    assert to_json(blocks)[1]["spans"] == (
        {"text": "b", "bold": False, "italic": False, "href": ""},
    )


def test_an_empty_value_leaves_no_empty_line():
    values = {"signataire.nom": "Claire", "signataire.fonction": "", "a.b": ""}
    text = "{a.b}\n\n{signataire.nom}\n{signataire.fonction}\n{a.b}\nAteliers"
    assert fill(text, values, {}) == (
        Paragraph(spans=(Span(text="Claire"), Span(text="\n"), Span(text="Ateliers"))),
    )


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)


def _tags(page):
    parser = _Tags()
    parser.feed(page)
    return parser.tags


TEXT = (
    "# {a.b}\n\n{a.b} **{a.b}**\n\n- {a.b}\n\n| {a.b} | b |\n|---|---|\n| {a.b} | c |"
)


@given(st.text() | st.text(alphabet="*_<>&[]()#|-`{}!\\\"' \n.1ab"))
def test_a_value_is_never_markup(value):
    blocks = fill(TEXT, {"a.b": value}, {})
    page = to_html(blocks)
    plain_page = to_html(fill(TEXT, {"a.b": "x"}, {}))
    tags = [tag for tag in _tags(page) if tag not in ("br", "strong")]
    assert tags == [tag for tag in _tags(plain_page) if tag != "strong"]
    for line in clean(value).split("\n"):
        assert html.escape(line) in page
        assert line in to_plain(blocks)


def test_a_hostile_value_is_inert():
    blocks = fill("{client.nom}", {"client.nom": HOSTILE}, {})
    assert blocks == (Paragraph(spans=(Span(text=HOSTILE),)),)


@given(st.text(alphabet="*_<>&[]()#|-`!\\\"' \n.1ab\U000f0000"))
def test_whatever_is_typed_gives_blocks(text):
    page = to_html(fill(text, {}, {}))
    known = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table"}
    known |= {"tr", "td", "th", "strong", "em", "br"}
    assert set(_tags(page)) <= known


def test_lists_in_lists_are_laid_flat_and_tables_in_lists_left_out():
    text = "- un\n  - deux\n\n  encore\n- | a | b |\n  |---|---|"
    (block,) = fill(text, {}, {})
    assert isinstance(block, ListBlock)
    assert to_plain([block]).startswith("- un")
    assert "deux" in to_plain([block])


def test_html_of_every_kind_of_block():
    table = TableBlock(
        header=("", ""),
        rows=(("<a>", "1"),),
        aligns=("left", "right"),
        total=("T", "1"),
    )
    listed = ListBlock(ordered=True, items=((Span(text="x", bold=True),),))
    page = to_html([Heading(level=2, spans=(Span(text="&"),)), listed, table, BOX])
    assert page.startswith("<h2>&amp;</h2>\n<ol><li><strong>x</strong></li></ol>")
    assert "<th" not in page
    assert "&lt;a&gt;" in page
    assert "<strong>T</strong>" in page
    assert "<strong>FR76 1390</strong>" in page
    assert to_plain([listed]) == "1. x"
