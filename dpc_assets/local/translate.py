"""Redshift SQL to DuckDB SQL: sqlglot does the dialect; what it leaves is mended here, each with its reason."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


class CannotTranslate(ValueError):
    """The statement is not Redshift SQL that can run here; the text says where."""


@lru_cache(maxsize=512)
def translate(statement: str) -> str:
    """One Redshift statement as DuckDB SQL; raises CannotTranslate."""
    try:
        trees = [tree for tree in sqlglot.parse(statement, read="redshift") if tree is not None]
    except SqlglotError as error:
        raise CannotTranslate(str(error)) from error
    if len(trees) != 1:
        raise CannotTranslate(f"expected one statement, found {len(trees)}")
    tree = trees[0]
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        tree = _table(tree)
    return tree.sql("duckdb")


def _table(tree: exp.Create) -> exp.Expression:
    """Distribution and sort keys mean nothing here; VARCHAR(n) counts bytes and is enforced in Redshift, so here too."""
    tree.set("properties", None)
    for column in tree.find_all(exp.ColumnDef):
        kind = column.args.get("kind")
        if isinstance(kind, exp.DataType) and kind.is_type("varchar") and kind.expressions:
            width = kind.expressions[0].this.name
            check = exp.ColumnConstraint(
                kind=exp.CheckColumnConstraint(
                    this=exp.LTE(
                        this=exp.Anonymous(this="strlen", expressions=[exp.column(column.name)]),
                        expression=exp.Literal.number(width),
                    )
                )
            )
            column.set("kind", exp.DataType.build("varchar"))
            column.append("constraints", check)
    return tree
