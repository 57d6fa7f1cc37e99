"""Devices that log in, and what their pages say."""

from __future__ import annotations

from django.test import Client

OLD, NEW = "correct horse battery", "cheval-agrafe-bleu"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def log_in(user, *, password=OLD, agent=FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def said(response) -> str:
    return response.content.decode()
