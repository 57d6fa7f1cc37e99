"""Kept files, served to who may see them."""

from __future__ import annotations

import io

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from relance.gateways import pictures
from relance.gateways.storage import CorruptFile, MissingFile
from relance.models import Document
from relance.rules.permissions import Action
from relance.services import documents
from relance.web.access import may
from relance.web.http import WebRequest

# What a browser may show by itself; anything else is downloaded.
SHOWN = {"application/pdf"}


@require_GET
@may(Action.VIEW)
def page(request: WebRequest, pk: int, number: int) -> HttpResponse:
    """Return one page of a kept PDF as a picture."""
    found = _allowed(request, pk)
    try:
        picture = pictures.page_picture(documents.read(found), page=number)
    except (MissingFile, CorruptFile, pictures.NoSuchPage) as error:
        raise Http404(str(error)) from error
    return HttpResponse(picture, content_type="image/png")


@require_GET
@may(Action.VIEW)
@xframe_options_sameorigin
def document(request: WebRequest, pk: int) -> HttpResponseBase:
    """Return a kept file; a PDF opens in the browser, the rest is downloaded."""
    found = _allowed(request, pk)
    try:
        data = documents.read(found)
    except (MissingFile, CorruptFile) as error:
        raise Http404(str(error)) from error
    shown = found.media_type in SHOWN
    return FileResponse(
        io.BytesIO(data),
        as_attachment=not shown,
        filename=found.name,
        content_type=found.media_type if shown else "application/octet-stream",
    )


def _allowed(request: WebRequest, pk: int) -> Document:
    """Return a document; those of the letter paper are for who configures."""
    found = get_object_or_404(Document, pk=pk)
    if found.kind in Document.GUARDED and not request.user.may(Action.CONFIGURE):
        raise Http404
    return found
