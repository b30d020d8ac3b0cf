"""Sessions of the Data API: each has a database session of its own, runs one statement at a time and ends when idle.

docs.aws.amazon.com/redshift/latest/mgmt/data-api.html, "Session reuse": SessionKeepAliveSeconds counts from the end of
a statement, a session lives 24 hours at most. What an id that is over is answered with is known from awslabs/mcp#4587;
the words for a busy session are ours.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from aws_local.data_api.link import Link
from aws_local.errors import AwsError

LONGEST = 86_400.0
"""Seconds after which a session is closed by force."""

MOST = 500
"""Sessions of one workgroup, as the service's guide has it (not confirmed on an account)."""


@dataclass(eq=False)
class Session:
    """One session. keep_alive: idle seconds until it ends; 0 ends it with its statement."""

    link: Link
    made: float
    keep_alive: int
    database: str
    workgroup: str
    secret: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    updated: float = 0.0
    running: str = ""
    closed: bool = False

    def over(self, now: float) -> bool:
        idle = not self.running and now >= self.updated + self.keep_alive
        return self.closed or idle or now >= self.made + LONGEST


class Sessions:
    """Every session of the server. now: seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sessions: dict[str, Session] = {}
        self._guard = threading.Lock()

    def start(self, session: Session, statement_id: str) -> None:
        """A new session that runs a statement already."""
        self.sweep()
        with self._guard:
            if sum(not each.closed for each in self._sessions.values()) >= MOST:
                raise AwsError("ActiveSessionsExceededException", f"Exceeded the maximum of {MOST} active sessions.")
            session.updated, session.running = self._now(), statement_id
            self._sessions[session.id] = session

    def take(self, session_id: str, statement_id: str, keep_alive: int | None) -> Session:
        """The session, now running the statement; refused where it is unknown, over or busy."""
        self.sweep()
        with self._guard:
            session = self._sessions.get(session_id)
            if session is None:
                raise AwsError("ValidationException", f"Session with Id: {session_id} is invalid.")
            if session.closed:
                raise AwsError("ValidationException", "Session is not available.")
            if session.running:
                raise AwsError("ValidationException", f"Session is busy: it is running {session.running}.")
            session.running = statement_id
            session.keep_alive = session.keep_alive if keep_alive is None else keep_alive
            return session

    def free(self, session: Session) -> None:
        """Its statement has ended."""
        with self._guard:
            session.running, session.updated = "", self._now()
            if session.closed:  # by force, while it ran
                session.link.close()
        self.sweep()

    def sweep(self) -> None:
        """Ends what is over: its transaction is rolled back, its temporary tables are gone."""
        now = self._now()
        with self._guard:
            ended = [each for each in self._sessions.values() if not each.closed and each.over(now)]
            for session in ended:
                session.closed = True
                session.updated = now
            forced = [each for each in self._sessions.values() if each.closed and each.running]
            self._sessions = {
                each.id: each for each in self._sessions.values() if not each.closed or now < each.updated + LONGEST
            }
        for session in forced:
            session.link.interrupt()
        for session in ended:
            if session not in forced:
                session.link.close()

    def open(self) -> list[Session]:
        with self._guard:
            return [each for each in self._sessions.values() if not each.closed]
