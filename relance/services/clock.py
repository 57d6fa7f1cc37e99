"""The clock, handed in by fronts and jobs: services never read it themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

# For work that lasts: each step is dated by its own moment, not by the first one's.
type Clock = Callable[[], datetime]
