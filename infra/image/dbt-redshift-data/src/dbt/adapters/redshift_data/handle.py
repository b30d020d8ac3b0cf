"""dbt's connection: one session of the Data API, its transaction, and the statement that runs in it."""

from __future__ import annotations

import threading

from dbt.adapters.redshift_data.cursor import Cursor, Ended
from dbt.adapters.redshift_data.errors import Cancelled, OperationalError, ProgrammingError, SessionGone
from dbt.adapters.redshift_data.literals import STATEMENT_BYTES
from dbt.adapters.redshift_data.sessions import Sessions
from dbt.adapters.redshift_data.statements import Answer, Statements, failure
from dbt.adapters.redshift_data.words import Kind, kind


class Handle:
    """Used by one thread, but for `cancel`, which another may call at any time."""

    def __init__(self, statements: Statements, sessions: Sessions, lazy_begin: bool) -> None:
        self._statements = statements
        self._sessions = sessions
        self._lazy_begin = lazy_begin
        self._session = ""
        self._begin = ""  # what is yet to be sent
        self._in_transaction = False
        self._temporary = False  # the session holds tables that end with it
        self._sound = True  # its last statement has ended
        self._running = ""
        self._cancelled = threading.Event()

    def cursor(self) -> Cursor:
        return Cursor(self.execute, self._statements.pages)

    def execute(self, sql: str) -> Ended:
        """Raises the errors of `errors`. A statement that failed leaves its transaction to `rollback`."""
        what = kind(sql)
        if what is Kind.BEGIN and self._lazy_begin:
            self._begin = sql
            return Ended()
        if self._begin and what in (Kind.COMMIT, Kind.ROLLBACK):
            self._begin = ""
            return Ended()
        if self._begin and what is not Kind.QUERY:
            begin, self._begin = self._begin, ""
            self._run(begin, Kind.BEGIN)
        return self._run(sql, what)

    def rollback(self) -> None:
        if self._begin or self._in_transaction:
            self.execute("ROLLBACK")

    def cancel(self) -> None:
        """From now on nothing but ROLLBACK is sent. What runs is cancelled: here, or by who gets to know its Id."""
        self._cancelled.set()
        if running := self._running:
            self._statements.cancel(running)

    def close(self) -> None:
        """A session that holds a transaction or temporary tables is left to its keep-alive, which ends both."""
        if self._session and self._sound and not self._in_transaction and not self._temporary:
            self._sessions.give(self._session)
        self._session = ""

    def _run(self, sql: str, what: Kind) -> Ended:
        _refuse_long(sql)
        if self._cancelled.is_set() and what is not Kind.ROLLBACK:
            raise Cancelled("dbt was stopped: nothing more is sent to the warehouse")
        self._session = self._session or self._sessions.take()
        self._sound = False
        try:
            started = self._statements.submit(sql, self._session)
        except SessionGone as gone:
            held = self._lose()
            if held and what is Kind.ROLLBACK:  # which the end of the session was
                return Ended()
            if held:
                raise OperationalError(f"the session ended, and its {held} with it: {gone}") from gone
            started = self._statements.submit(sql, "")
        self._session = str(started.get("SessionId") or self._session)
        state = self._ended(started)
        self._sound = True
        if state["Status"] != "FINISHED":
            raise failure(state, self._cancelled.is_set())
        self._note(what)
        rows = self._statements.rows_changed(state) if what is Kind.ROWS else -1
        return Ended(str(started["Id"]), bool(state.get("HasResultSet")), rows)

    def _ended(self, started: Answer) -> Answer:
        self._running = str(started["Id"])
        try:
            return self._statements.ended(started, self._cancelled)
        except (KeyboardInterrupt, SystemExit):  # in the main thread, which nobody else cancels for
            self._statements.cancel(self._running)
            raise
        finally:
            self._running = ""

    def _lose(self) -> str:
        """What the session held. In a new one the rest of a transaction would commit by itself: there is no rest."""
        held = "transaction" if self._in_transaction else "temporary tables" if self._temporary else ""
        self._session, self._in_transaction, self._temporary = "", False, False
        return held

    def _note(self, what: Kind) -> None:
        if what is Kind.BEGIN:
            self._in_transaction = True
        elif what in (Kind.COMMIT, Kind.ROLLBACK):
            self._in_transaction = False
        elif what is Kind.TEMPORARY:
            self._temporary = True


def _refuse_long(sql: str) -> None:
    size = len(sql.encode())
    if size > STATEMENT_BYTES:
        raise ProgrammingError(
            f"a statement of {size} bytes: the Redshift Data API takes {STATEMENT_BYTES}. "
            "Split the model, or shorten the row of a seed or unit test that does not fit"
        )
