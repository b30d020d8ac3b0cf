"""A connection as dbt sees it, which is a session of the Data API, with the transaction that is open in it.

A statement of a transaction whose session was lost is never sent again by itself: the rest of it would be committed
one by one in another session. Such a transaction ends in an error, and so does the node.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt.adapters.redshift_data import calls, statements
from dbt.adapters.redshift_data.pool import Pool
from dbt.adapters.redshift_data.values import value
from redshift_connector import OperationalError, ProgrammingError

_ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})

_FIRST_WAIT_S = 2
"""The call that starts a statement waits no longer: until it answers, nobody can cancel."""

_PATIENCE_S = 60.0
"""How long a statement is sent again that the service has no room for."""


@dataclass(frozen=True)
class Warehouse:
    """Whom the connections of a process talk to. Times are in seconds; `wait` 0: poll with pauses."""

    client: Any
    workgroup_name: str
    database: str
    keep_alive: int
    wait: int
    pool: Pool


class Handle:
    """One connection. Used by one thread, but for `cancel`. `name` answers what the next statement is called."""

    def __init__(self, warehouse: Warehouse, name: Callable[[], str]) -> None:
        self._warehouse = warehouse
        self._name = name
        self._wait = warehouse.wait if calls.can_wait(warehouse.client) else 0
        self._session = warehouse.pool.take()
        self._in_transaction = False
        self._lost = ""  # why the open transaction cannot go on
        self._temporary: list[str] = []
        self._usable = True  # by another connection, afterwards
        self._closed = False
        self._guard = threading.Lock()
        self._running = ""
        self._cancelled = threading.Event()

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    def cursor(self) -> Cursor:
        return Cursor(self)

    def rollback(self) -> None:
        """Ends the open transaction. Raises OperationalError where that is not known to have happened."""
        if self._in_transaction and not self._lost:
            try:
                self.run("ROLLBACK")
            except calls.SessionLost:
                self._session = None  # and the service rolled back
            except Exception:
                self._usable = False
                raise
        self._in_transaction = False
        self._lost = ""

    def cancel(self) -> None:
        """From another thread: ends what runs, and lets nothing begin here any more."""
        with self._guard:
            self._cancelled.set()
            running = self._running
        if running:
            self._cancel(running)

    def close(self) -> None:
        """Hands the session on, where nothing of this connection is left in it."""
        if self._closed:
            return
        self._closed = True
        if self._in_transaction or self._cancelled.is_set():
            self._usable = False
        if self._usable and self._session and self._temporary:
            try:
                self._run(f"DROP TABLE IF EXISTS {', '.join(self._temporary)}", "drop", {})
            except (OperationalError, ProgrammingError):
                self._usable = False
        self._warehouse.pool.give(self._session if self._usable else None)

    def run(self, sql: str) -> tuple[str, Mapping[str, Any]]:
        """(id, last known state) of a statement that ended well; raises what it ended with otherwise."""
        word = statements.first_word(sql)
        if self._closed:
            raise OperationalError("the connection is closed")
        statements.refuse_long(sql, self._name())
        if word not in statements.ROLLS_BACK:
            if self._cancelled.is_set():
                raise OperationalError("cancelled: nothing runs in this connection any more")
            if self._lost:
                raise OperationalError(self._lost)
        if word in statements.SETS:
            self._usable = False
        if table := statements.temporary_table(sql):
            self._temporary.append(table)
        answer = self._run(sql, word, {"StatementName": self._name()[: statements.NAME_CHARACTERS]})
        if word in statements.BEGINS:
            self._in_transaction = True
        elif word in statements.ENDS:
            self._in_transaction = False
        return answer

    def describe(self, statement_id: str) -> Mapping[str, Any]:
        return calls.call(self._warehouse.client, "describe_statement", Id=statement_id)

    def page(self, statement_id: str, following: str | None) -> Mapping[str, Any]:
        more = {"NextToken": following} if following else {}
        return calls.call(self._warehouse.client, "get_statement_result", Id=statement_id, **more)

    def _run(self, sql: str, word: str, named: Mapping[str, str]) -> tuple[str, Mapping[str, Any]]:
        try:
            state = self._submitted(sql, word, named)
            statement_id = str(state["Id"])
            try:
                state = self._ended(statement_id, state)
            except BaseException:  # nobody may go on in this session while the statement may
                self._cancel(statement_id)
                raise
        except calls.SessionLost as lost:
            self._session = None
            if word in statements.ROLLS_BACK or not self._in_transaction:
                raise
            self._lost = (
                f"the session was lost inside a transaction, so all of it was rolled back and nothing is tried again "
                f"here; run the node again. {lost}"
            )
            raise OperationalError(self._lost) from lost
        except OperationalError:
            self._usable = False
            raise
        except ProgrammingError:
            raise
        except BaseException:
            self._usable = False
            raise
        finally:
            with self._guard:
                self._running = ""
            if self._session:
                self._session = self._warehouse.pool.now_used(self._session)
        if state["Status"] != "FINISHED":
            raise self._refused(statement_id, state)
        return statement_id, state

    def _submitted(self, sql: str, word: str, named: Mapping[str, str]) -> Mapping[str, Any]:
        """The service's answer to the statement. Outside a transaction, in place of a session that is gone, one more
        is made, once; not where the old one held what later statements need."""
        give_up, pause, again = time.monotonic() + _PATIENCE_S, 0.5, True
        while True:
            try:
                state = calls.call(self._warehouse.client, "execute_statement", Sql=sql, **named, **self._request())
                break
            except calls.SessionLost:
                if not again or self._in_transaction or self._temporary or not self._usable:
                    raise
                self._session, again = None, False
            except calls.NoRoom:
                if time.monotonic() >= give_up:
                    raise
                stopped = self._cancelled.wait(pause * random.uniform(0.7, 1.3))
                if stopped and word not in statements.ROLLS_BACK:
                    raise
                if stopped:
                    time.sleep(pause)
                pause = min(pause * 2, 8.0)
        if not state.get("SessionId"):
            raise OperationalError("Redshift Data API, execute_statement: expected a SessionId, found none")
        if self._session is None or self._session.id != state["SessionId"]:
            self._session = self._warehouse.pool.made(state["SessionId"])
        if word not in statements.ROLLS_BACK:  # a second Ctrl-C must not cancel what the first one asked for
            with self._guard:
                self._running = state["Id"]
                stopped = self._cancelled.is_set()
            if stopped:
                self._cancel(state["Id"])
        return state

    def _request(self) -> dict[str, Any]:
        """A token of its own for each attempt: an equal one would be answered with the attempt that failed."""
        where = (
            {"SessionId": self._session.id}
            if self._session
            else {"WorkgroupName": self._warehouse.workgroup_name, "Database": self._warehouse.database}
        )
        wait = {"WaitTimeSeconds": min(_FIRST_WAIT_S, self._wait)} if self._wait else {}
        return {
            **where,
            **wait,
            "SessionKeepAliveSeconds": self._warehouse.keep_alive,
            "ClientToken": uuid.uuid4().hex,
        }

    def _ended(self, statement_id: str, state: Mapping[str, Any]) -> Mapping[str, Any]:
        pause, wait = 0.05, self._wait
        while state.get("Status") not in _ENDED:
            if not wait:
                time.sleep(pause * random.uniform(0.7, 1.3))
                pause = min(pause * 1.5, 2.0)
            waiting = {"WaitTimeSeconds": wait} if wait else {}
            try:
                state = calls.call(self._warehouse.client, "describe_statement", Id=statement_id, **waiting)
            except calls.PollPlainly:
                wait = 0
        return state

    def _refused(self, statement_id: str, state: Mapping[str, Any]) -> Exception:
        if "Error" not in state:  # the answer to ExecuteStatement has none
            state = self.describe(statement_id)
        told = str(state.get("Error") or "no reason was given").strip()
        if state["Status"] == "FAILED":
            return ProgrammingError(f"{told} (statement {statement_id} of the Redshift Data API)")
        who = "dbt was stopped" if self._cancelled.is_set() else "by somebody else, or by a limit of the warehouse"
        return OperationalError(f"statement {statement_id} was cancelled ({who}): {told}")

    def _cancel(self, statement_id: str) -> None:
        """A statement that has ended meanwhile cannot be cancelled, which is as good."""
        try:
            calls.call(self._warehouse.client, "cancel_statement", Id=statement_id)
        except (OperationalError, ProgrammingError):
            self._usable = False


class Cursor:
    """What dbt uses of PEP 249. All pages are read by `execute`, so that what fails is an error of the statement."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.query_id: str | None = None

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._rows = []

    def execute(self, sql: str, bindings: Sequence[Any] | None = None) -> Cursor:
        self.description, self.rowcount, self._rows = None, -1, []
        self.query_id, state = self._handle.run(statements.bound(sql, bindings))
        if state.get("HasResultSet"):
            self._read(self.query_id)
        elif statements.first_word(sql) in statements.COUNTED:
            known = state if "ResultRows" in state else self._handle.describe(self.query_id)
            self.rowcount = int(known.get("ResultRows", -1))
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        found, self._rows = self._rows[:size], self._rows[size:]
        return found

    def fetchall(self) -> list[tuple[Any, ...]]:
        found, self._rows = self._rows, []
        return found

    def _read(self, statement_id: str) -> None:
        following: str | None = None
        while True:
            page = self._handle.page(statement_id, following)
            if self.description is None:
                self.description = [
                    (
                        each.get("label") or each["name"],
                        each.get("typeName", ""),
                        None,
                        each.get("length"),
                        each.get("precision"),
                        each.get("scale"),
                        each.get("nullable"),
                    )
                    for each in page["ColumnMetadata"]
                ]
            kinds = [str(each[1]) for each in self.description]
            self._rows += [tuple(map(value, record, kinds)) for record in page["Records"]]
            following = page.get("NextToken")
            if not following:
                self.rowcount = len(self._rows)
                return
