"""Browsers by what they really send."""

import pytest

from relance.rules.devices import device

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system", "pocket"),
    [
        (f"{WINDOWS} {BLINK} Safari/537.36", "Chrome", "Windows", False),
        (f"{WINDOWS} {BLINK} Safari/537.36 Edg/142.0.0.0", "Edge", "Windows", False),
        (f"{WINDOWS} {BLINK} Safari/537.36 OPR/124.0.0.0", "Opera", "Windows", False),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox",
            "Linux",
            False,
        ),
        (
            f"{MAC} {WEBKIT} Version/26.0 Safari/605.1.15",
            "Safari",
            "macOS",
            False,
        ),
        (
            f"{IPHONE} {WEBKIT} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome",
            "iPhone",
            True,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
            True,
        ),
        ("curl/8.11.0", "", "", False),
        ("", "", "", False),
    ],
)
def test_a_browser_and_its_system_are_named(user_agent, browser, system, pocket):
    found = device(user_agent)

    assert (found.browser, found.system, found.pocket) == (browser, system, pocket)
