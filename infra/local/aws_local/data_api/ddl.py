"""Tables and views as Redshift makes, renames and drops them, where DuckDB does it otherwise.

* Distribution, sort keys, encodings and `backup` mean nothing here; SVV_TABLE_INFO tells them (r_CREATE_TABLE_NEW).
* A view is bound to its tables unless made `with no schema binding`: it follows a rename, DROP refuses while it stands,
  DROP .. CASCADE drops it too (r_CREATE_VIEW, r_DROP_TABLE). DuckDB binds views by name and drops without asking.
* ALTER TABLE .. RENAME and COMMENT ON TABLE take views (r_ALTER_TABLE, r_COMMENT).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from aws_local.data_api import rights
from aws_local.data_api.refused import Refused
from dpc_assets.local.translate import in_duckdb

_ATTRIBUTE = (
    r"(?:backup\s+(?:no|yes)|diststyle\s+(?:even|key|all|auto)|distkey\s*\([^)]*\)|distkey\b|"
    r"(?:compound\s+|interleaved\s+)?sortkey\s*(?:\([^)]*\)|auto\b)|sortkey\b|encode\s+\w+)"
)
_NAME = r'(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))*'
_CREATE_TABLE = re.compile(
    rf"(\s*create\s+(?:local\s+)?(?:temp\s+|temporary\s+)?table\s+(?:if\s+not\s+exists\s+)?{_NAME}\s*)"
    rf"((?:{_ATTRIBUTE}\s*)*)(as\b.*|\(.*)",
    re.IGNORECASE | re.DOTALL,
)
_TEXT = r"'(?:[^']|'')*'"
_UNBOUND = re.compile(r"\bwith\s+no\s+schema\s+binding\s*;?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Physical:
    """What Redshift keeps of a table's layout on disk, and a view's binding."""

    diststyle: str | None = None
    sort_keys: tuple[str, ...] = ()
    bound: bool = True


def without_physical(statement: str) -> tuple[str, Physical]:
    """The statement without what it says about layout and binding, and that."""
    if found := _CREATE_TABLE.fullmatch(statement):
        head, attributes, rest = found.groups()
        if rest.startswith("("):  # the columns: their attributes, and those behind them
            pieces = re.split(f"({_TEXT})", rest)
            attributes += " ".join(each for piece in pieces[::2] for each in re.findall(_ATTRIBUTE, piece, re.I))
            rest = "".join(
                piece if number % 2 else re.sub(rf"\b{_ATTRIBUTE}", " ", piece, flags=re.IGNORECASE)
                for number, piece in enumerate(pieces)
            )
        return head + rest, _physical(attributes)
    bound, unbound = _UNBOUND.subn("", statement)
    return bound, Physical(bound=not unbound)


def _physical(attributes: str) -> Physical:
    low = " ".join(attributes.lower().split())
    key, style = re.search(r"distkey ?\(([^)]*)\)", low), re.search(r"diststyle (even|all|auto)", low)
    diststyle = f"KEY({key[1].strip()})" if key else style[1].upper() if style else None
    sort = re.search(r"sortkey ?\(([^)]*)\)", low)
    return Physical(diststyle, tuple(name.strip() for name in sort[1].split(",")) if sort else ())


class Definitions:
    """The warehouse's tables and views, as one session changes them inside its open transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, user: str) -> None:
        self._connection = connection
        self._user = user

    def create(self, tree: exp.Create, physical: Physical) -> None:
        """What was created is noted: layout, the owner's default privileges, what a view reads."""
        target = tree.find(exp.Table)
        properties = tree.args.get("properties")
        if target is None or (properties and properties.find(exp.TemporaryProperty)):
            return
        relation = _relation(target)
        if tree.kind == "VIEW":
            self._connection.execute("DELETE FROM _redshift.dependencies WHERE view = ?", [relation])
            for read in _read(tree) if physical.bound else ():
                self._connection.execute("INSERT INTO _redshift.dependencies VALUES (?, ?)", [relation, read])
        self._connection.execute("DELETE FROM _redshift.attributes WHERE relation = ?", [relation])
        keys = physical.sort_keys
        self._connection.execute(
            "INSERT INTO _redshift.attributes VALUES (?, ?, ?, ?, ?)",
            [relation, self._user, physical.diststyle, keys[0] if keys else None, len(keys)],
        )
        schema, _, name = relation.partition(".")
        rights.of_new_table(self._connection, schema, name, self._user)

    def rename(self, tree: exp.Alter, new: str) -> str:
        """DuckDB's SQL of ALTER TABLE .. RENAME TO; notes and views move along."""
        old = _relation(tree.this)
        kind = "VIEW" if self._is_view(old) else "TABLE"
        renamed = f"{old.partition('.')[0]}.{new.lower()}"
        for table, column in _NOTES:
            self._connection.execute(f"UPDATE _redshift.{table} SET {column} = ? WHERE {column} = ?", [renamed, old])
        target = tree.this.sql("duckdb")
        return f"ALTER {kind} {target} RENAME TO {exp.to_identifier(new, quoted=True).sql('duckdb')}"

    def drop(self, tree: exp.Drop) -> None:
        """Drops tables, views or schemas with what depends on them, or refuses as Redshift does."""
        exists, cascade = "IF EXISTS " if tree.args.get("exists") else "", bool(tree.args.get("cascade"))
        for target in tree.args["tables"]:
            if tree.kind == "SCHEMA":
                self._drop_schema(target.db, exists, cascade)
            else:
                self._drop(str(tree.kind), target, exists, cascade)

    def comment(self, tree: exp.Comment) -> str:
        """DuckDB's SQL of COMMENT ON, '' where it can hold none: a column of a view."""
        if tree.args["kind"].upper() in ("TABLE", "VIEW"):
            tree.set("kind", "VIEW" if self._is_view(_relation(tree.this)) else "TABLE")
            return in_duckdb(tree)
        parts = [part.name for part in tree.this.parts][:-1]
        relation = ".".join(parts[-2:] if len(parts) > 1 else ["public", *parts]).lower()
        return "" if self._is_view(relation) else in_duckdb(tree)

    def _drop(self, kind: str, target: exp.Table, exists: str, cascade: bool) -> None:
        relation = _relation(target)
        views = "SELECT DISTINCT view FROM _redshift.dependencies WHERE relation = ?"
        for (view,) in self._connection.execute(views, [relation]).fetchall():
            if not cascade:
                told = f"cannot drop {kind.lower()} {relation} because other objects depend on it: {view}"
                raise Refused(told)
            schema, _, name = view.partition(".")
            self._drop("VIEW", exp.table_(name, db=schema, quoted=True), "IF EXISTS ", cascade)
        self._connection.execute(f"DROP {kind} {exists}{target.sql('duckdb')}")
        for table, column in _NOTES:
            self._connection.execute(f"DELETE FROM _redshift.{table} WHERE {column} = ?", [relation])

    def _drop_schema(self, schema: str, exists: str, cascade: bool) -> None:
        name = exp.to_identifier(schema, quoted=True).sql("duckdb")
        self._connection.execute(f"DROP SCHEMA {exists}{name}{' CASCADE' if cascade else ''}")
        for table, column in _NOTES:
            self._connection.execute(
                f"DELETE FROM _redshift.{table} WHERE split_part({column}, '.', 1) = ?", [schema.lower()]
            )

    def _is_view(self, relation: str) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM _redshift.relations WHERE lower(relation) = ? AND kind = 'v'", [relation]
        )
        return bool(found.fetchall())


_NOTES = (("grants", "object"), ("attributes", "relation"), ("dependencies", "view"), ("dependencies", "relation"))


def _relation(table: exp.Table) -> str:
    """`schema.name` as the notes hold it."""
    return f"{table.db or 'public'}.{table.name}".lower()


def _read(tree: exp.Create) -> set[str]:
    """Relations that a view's query reads."""
    own = {each.alias_or_name.lower() for each in tree.find_all(exp.CTE)}
    tables = tree.expression.find_all(exp.Table) if tree.expression else ()
    return {_relation(table) for table in tables if table.db or table.name.lower() not in own}
