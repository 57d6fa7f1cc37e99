"""How a service says no."""

from __future__ import annotations


class Refused(Exception):
    """What was asked is not done, and nothing was saved.

    The message is a sentence for the user, in their language: what happened and
    what to do. ``field`` names the input at fault, when there is one.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field
