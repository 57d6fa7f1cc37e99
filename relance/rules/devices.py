"""What a browser says it is, in the words of the person who sits before it."""

from __future__ import annotations

from dataclasses import dataclass

# The first that is found counts: each of them also names those that come after it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, kw_only=True)
class Device:
    """The names of a browser and of a system; empty for what is not known."""

    browser: str
    system: str
    pocket: bool


def device(user_agent: str) -> Device:
    """Read a user agent (RFC 9110 § 10.1.5), which may say anything."""
    system = _first(_SYSTEMS, user_agent)
    return Device(
        browser=_first(_BROWSERS, user_agent),
        system=system,
        pocket=system in {"iPhone", "iPad", "Android"},
    )


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
