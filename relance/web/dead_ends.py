"""Addresses that only a form may reach, opened by a link, a reload or a login."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

OPENED = {"GET", "HEAD"}


def explain_dead_ends(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Show a page that leads back, where the browser would show nothing at all.

    It happens to whoever changes the language after a refused form, or logs in
    again after a form sent too late. The status stays 405: nothing was done.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 405 or request.method not in OPENED:
            return response
        shown = render(request, "405.html", {"back": page_of(request.path)}, status=405)
        shown["Allow"] = response.headers.get("Allow", "POST")
        return shown

    return middleware


def page_of(path: str) -> str:
    """Return the nearest page above an address, the home page if there is none."""
    parent = path.rstrip("/").rpartition("/")[0] + "/"
    try:
        resolve(parent)
    except Resolver404:
        return page_of(parent)
    return parent
