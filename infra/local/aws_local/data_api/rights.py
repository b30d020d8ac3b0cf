"""Users, rights and external schemas: noted and listed, never enforced.

The rules that would refuse a migration are kept: CREATE USER knows no IF NOT EXISTS, names must exist, ALTER DEFAULT
PRIVILEGES of another user wants that user's CREATE in the schema, and rights on external resources are given outside of
a transaction (docs.aws.amazon.com/redshift/latest/dg: r_CREATE_USER, r_GRANT, r_ALTER_DEFAULT_PRIVILEGES,
r_CREATE_EXTERNAL_SCHEMA).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product

import duckdb

from aws_local.data_api.refused import Refused

ADMINISTRATOR = "dpc_owner"
"""The namespace's administrator (infra/terraform/modules/redshift); there from the start."""

_ALL = ("select", "insert", "update", "delete", "references")
_NAME = r'(?:"[^"]+"|[a-z_][a-z_0-9:$-]*)'
_LIST = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_RELATION = rf"{_NAME}(?:\.{_NAME}){{0,2}}"


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE | re.DOTALL)


_CREATE_USER = _rule(rf"create user (?P<user>{_NAME})(?: .*)?")
_DROP_USER = _rule(rf"drop user (?P<exists>if exists )?(?P<user>{_NAME})")
_ALTER_USER = _rule(rf"alter user (?P<user>{_NAME}) .*")
_ASSUMEROLE = _rule(rf"(?:grant|revoke) assumerole on .* (?:to|from) (?P<users>{_LIST}) for .*")
_ON_SCHEMA = _rule(
    rf"(?P<verb>grant|revoke) (?P<rights>.+?) on schema (?P<schemas>{_LIST}) (?:to|from) (?P<users>{_LIST})"
)
_ON_ALL = _rule(
    rf"(?P<verb>grant|revoke) (?P<rights>.+?) on all tables in schema (?P<schemas>{_LIST}) "
    rf"(?:to|from) (?P<users>{_LIST})"
)
_ON_TABLE = _rule(
    rf"(?P<verb>grant|revoke) (?P<rights>.+?) on (?:table )?(?P<relation>{_RELATION}) (?:to|from) (?P<users>{_LIST})"
)
_DEFAULTS = _rule(
    rf"alter default privileges (?:for user (?P<owner>{_NAME}) )?in schema (?P<schemas>{_LIST}) "
    rf"(?P<verb>grant|revoke) (?P<rights>.+?) on tables (?:to|from) (?P<users>{_LIST})"
)
_EXTERNAL = _rule(rf"create external schema (?P<exists>if not exists )?(?P<schema>{_NAME}) from data catalog .*")


def note(connection: duckdb.DuckDBPyConnection, statement: str, user: str, *, alone: bool) -> bool:
    """Does what a statement about users and rights says; False where it is about something else.

    alone: it runs outside of a transaction block. Raises Refused as Redshift refuses.
    """
    for rule, do in _RULES:
        if found := rule.fullmatch(statement.strip().rstrip(";").strip()):
            do(_Rights(connection, user, alone), found)
            return True
    return False


def of_new_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, owner: str) -> None:
    """Default privileges of the owner come to a table when it is made."""
    connection.execute(
        "INSERT INTO _redshift.grants SELECT DISTINCT 'table', ?, privilege, grantee FROM _redshift.default_grants "
        "WHERE owner = ? AND schema = ?",
        [f"{schema}.{table}", owner, schema],
    )


