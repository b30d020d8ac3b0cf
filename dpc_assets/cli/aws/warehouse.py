"""The deployed warehouse, read: one statement over the Redshift Data API, its rows with the names of their columns."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from dpc_assets.cli.aws.account import Account
from dpc_assets.cli.errors import UsageError
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Row

DATABASE = "dpc"


def port(account: Account, workgroup: str) -> DataApiWarehouse:
    """The warehouse as the steps read it. Raises StepError where the warehouse refuses, CommandError where AWS does."""
    return DataApiWarehouse(_Client(account), DATABASE, workgroup)


def rows(account: Account, workgroup: str, sql: str, *, name: str) -> tuple[list[str], list[Row]]:
    """(columns, rows) of one statement, all pages; raises like `port`."""
    warehouse = port(account, workgroup)
    found = warehouse.fetch(sql, name=name)
    return warehouse.client.columns, found


def only_reads(sql: str) -> str:
    """The statement, where it is one that reads. Raises UsageError for anything else, and for what cannot be read."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it reads as a bare command
    try:
        statements = [each for each in sqlglot.parse(sql, read="redshift") if each is not None]
    except SqlglotError as error:
        raise UsageError(f"query: {' '.join(str(error).splitlines()[0].split())}") from error
    if len(statements) != 1:
        raise UsageError(f"query: expected one statement, found {len(statements)}")
    if not isinstance(statements[0], exp.Query) or statements[0].find(exp.Into, exp.DML, exp.DDL):
        raise UsageError("query: only reading is allowed: expected SELECT ... or WITH ... SELECT ...")
    return sql


class _Client:
    """boto3's client as DataApiWarehouse calls it, with the account's own words for what goes wrong."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.columns: list[str] = []

    def __getattr__(self, operation: str) -> Callable[..., Mapping[str, Any]]:
        return lambda **given: self._call(operation, given)

    def _call(self, operation: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._account.call("redshift-data", operation, **given)
        self.columns = [str(each["name"]) for each in answer.get("ColumnMetadata", ())] or self.columns
        return answer
