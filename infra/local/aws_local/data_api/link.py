"""One database session of the warehouse: Redshift's transactions and statements on a DuckDB connection.

docs.aws.amazon.com/redshift/latest/dg: r_BEGIN, r_COMMIT, r_ROLLBACK, r_TRUNCATE. A statement outside of BEGIN ..
COMMIT is a transaction of its own. After an error inside one, every statement but its end is refused. TRUNCATE commits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum

import duckdb
from sqlglot import exp

from aws_local.data_api import rights
from aws_local.data_api.catalog import from_catalog
from aws_local.data_api.ddl import Definitions, without_physical
from aws_local.data_api.refused import Refused
from dpc_assets.local import transfer
from dpc_assets.local.execute import Answer, move, run
from dpc_assets.local.translate import CannotTranslate, in_duckdb, parsed
from dpc_assets.steps.ports import ObjectStore

Lake = Callable[[str], ObjectStore]
"""The store that holds an `s3://` address."""

_COMMENTS = re.compile(r"\A(?:\s+|/\*.*?\*/|--[^\n]*(?:\n|\Z))+", re.DOTALL)
_BEGIN = re.compile(r"(?:begin|start)(?:\s+(?:work|transaction))?", re.IGNORECASE)
_COMMIT = re.compile(r"(?:commit|end)(?:\s+(?:work|transaction))?", re.IGNORECASE)
_ROLLBACK = re.compile(r"(?:rollback|abort)(?:\s+(?:work|transaction))?", re.IGNORECASE)
_WITHOUT_MEANING = re.compile(r"(?:analyze|lock|reset|set|vacuum)\b.*", re.IGNORECASE | re.DOTALL)
_ABORTED = "current transaction is aborted, commands ignored until end of transaction block"


class Transaction(Enum):
    """What a session is in."""

    NONE = "none"
    OPEN = "open"
    FAILED = "failed"


class Link:
    """A session of `user`, whose process is `pid`. One thread at a time; `interrupt` may come from any."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, user: str, pid: int, lake: Lake) -> None:
        self.user = user
        self.pid = pid
        self.transaction = Transaction.NONE
        self._connection = connection
        self._lake = lake

    def execute(self, statement: str) -> Answer:
        """Runs one statement; what it raises ended its transaction, or left the open one failed."""
        text = _COMMENTS.sub("", statement).strip().rstrip(";").rstrip()
        if _BEGIN.fullmatch(text):
            return self._begin()
        if _COMMIT.fullmatch(text) or _ROLLBACK.fullmatch(text):
            return self._end("COMMIT" if _COMMIT.fullmatch(text) else "ROLLBACK")
        if self.transaction is Transaction.FAILED:
            raise Refused(_ABORTED)
        if self.transaction is Transaction.OPEN:
            return self._inside(text)
        try:
            self._connection.execute("BEGIN TRANSACTION")
            answer = self._do(text, alone=True)
            self._connection.execute("COMMIT")
            return answer
        except BaseException:
            self._undo()
            raise

    def execute_all(self, statements: Sequence[str], ended: Callable[[Answer], None]) -> None:
        """Runs a batch as one transaction; `ended` hears each answer in order."""
        self._begin()
        try:
            for statement in statements:
                ended(self._inside(_COMMENTS.sub("", statement).strip().rstrip(";").rstrip()))
            self._end("COMMIT")
        except BaseException:
            self._end("ROLLBACK")
            raise

    def interrupt(self) -> None:
        """Stops what runs; harmless where nothing does."""
        with suppress(duckdb.ConnectionException):  # closed meanwhile
            self._connection.interrupt()

    def close(self) -> None:
        """What is not committed is lost."""
        self._undo()
        self._connection.close()

    def _begin(self) -> Answer:
        if self.transaction is Transaction.FAILED:
            raise Refused(_ABORTED)
        if self.transaction is Transaction.NONE:  # else: a warning in Redshift, there is a transaction in progress
            try:
                self._connection.execute("BEGIN TRANSACTION")
            except BaseException:
                self._undo()
                raise
            self.transaction = Transaction.OPEN
        return Answer()

    def _end(self, how: str) -> Answer:
        was, self.transaction = self.transaction, Transaction.NONE
        if was is Transaction.OPEN and how == "COMMIT":
            try:
                self._connection.execute("COMMIT")
            except BaseException:
                self._undo()
                raise
        elif was is not Transaction.NONE:  # a failed transaction's COMMIT is a ROLLBACK
            self._undo()
        return Answer()

    def _undo(self) -> None:
        self.transaction = Transaction.NONE
        while True:
            try:
                self._connection.execute("ROLLBACK")
                return
            except duckdb.InterruptException:  # who cancels may interrupt more often than needed
                continue
            except duckdb.Error:  # DuckDB has ended it already, or none was open
                return

    def _inside(self, text: str) -> Answer:
        try:
            return self._do(text, alone=False)
        except BaseException:
            self.transaction = Transaction.FAILED
            raise

    def _do(self, text: str, *, alone: bool) -> Answer:
        asked = transfer.parse(text)
        if asked is not None:
            return move(self._connection, asked, self._lake(asked.uri))
        if _WITHOUT_MEANING.fullmatch(text) or rights.note(self._connection, text, self.user, alone=alone):
            return Answer()
        plain, physical = without_physical(text)
        tree = from_catalog(parsed(plain), self.user, self.pid)
        if isinstance(tree, exp.Query):
            return run(self._connection, in_duckdb(tree), answers=True)
        definitions = Definitions(self._connection, self.user)
        if isinstance(tree, exp.Drop) and tree.kind in ("SCHEMA", "TABLE", "VIEW"):
            definitions.drop(tree)
            return Answer()
        if isinstance(tree, exp.Comment):
            told = definitions.comment(tree)
            return run(self._connection, told, answers=False) if told else Answer()
        if isinstance(tree, exp.Alter) and (new := _new_name(tree)):
            return run(self._connection, definitions.rename(tree, new), answers=False)
        answer = run(self._connection, in_duckdb(tree), answers=False)
        if isinstance(tree, exp.Create) and tree.kind in ("TABLE", "VIEW"):
            definitions.create(tree, physical)
        if isinstance(tree, exp.TruncateTable) and not alone:
            self._connection.execute("COMMIT")
            self.transaction = Transaction.NONE
        return answer


def _new_name(tree: exp.Alter) -> str:
    renames = [action for action in tree.args.get("actions") or () if isinstance(action, exp.AlterRename)]
    return str(renames[0].this.name) if renames else ""


REFUSALS = (Refused, CannotTranslate, transfer.TransferFailed)
