"""``relance access``: the way back in, from the computer where Relance runs."""

from __future__ import annotations

import argparse
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from relance.gateways import wording
from relance.management.terminal import Exit, TerminalCommand, named_user
from relance.services import access_links, second_factor
from relance.services.refusal import Refused


class Command(TerminalCommand):
    summary = "Make a link to choose a new password, for who is locked out"
    example = "relance access claire@vauban.example --remove-second-factor"
    prints_json = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email", help=_("the address that logs in"))
        parser.add_argument(
            "--site",
            default="http://127.0.0.1:8000",
            help=_("where Relance answers (http://127.0.0.1:8000 by default)"),
        )
        parser.add_argument(
            "--remove-second-factor",
            action="store_true",
            help=_("telephone, key and recovery codes are lost too"),
        )

    def run(
        self,
        *,
        email: str,
        site: str,
        remove_second_factor: bool,
        json: bool,
        **_o: Any,
    ) -> Exit:
        user, now, ended = named_user(email), timezone.now(), Exit.DONE
        if remove_second_factor:
            # Whoever types here has the database itself: no password to ask.
            try:
                second_factor.remove(user, password_given=True, by=None, now=now)
            except Refused as refused:
                self.stderr.write(refused.message)
                ended = Exit.PARTLY
        made = access_links.link_to_show(user, site=site.rstrip("/"), now=now)
        if json:
            self.answer({"url": made.url, "expires_at": made.expires_at})
            return ended
        local = timezone.localtime(made.expires_at)
        words = _(
            "Open this link in a browser. It works once, until %(day)s, %(hour)s:"
        )
        day, hour = wording.short_date(local), f"{local:%H:%M}"
        self.console.print(words % {"day": day, "hour": hour})
        self.console.print(made.url, markup=False)
        return ended