class _Rights:
    """The notes about rights, as one user changes them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, user: str, alone: bool) -> None:
        self._connection = connection
        self._user = user
        self._alone = alone

    def create_user(self, found: re.Match[str]) -> None:
        (user,) = _names(found["user"])
        if self._known("users", "usename", user):
            raise Refused(f'user "{user}" already exists')
        self._connection.execute("INSERT INTO _redshift.users VALUES (?, false)", [user])

    def drop_user(self, found: re.Match[str]) -> None:
        (user,) = _names(found["user"])
        if not found["exists"]:
            self._users(found["user"])
        for table, column in (("users", "usename"), ("grants", "grantee"), ("default_grants", "grantee")):
            self._connection.execute(f"DELETE FROM _redshift.{table} WHERE {column} = ?", [user])

    def alter_user(self, found: re.Match[str]) -> None:
        self._users(found["user"])

    def assume_role(self, found: re.Match[str]) -> None:
        self._outside("GRANT ASSUMEROLE")
        self._users(found["users"])

    def on_schema(self, found: re.Match[str]) -> None:
        schemas = self._schemas(found["schemas"])
        for schema in schemas:
            if self._known("external_schemas", "name", schema):
                self._outside("GRANT on an external schema")
        self._change("schema", schemas, found, ("create", "usage"))

    def on_all(self, found: re.Match[str]) -> None:
        tables = self._connection.execute(
            "SELECT relation FROM _redshift.relations WHERE list_contains(?, split_part(relation, '.', 1))",
            [self._schemas(found["schemas"])],
        ).fetchall()
        self._change("table", [relation for (relation,) in tables], found, _ALL)

    def on_table(self, found: re.Match[str]) -> None:
        parts = [part.strip('"').lower() for part in re.findall(_NAME, found["relation"], re.IGNORECASE)]
        relation = ".".join(parts[-2:] if len(parts) > 1 else ["public", *parts])
        if not self._known("relations", "relation", relation):
            raise Refused(f'relation "{relation}" does not exist')
        self._change("table", [relation], found, _ALL)

    def defaults(self, found: re.Match[str]) -> None:
        owner = _names(found["owner"])[0] if found["owner"] else self._user
        if found["owner"]:
            self._users(found["owner"])
        for schema in self._schemas(found["schemas"]):
            if found["owner"] and not self._may_create(owner, schema):
                raise Refused(f"permission denied for schema {schema}")
            for right, grantee in product(_rights(found["rights"], _ALL), self._users(found["users"])):
                note = [owner, schema, right, grantee]
                self._connection.execute(
                    "DELETE FROM _redshift.default_grants "
                    "WHERE owner = ? AND schema = ? AND privilege = ? AND grantee = ?",
                    note,
                )
                if found["verb"].lower() == "grant":
                    self._connection.execute("INSERT INTO _redshift.default_grants VALUES (?, ?, ?, ?)", note)

    def external_schema(self, found: re.Match[str]) -> None:
        self._outside("CREATE EXTERNAL SCHEMA")
        (schema,) = _names(found["schema"])
        if not self._known("pg_namespace", "nspname", schema):
            self._connection.execute("INSERT INTO _redshift.external_schemas VALUES (?)", [schema])
        elif not found["exists"]:
            raise Refused(f'schema "{schema}" already exists')

    def _change(self, kind: str, objects: Iterable[str], found: re.Match[str], every: tuple[str, ...]) -> None:
        users = self._users(found["users"])
        for note in product([kind], objects, _rights(found["rights"], every), users):
            self._connection.execute(
                "DELETE FROM _redshift.grants WHERE kind = ? AND object = ? AND privilege = ? AND grantee = ?", note
            )
            if found["verb"].lower() == "grant":
                self._connection.execute("INSERT INTO _redshift.grants VALUES (?, ?, ?, ?)", note)

    def _users(self, listed: str) -> list[str]:
        users = _names(listed)
        for user in users:
            if user.lower() != "public" and not self._known("users", "usename", user):
                raise Refused(f'user "{user}" does not exist')
        return users

    def _schemas(self, listed: str) -> list[str]:
        schemas = _names(listed)
        for schema in schemas:
            if not self._known("pg_namespace", "nspname", schema):
                raise Refused(f'schema "{schema}" does not exist')
        return schemas

    def _may_create(self, user: str, schema: str) -> bool:
        return bool(
            self._connection.execute(
                "SELECT 1 FROM _redshift.grants "
                "WHERE kind = 'schema' AND object = ? AND privilege = 'create' AND grantee = ?",
                [schema, user],
            ).fetchall()
        )

    def _known(self, view: str, column: str, name: str) -> bool:
        found = self._connection.execute(f"SELECT 1 FROM _redshift.{view} WHERE {column} = ?", [name])
        return bool(found.fetchall())

    def _outside(self, what: str) -> None:
        if not self._alone:
            raise Refused(f"{what} cannot run inside a transaction block")


_RULES: tuple[tuple[re.Pattern[str], Callable[[_Rights, re.Match[str]], None]], ...] = (
    (_CREATE_USER, _Rights.create_user),
    (_DROP_USER, _Rights.drop_user),
    (_ALTER_USER, _Rights.alter_user),
    (_ASSUMEROLE, _Rights.assume_role),
    (_ON_SCHEMA, _Rights.on_schema),
    (_ON_ALL, _Rights.on_all),
    (_ON_TABLE, _Rights.on_table),
    (_DEFAULTS, _Rights.defaults),
    (_EXTERNAL, _Rights.external_schema),
)


def _names(listed: str) -> list[str]:
    """Names as the database keeps them: those without quotes in lower case."""
    found = re.findall(_NAME, listed, re.IGNORECASE)
    return [name[1:-1] if name.startswith('"') else name.lower() for name in found]


def _rights(listed: str, every: tuple[str, ...]) -> list[str]:
    rights = [right.strip().lower() for right in listed.split(",")]
    return list(every) if rights in (["all"], ["all privileges"]) else rights
