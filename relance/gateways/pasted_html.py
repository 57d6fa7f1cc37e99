"""Text pasted as HTML, as Dolibarr keeps it, turned into our Markdown."""

from __future__ import annotations

import html
import re

from markdownify import markdownify

# Only tags that texts of reminders are made of: "< 30 jours" is no HTML.
_TAG = re.compile(
    r"</?(?:p|br|div|span|b|strong|i|em|u|ul|ol|li|a|h[1-6]|table|tbody|thead|tr|td|th"
    r"|font|html|body|hr|blockquote|pre|s|img|center|head|script|style)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:nbsp|amp|eacute|egrave|agrave|ccedil|euro|#\d{2,5});")
# What comes with their content, and says nothing to a reader.
_UNSEEN = re.compile(
    r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
# Nobody writes a reminder nested deeper; a parser that recurses must not be asked to.
_DEEPEST = 100


def looks_like_html(text: str) -> str:
    """Return the first tag or entity of a text that is HTML, else nothing."""
    found = _TAG.search(text) or _ENTITY.search(text)
    return found.group() if found else ""


def to_markdown(text: str) -> str:
    """Return the words of some HTML with its bold, italics, titles and lists.

    Links become their words, pictures nothing, tables lines: letters have none.
    Fields and blocks stay as they were written. Text nested beyond reason is only
    freed of its tags.
    """
    visible = _UNSEEN.sub("", text)
    if not _TAG.search(visible):
        made = html.unescape(visible)
    elif _depth(visible) > _DEEPEST:
        made = html.unescape(_TAG.sub(" ", visible))
    else:
        made = markdownify(
            _one_line_each(visible),
            heading_style="atx",
            bullets="-",
            strip=["a", "img"],
            escape_asterisks=False,
            escape_underscores=False,
            escape_misc=False,
        )
    made = made.replace("\u00a0", " ")
    lines = [line.rstrip() for line in made.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _one_line_each(text: str) -> str:
    """Give each row of a table its paragraph: layouts are made of tables."""
    text = re.sub(r"(?i)</t[dh]>\s*<t[dh][^>]*>", " ", text)
    text = re.sub(r"(?i)<tr[^>]*>", "<p>", text)
    text = re.sub(r"(?i)</tr>", "</p>", text)
    return re.sub(r"(?i)</?(?:table|tbody|thead|tfoot|td|th)(?:\s[^<>]*)?>", "", text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for tag in re.finditer(r"<(/?)[a-zA-Z][^<>]*?(/?)>", text):
        if tag[1]:
            depth = max(depth - 1, 0)
        elif not tag[2] and not re.match(r"(?i)<(?:br|hr|img)\b", tag.group()):
            depth += 1
            deepest = max(deepest, depth)
    return deepest
