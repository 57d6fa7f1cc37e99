"""The help: a page for each screen, in the language of the screens."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from relance.gateways import manual
from relance.rules.permissions import Action
from relance.web.access import may, public
from relance.web.help_pages import PAGES, SETUP
from relance.web.http import WebRequest

WEBP = "image/webp"


@require_GET
@may(Action.VIEW)
def index(request: WebRequest) -> HttpResponse:
    """List the pages."""
    return _page(request, manual.INDEX)


@require_GET
@may(Action.VIEW)
def page(request: WebRequest, name: str) -> HttpResponse:
    """Explain a screen, with a way back to it."""
    if name not in {page.name for page in PAGES}:
        raise Http404
    return _page(request, name)


@require_GET
@may(Action.VIEW)
def picture(request: WebRequest, language: str, name: str) -> HttpResponse:
    """Return a picture of the pages: the made-up company, as every page shows it."""
    try:
        data = manual.picture(name, language=language)
    except manual.MissingPage as missing:
        raise Http404 from missing
    return HttpResponse(data, content_type=WEBP)


@require_GET
@public
def of_setup(request: WebRequest) -> HttpResponse:
    """Explain the set-up to whoever installs Relance: nobody can log in yet."""
    shown = manual.page(_markdown(SETUP), address=_inside)
    return render(request, "relance/help/setup.html", {"manual": shown})


def came_from(request: HttpRequest) -> str:
    """Return the address of the screen that opened the help; only one of ours."""
    back = request.GET.get("from", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(
        back, allowed_hosts=None
    )
    return back if ours else ""


def _page(request: WebRequest, name: str) -> HttpResponse:
    back = came_from(request)
    query = f"?{urlencode({'from': back})}" if back else ""

    def address(said: str) -> str:
        return _address(said, query)

    shown = manual.page(_markdown(name), address=address)
    context = {
        "manual": shown,
        "back": back,
        "index": "" if name == manual.INDEX else reverse("help") + query,
    }
    return render(request, "relance/help/page.html", context)


def _markdown(name: str) -> str:
    try:
        return manual.read(name, language=get_language() or "fr")
    except manual.MissingPage as missing:
        raise Http404 from missing


def _address(said: str, query: str) -> str:
    """Return where a file of the help is served; other addresses as they are."""
    target, mark, place = said.partition("#")
    if target.endswith(".webp"):
        return reverse("help-picture", args=[get_language(), _stem(target)])
    if not target.endswith(".md"):
        return said
    name = _stem(target)
    url = reverse("help") if name == manual.INDEX else reverse("help-page", args=[name])
    return f"{url}{query}{mark}{place}"


def _inside(said: str) -> str:
    """Put pictures in the page itself; other pages open once somebody can log in."""
    if not said.endswith(".webp"):
        return _address(said, "")
    data = manual.picture(_stem(said), language=get_language() or "fr")
    return f"data:{WEBP};base64,{b64encode(data).decode()}"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
