"""Redshift SQL to DuckDB SQL: sqlglot does the dialect; what it leaves is mended here, each with its reason."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_CACHED_CHARACTERS = 8192
_WITHOUT_MEANING = (
    "ALTER DEFAULT PRIVILEGES ",
    "ALTER USER ",
    "ANALYZE ",
    "CREATE EXTERNAL SCHEMA ",
    "CREATE USER ",
    "GRANT ",
    "LOCK ",
    "REVOKE ",
    "VACUUM ",
)
"""Beginnings of statements that change nothing which a DuckDB file has: users, rights, external schemas, statistics,
table locks."""


class CannotTranslate(ValueError):
    """The statement is not Redshift SQL that can run here; the text says where."""


def translate(statement: str) -> str:
    """One Redshift statement as DuckDB SQL, '' where it has no meaning there; raises CannotTranslate."""
    return _cached(statement) if len(statement) <= _CACHED_CHARACTERS else _translated(statement)


def _translated(statement: str) -> str:
    tree = parsed(statement)
    words = " ".join(statement.upper().split()) + " "
    return "" if words.startswith(_WITHOUT_MEANING) else in_duckdb(tree)


def parsed(statement: str) -> exp.Expr:
    """One statement as a tree; raises CannotTranslate where it is not one."""
    try:
        trees = [tree for tree in sqlglot.parse(statement, read="redshift") if tree is not None]
    except SqlglotError as error:
        raise CannotTranslate(str(error)) from error
    if len(trees) != 1:
        raise CannotTranslate(f"expected one statement, found {len(trees)}")
    return trees[0]


def in_duckdb(tree: exp.Expr) -> str:
    """A tree of Redshift's, used up by it, as DuckDB SQL; raises CannotTranslate for what one of the engines lacks."""
    if isinstance(tree, exp.Command):
        raise CannotTranslate(f"expected a statement that runs on both engines, found {tree.name.upper()} ...")
    if isinstance(tree, exp.Transaction | exp.Commit | exp.Rollback):
        raise CannotTranslate(f"expected no {_WORDS[type(tree)]}: a batch is one transaction")
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        tree = _table(tree)
    return tree.transform(_mended, copy=False).sql("duckdb", copy=False)


_WORDS = {exp.Transaction: "BEGIN", exp.Commit: "COMMIT", exp.Rollback: "ROLLBACK"}
_cached = lru_cache(maxsize=512)(_translated)


def _table(tree: exp.Create) -> exp.Create:
    """Distribution, sort keys and encodings mean nothing here; VARCHAR(n) counts bytes and is enforced, as there."""
    properties = tree.args.get("properties")
    kept = [each for each in properties.expressions if isinstance(each, exp.TemporaryProperty)] if properties else []
    tree.set("properties", exp.Properties(expressions=kept) if kept else None)
    for column in tree.find_all(exp.ColumnDef):
        constraints = column.args.get("constraints") or []
        column.set(
            "constraints", [c for c in constraints if not isinstance(c.args.get("kind"), exp.EncodeColumnConstraint)]
        )
        kind = column.args.get("kind")
        if isinstance(kind, exp.DataType) and kind.is_type("varchar") and kind.expressions:
            width = kind.expressions[0].this.name
            column.set("kind", exp.DataType.build("varchar"))
            column.append("constraints", exp.ColumnConstraint(kind=_at_most(column.name, width)))
    return tree


def _at_most(name: str, width: str) -> exp.CheckColumnConstraint:
    bytes_of = exp.Anonymous(this="strlen", expressions=[exp.column(name)])  # strlen: bytes of the UTF-8 text
    return exp.CheckColumnConstraint(this=exp.LTE(this=bytes_of, expression=exp.Literal.number(width)))


def _mended(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.AtTimeZone) and isinstance(node.this, exp.CurrentTimestamp):
        return _now()
    if isinstance(node, exp.CurrentTimestamp):  # GETDATE(), SYSDATE: TIMESTAMP without zone, in UTC
        return node if isinstance(node.parent, exp.AtTimeZone) else _now()
    if isinstance(node, exp.Table) and node.name.lower() == "pg_user" and not node.db:
        name = exp.TableAlias(this=exp.to_identifier(node.alias or "pg_user"))
        return exp.Subquery(this=exp.select("CURRENT_USER AS usename"), alias=name)  # a file has one user
    if isinstance(node, exp.ByteLength) or (isinstance(node, exp.Anonymous) and node.name.upper() == "OCTET_LENGTH"):
        return exp.Anonymous(
            this="strlen", expressions=[node.this] if isinstance(node.this, exp.Expr) else node.expressions
        )
    if isinstance(node, exp.Anonymous) and node.name.upper() == "ISNULL":
        return exp.Coalesce(this=node.expressions[0], expressions=node.expressions[1:])
    if isinstance(node, exp.GroupConcat) and isinstance(node.this, exp.Distinct):
        raise CannotTranslate("LISTAGG(DISTINCT ...): its separator is lost here; list a distinct subquery instead")
    if isinstance(node, exp.Like | exp.ILike) and not isinstance(node.parent, exp.Escape):
        pattern = node.expression
        if isinstance(pattern, exp.Literal) and "\\" in pattern.name:  # Redshift's LIKE escapes with a backslash
            return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))
    return node


def _now() -> exp.Expr:
    return sqlglot.parse_one("CAST(NOW() AT TIME ZONE 'UTC' AS TIMESTAMP)", read="duckdb")
