"""``relance serve``: one command opens the site and works in the background."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.cli.conftest import RELANCE, environment


@pytest.fixture
def port():
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        return door.getsockname()[1]


@contextmanager
def serving(folder, port, *options, **variables):
    """Start the server and wait until it says it is open."""
    command = [*RELANCE, "serve", "--port", str(port), *options]
    server = subprocess.Popen(
        command,
        env=environment(folder) | variables,
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in server.stdout:
            if f"http://127.0.0.1:{port}" in line:
                break
        yield server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        server.communicate(timeout=40)


def test_a_new_folder_becomes_a_site_and_stops_cleanly(folder, port):
    with serving(folder, port, "--no-worker") as server:
        address = f"http://127.0.0.1:{port}/accounts/login/"
        with urllib.request.urlopen(address, timeout=10) as page:
            assert page.status == 200

    assert server.returncode == 0
    assert (folder / "relance.sqlite3").exists()


def ask(port, method, body=None, **headers):
    """Ask for the page of a first start as a server in front of it would."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, "/accounts/login/", body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()


def test_behind_https_pages_are_served_and_forms_accepted(folder, port):
    front = {"Host": "relance.example", "X_Forwarded_For": "192.0.2.7"}
    secure = front | {"X_Forwarded_Proto": "https"}
    variables = {"RELANCE_HTTPS": "true", "RELANCE_HOSTS": '["relance.example"]'}
    with serving(folder, port, "--no-worker", **variables):
        sent_away, _page = ask(port, "GET", **front, X_Forwarded_Proto="http")
        shown, page = ask(port, "GET", **secure)
        cookies = SimpleCookie(shown.getheader("Set-Cookie"))
        fields = {
            "csrfmiddlewaretoken": re.search(
                r'csrfmiddlewaretoken" value="(.+?)"', page
            )[1],
            "login": "claire@relance.example",
            "password": "not the one",
        }
        form = secure | {
            "Cookie": f"csrftoken={cookies['csrftoken'].value}",
            "Content_Type": "application/x-www-form-urlencoded",
            "Origin": "https://relance.example",
        }
        posted, _page = ask(port, "POST", urlencode(fields), **form)

    assert sent_away.status == 301
    assert sent_away.getheader("Location") == "https://relance.example/accounts/login/"
    assert shown.status == 200
    assert "max-age" in shown.getheader("Strict-Transport-Security")
    assert cookies["csrftoken"]["secure"]
    # The password is refused, not the form.
    assert posted.status == 200


def children(pid):
    """Return the children of a process, whichever of its threads started them."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for one in listed for child in one.read_text().split()]


def until(answer, seconds=20):
    """Wait for something true, by asking often; the limit is for a failure only."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = answer()
        if found:
            return found
    raise AssertionError("it never happened")


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs Linux's /proc")
def test_a_dead_worker_is_replaced_and_the_last_ends_with_the_server(folder, port):
    with serving(folder, port) as server:
        (first,) = until(lambda: children(server.pid))
        os.kill(first, signal.SIGKILL)
        (second,) = until(lambda: [c for c in children(server.pid) if c != first])

    assert server.returncode == 0
    until(lambda: not os.path.exists(f"/proc/{second}"))


def test_a_busy_port_is_said_in_words(folder, relance):
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        taken = str(door.getsockname()[1])
        done = relance("serve", "--port", taken, "--no-worker")

    assert done.returncode == 1
    assert taken in done.stderr
    assert "déjà utilisé" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_none_is_wrong_usage(relance):
    assert relance("serve", "--port", "70000").returncode == 2
