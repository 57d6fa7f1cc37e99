"""What changed between two texts is shown line by line, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from relance.rules.text_diff import Change, compare


def shown(before, after):
    marks = {Change.SAME: "  ", Change.REMOVED: "- ", Change.ADDED: "+ "}
    return [
        marks[line.change]
        + "".join(f"<{p.text}>" if p.changed else p.text for p in line.parts)
        for line in compare(before, after)
    ]


def test_only_the_words_that_changed_are_marked():
    assert shown("Bonjour,\npayez vite svp", "Bonjour,\npayez bientôt svp") == [
        "  Bonjour,",
        "- payez <vite> svp",
        "+ payez <bientôt> svp",
    ]


def test_new_and_lost_lines_are_whole():
    assert shown("a\nb\nc", "a\nc\nd") == ["  a", "- b", "  c", "+ d"]


def test_a_text_that_was_not_there_is_all_new():
    assert shown("", "a\n\nb") == ["+ a", "+ ", "+ b"]


def test_lines_have_the_numbers_that_they_had():
    numbers = [(line.before, line.after) for line in compare("a\nb", "a\nx\nb")]
    assert numbers == [(1, 1), (0, 2), (2, 3)]


LINES = st.text(alphabet="ab \n", max_size=40)


@given(LINES, LINES)
def test_both_texts_are_there_whole(before, after):
    lines = compare(before, after)

    def told(kept):
        return "\n".join(
            "".join(part.text for part in line.parts)
            for line in lines
            if line.change in (Change.SAME, kept)
        )

    assert told(Change.REMOVED) == before
    assert told(Change.ADDED) == after
