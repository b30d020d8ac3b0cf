"""Idle sessions, for the next node: dbt closes its connection after every one, and no call closes a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_MARGIN_S = 10.0
"""A session that is this near to its end is left to it."""


class Sessions:
    """Of one place. The newest goes first, so that the others may end. Safe for threads."""

    def __init__(self, keep_alive: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep_alive = keep_alive
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[tuple[float, str]] = []

    def take(self) -> str:
        """ "" where none is left."""
        with self._lock:
            oldest = self._clock() - self._keep_alive + _MARGIN_S
            self._idle = [(since, session) for since, session in self._idle if since > oldest]
            return self._idle.pop()[1] if self._idle else ""

    def give(self, session: str) -> None:
        """After its last statement has ended, outside a transaction, without temporary tables in it."""
        with self._lock:
            self._idle.append((self._clock(), session))
