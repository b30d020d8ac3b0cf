"""Sessions between two connections: dbt closes one after each node, and the service has no call that ends a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from redshift_connector import OperationalError

_OLDEST_S = 23 * 3600.0
"""The service ends a session after 24 hours, whatever runs in it."""

_MARGIN_S = 10.0
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Session:
    """`opened` and `used` are seconds of the pool's clock; `used`: when its last statement ended."""

    id: str
    opened: float
    used: float


class Pool:
    """Idle sessions of one warehouse; at most `limit` connections have one at a time.

    Abandoned sessions are not counted: they end by themselves when they have been idle for `keep_alive` seconds.
    """

    def __init__(self, limit: int, keep_alive: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._keep_alive = keep_alive
        self._clock = clock
        self._idle: list[Session] = []
        self._given = 0
        self._change = threading.Condition()

    def take(self) -> Session | None:
        """The session that was used last, None where a new one has to be made. Raises OperationalError where too many
        are out."""
        with self._change:
            if not self._change.wait_for(lambda: self._given < self._limit, _PATIENCE_S):
                raise OperationalError(
                    f"expected at most {self._limit} sessions at a time (max_sessions), and none became free within "
                    f"{_PATIENCE_S:.0f} s: use fewer threads, or raise max_sessions"
                )
            self._given += 1
            now = self._clock()
            self._idle = [each for each in self._idle if self._alive(each, now)]
            return self._idle.pop() if self._idle else None

    def give(self, session: Session | None) -> None:
        """Back from a connection; None where its session must not be used again."""
        with self._change:
            self._given -= 1
            if session is not None:
                self._idle.append(session)
            self._change.notify()

    def made(self, session_id: str) -> Session:
        now = self._clock()
        return Session(session_id, now, now)

    def now_used(self, session: Session) -> Session:
        return replace(session, used=self._clock())

    def _alive(self, session: Session, now: float) -> bool:
        return now - session.used < self._keep_alive - _MARGIN_S and now - session.opened < _OLDEST_S
