"""What of Dolibarr demands attention: it does not answer, or was not read for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from relance.models import DolibarrConnection, User
from relance.queries import dolibarr as queries
from relance.queries.dashboard import Waiting
from relance.rules.permissions import Action
from relance.web.attention_items import BAD, WARN, Item

# A synchronisation or two may be missed: a night, a restart.
MISSED = 3


def dolibarr_items(waiting: Waiting, *, user: User, now: datetime) -> Iterator[Item]:
    """Say that the balances of Dolibarr's invoices may be old, and why."""
    ours = queries.connection() if waiting.connections else None
    if ours is None:
        return
    may_see = user.may(Action.EDIT_LEDGER)
    url, label = (reverse("dolibarr"), _("Dolibarr")) if may_see else ("", "")
    if ours.state == DolibarrConnection.State.FAILING:
        title = _("Dolibarr is not read at the moment.")
        yield Item(tone=BAD, title=title, words=ours.error, url=url, label=label)
    elif ours.last_sync_at and ours.every_hours:
        late = ours.last_sync_at < now - timedelta(hours=ours.every_hours * MISSED)
        if late:
            yield Item(
                tone=WARN,
                title=_("Dolibarr was not read for long."),
                words=_("Synchronise: what was paid there since is not known here."),
                url=url,
                label=label,
            )
