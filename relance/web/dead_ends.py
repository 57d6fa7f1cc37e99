"""Addresses that lead nowhere: only a form may reach them, or nobody typed them."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
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


def refuse_null_characters(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 400 to a search or filter with a NUL, which PostgreSQL cannot hold.

    Forms refuse it field by field; what an address asks for is read in many places.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if any("\0" in value for _name, all_ in request.GET.lists() for value in all_):
            raise BadRequest
        return get_response(request)

    return middleware


def page_of(path: str) -> str:
    """Return the nearest page above an address, the home page if there is none."""
    parent = path.rstrip("/").rpartition("/")[0] + "/"
    try:
        resolve(parent)
    except Resolver404:
        return page_of(parent)
    return parent
