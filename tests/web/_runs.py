"""A mass reminder just approved, its work and its pages."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relance.models import Channel, Level, Run, RunLine
from relance.services import run_work, runs
from tests import make


def late(of=None, **values):
    due = timezone.localdate() - timedelta(days=30)
    return make.invoice(of, due_date=due, issued_on=due - timedelta(days=30), **values)


def run_of(*wanted, number=1, by=None):
    """A run just approved, with these invoices by these channels."""
    now = timezone.now()
    run = Run.objects.create(
        number=number,
        request_key=uuid.uuid4(),
        approved_by=by,
        approved_at=now,
        made_on=timezone.localdate(),
    )
    level = Level.objects.get(rank=1)
    for position, (invoice, channel) in enumerate(wanted, start=1):
        RunLine.objects.create(
            run=run,
            position=position,
            group=position,
            invoice=invoice,
            customer=invoice.customer,
            level=level,
            channel=channel,
        )
    return run


@pytest.fixture
def run(alice):
    """A letter and two e-mails; one of them without an address."""
    without = make.customer(name="Sans adresse", email="")
    return run_of(
        (late(make.customer(name="Boulangerie Lumière")), Channel.LETTER),
        (late(make.customer(name="Atelier Brume")), Channel.EMAIL),
        (late(without), Channel.EMAIL),
        by=alice,
    )


def work(run):
    now, today = timezone.now(), timezone.localdate()
    while run_work.work(run.pk, now=now, today=today):
        pass
    runs.finish_if_done(run.pk, now)


def page(client, name, *args, query="", **headers):
    return client.get(reverse(name, args=args) + query, headers=headers)


def seen(client, name, *args, query="", **headers):
    response = page(client, name, *args, query=query, **headers)
    assert response.status_code == 200
    return response.content.decode()
