"""The Data API as it answers a warehouse's administrator: tables on DuckDB, and Redshift's rules of users and rights.

The rules are those of its Database Developer Guide: CREATE USER (no IF NOT EXISTS), ALTER DEFAULT PRIVILEGES (who makes
the objects needs CREATE in the schema), GRANT (not on an external resource inside a transaction).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps.store import FolderStore

_NAMES = re.compile(r'"([^"]+)"')
_CREATES = re.compile(r'GRANT [A-Z, ]*CREATE[A-Z, ]* ON SCHEMA (.+) TO "([^"]+)"')
_OF_OTHERS = re.compile(r'ALTER DEFAULT PRIVILEGES FOR USER "([^"]+)" IN SCHEMA (.+?) GRANT ')
_ALONE = ("CREATE EXTERNAL SCHEMA ", "GRANT ASSUMEROLE ", "GRANT USAGE ON SCHEMA lake ", "REVOKE ASSUMEROLE ")


class Administrator:
    """The client. `done`: what was kept, in order, one tuple a transaction. `refused`: a statement that fails."""

    def __init__(self, folder: Path) -> None:
        self._tables = DuckDBDataApi(folder / "redshift.duckdb", FolderStore(folder / "lake"))
        self._creates: set[tuple[str, str]] = set()
        self.users = {"dpc_owner"}
        self.schemas = {"raw"}
        self.done: list[tuple[str, ...]] = []
        self.names: list[str] = []
        self.tokens: list[str] = []
        self.secrets: list[str] = []
        self.refused = ""

    def batch_execute_statement(self, **request: Any) -> Any:
        statements = list(request["Sqls"])
        return self._run("batch_execute_statement", statements, {**request, "Sqls": self._seen(statements)})

    def execute_statement(self, **request: Any) -> Any:
        (told,) = self._seen([request["Sql"]], alone=True)
        return self._run("execute_statement", [request["Sql"]], {**request, "Sql": told})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def drop(self, user: str) -> None:
        """A person drops a user, with everything it may."""
        self.users.remove(user)
        self._creates = {each for each in self._creates if each[0] != user}

    def _run(self, operation: str, statements: list[str], request: dict[str, Any]) -> Any:
        again = request["ClientToken"] in self.tokens  # answered as before, and nothing is done
        self.names.append(request["StatementName"])
        self.tokens.append(request["ClientToken"])
        self.secrets.append(request["SecretArn"])
        answer = getattr(self._tables, operation)(**request)
        if self._tables.describe_statement(Id=answer["Id"])["Status"] == "FINISHED" and not again:
            self._keep(statements)
        return answer

    def _keep(self, statements: Sequence[str]) -> None:
        self.done.append(tuple(statements))
        for each in statements:
            if each.startswith("CREATE USER "):
                self.users |= set(_NAMES.findall(each))
            if each.startswith("CREATE EXTERNAL SCHEMA "):
                self.schemas.add("lake")
            self._creates |= _creates(each)

    def _seen(self, statements: Sequence[str], *, alone: bool = False) -> list[str]:
        """What the tables are asked instead: a statement that Redshift refuses fails with its words there too."""
        may = set(self._creates)
        found = []
        for each in statements:
            told = self._problem(each, may, alone)
            may |= _creates(each)
            users = ", ".join(f"('{user}')" for user in sorted(self.users))
            asked = each.replace("pg_user", f"(VALUES {users}) AS pg_user(usename)")
            found.append(f"SELECT CAST('{told}' AS INTEGER)" if told else asked)
        return found

    def _problem(self, statement: str, may_create: set[tuple[str, str]], alone: bool) -> str:
        names = _NAMES.findall(statement)
        if self.refused and statement.startswith(self.refused):
            return "the statement is refused"
        if statement.startswith("CREATE USER "):
            return "".join(f"user {name} already exists" for name in names if name in self.users)
        if not alone and statement.startswith(_ALONE):
            return f"{' '.join(statement.split()[:3])} cannot run inside a transaction block"
        if " SCHEMA lake " in statement and statement.startswith("GRANT") and "lake" not in self.schemas:
            return "schema lake does not exist"
        for user, schemas in _OF_OTHERS.findall(statement):
            for schema in schemas.split(", "):
                if (user, schema) not in may_create:
                    return f"permission denied for schema {schema}"
        return "".join(f"user {name} does not exist" for name in names if name not in self.users)


def _creates(statement: str) -> set[tuple[str, str]]:
    found = _CREATES.match(statement)
    return {(found[2], schema) for schema in found[1].split(", ")} if found else set()
