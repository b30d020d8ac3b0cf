"""Rules over the SQL compiled for Redshift: what would run there with another result, and DuckDB cannot show.

Each rule is a function from one parsed SELECT to messages; RULES is the list. Reasons: Redshift's documentation of
integer arithmetic, AVG, character types, NUMERIC computations and POSIX operators; the Data API's statement size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp

from dpc_assets.formats.registry import FILE_TYPES, newest

STATEMENT_BYTES = 90_000
"""The Data API takes about 100 KB; CREATE TABLE AS adds its head."""

POINTS = frozenset(f.name for t in FILE_TYPES for f in newest(t).raw_fields if f.kind == "int")
"""Columns of up to nine digits: their products pass 2^31."""

PORTABLE = frozenset(
    [
        "coalesce",
        "nullif",
        "count",
        "sum",
        "max",
        "min",
        "abs",
        "round",
        "extract",
        "substring",
        "trim",
        "replace",
        "upper",
        "lower",
        "length",
        "row_number",
        "lead",
        "greatest",
        "case",
        "cast",
        "and",
        "or",
        "not",
        "concat",
        "dpipe",
        "if",
    ]
)
"""Functions that Redshift and DuckDB have with one meaning (as sqlglot names them, in lower case)."""

_PREDICATES = (exp.Predicate, exp.Connector, exp.Not, exp.Boolean, exp.RegexpLike)


def _where(node: exp.Expression) -> str:
    return node.sql("redshift")[:120]


def division_without_double(tree: exp.Expression) -> Iterator[str]:
    """7 / 2 is 3 on Redshift, and NUMERIC division picks its own scale: both sides have to be DOUBLE PRECISION."""
    for node in tree.find_all(exp.Div, exp.IntDiv):
        sides = [side.this if isinstance(side, exp.Nullif) else side for side in (node.left, node.right)]
        if not all(isinstance(side, exp.Cast) and side.to.is_type("double") for side in sides):
            yield f"division without casting both sides to DOUBLE PRECISION: {_where(node)}"


def modulo(tree: exp.Expression) -> Iterator[str]:
    """The sign of a remainder and its type differ between engines."""
    for node in tree.find_all(exp.Mod):
        yield f"remainder: {_where(node)}"


def average(tree: exp.Expression) -> Iterator[str]:
    """AVG of integers truncates on Redshift."""
    for node in tree.find_all(exp.Avg):
        if not (isinstance(node.this, exp.Cast) and node.this.to.is_type("double")):
            yield f"AVG of a value that is not cast to DOUBLE PRECISION: {_where(node)}"


def char_type(tree: exp.Expression) -> Iterator[str]:
    """CHAR(n) is padded with blanks and takes single-byte characters only."""
    for node in tree.find_all(exp.DataType):
        if node.is_type("char", "nchar", "bpchar"):
            yield f"CHAR type: {_where(node)}"


def varchar_length(tree: exp.Expression) -> Iterator[str]:
    """VARCHAR without a length is 256 bytes on Redshift; TEXT too."""
    for node in tree.find_all(exp.DataType):
        if node.is_type("text") or (node.is_type("varchar", "nvarchar") and not node.expressions):
            yield f"VARCHAR without a length: {_where(node)}"


def text_cut_by_cast(tree: exp.Expression) -> Iterator[str]:
    """A cast to VARCHAR(n) cuts text at n BYTES on Redshift (a kanji is 3) and not at all on DuckDB."""
    for node in tree.find_all(exp.Cast):
        numeric = isinstance(node.this, exp.Null | exp.Add | exp.Mul) or node.this.find(exp.Extract)
        if node.to.is_type("varchar") and not numeric:
            yield f"cast of text to VARCHAR: {_where(node)}"


def decimal_without_scale(tree: exp.Expression) -> Iterator[str]:
    """DECIMAL alone is (18, 0) on Redshift and (18, 3) on DuckDB."""
    for node in tree.find_all(exp.DataType):
        if node.is_type("decimal") and len(node.expressions) != 2:
            yield f"DECIMAL without precision and scale: {_where(node)}"


def product_of_integers(tree: exp.Expression) -> Iterator[str]:
    """INTEGER x INTEGER overflows at 2^31 on Redshift: one of the point columns has to be cast first."""
    for node in tree.find_all(exp.Mul):
        for side in (node.left, node.right):
            if isinstance(side, exp.Column) and side.name in POINTS:
                yield f"product of an INTEGER column without a cast: {_where(node)}"


def unguarded_cast(tree: exp.Expression) -> Iterator[str]:
    """A cast of delivered text raises on Redshift even for rows a filter drops: the CASE stands inside the cast."""
    reads_text = any(table.db == "raw" and table.name != "loads" for table in tree.find_all(exp.Table))
    for node in tree.find_all(exp.Cast):
        made_of_text = node.find(exp.Substring, exp.Trim) or (isinstance(node.this, exp.Column) and reads_text)
        inner = node.this.right if isinstance(node.this, exp.Mul) else node.this
        guarded = isinstance(inner, exp.Cast) or (isinstance(inner, exp.Case) and inner.args.get("default") is None)
        if made_of_text and not node.to.is_type("varchar") and not guarded:
            yield f"cast of delivered text without a guard inside it: {_where(node)}"


def boolean_aggregate(tree: exp.Expression) -> Iterator[str]:
    """Redshift has no MAX, MIN or SUM of BOOLEAN."""
    for node in tree.find_all(exp.Max, exp.Min, exp.Sum):
        column = isinstance(node.this, exp.Column) and node.this.name.startswith(("is_", "has_"))
        flag = isinstance(node.this, exp.Column) and node.this.name.endswith("_flag")
        if column or flag or isinstance(node.this, _PREDICATES):
            yield f"aggregate of a boolean: {_where(node)}"


def unordered_window(tree: exp.Expression) -> Iterator[str]:
    """A row number without an order, or an order without a say about NULLs, is another row on another engine."""
    for node in tree.find_all(exp.Window):
        if not node.args.get("order"):
            yield f"window without ORDER BY: {_where(node)}"
    for node in tree.find_all(exp.Ordered):
        if node.args.get("desc") and "NULLS" not in node.sql("redshift").upper() and not _never_null(node.this):
            yield f"descending order of a column that may be NULL, without NULLS FIRST or LAST: {_where(node)}"


def _never_null(node: exp.Expression) -> bool:
    if isinstance(node, exp.Coalesce):
        return isinstance(node.expressions[-1], (exp.Literal, exp.Cast))
    return isinstance(node, exp.Column) and node.name in ("submission_yyyymm", "service_yyyymm", "line_no", "source")


def regex_syntax(tree: exp.Expression) -> Iterator[str]:
    """Redshift's POSIX operator knows no (?...); a pattern is anchored, so that DuckDB's whole match finds the same."""
    for node in tree.find_all(exp.RegexpLike, exp.RegexpILike):
        pattern = node.expression.name
        if "(?" in pattern or not (pattern.startswith("^") and pattern.endswith("$")):
            yield f"pattern that engines read differently: {pattern}"


def unknown_function(tree: exp.Expression) -> Iterator[str]:
    """Only functions that both engines have with one meaning."""
    for node in tree.find_all(exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        if name.lower() not in PORTABLE and not isinstance(node, (exp.Predicate, exp.Connector)):
            yield f"function that is not on the list of portable ones: {name}"


def duckdb_syntax(tree: exp.Expression) -> Iterator[str]:
    """FILTER, GROUP BY ALL, * EXCLUDE / REPLACE: read by DuckDB only."""
    for node in tree.find_all(exp.Filter):
        yield f"FILTER: {_where(node)}"
    for node in tree.find_all(exp.Group):
        if node.args.get("all"):
            yield "GROUP BY ALL"
    for node in tree.find_all(exp.Star):
        if node.args.get("except_") or node.args.get("except") or node.args.get("replace"):
            yield f"star with EXCLUDE or REPLACE: {_where(node)}"


RULES: tuple[Callable[[exp.Expression], Iterator[str]], ...] = (
    division_without_double,
    modulo,
    average,
    char_type,
    varchar_length,
    text_cut_by_cast,
    decimal_without_scale,
    product_of_integers,
    unguarded_cast,
    boolean_aggregate,
    unordered_window,
    regex_syntax,
    unknown_function,
    duckdb_syntax,
)


def lint(sql: str) -> list[str]:
    """Messages of every rule over one compiled SELECT, `rule: message`."""
    if len(sql.encode()) > STATEMENT_BYTES:
        return [f"statement_size: {len(sql.encode())} bytes, at most {STATEMENT_BYTES}"]
    if "\\" in sql:
        return ["regex_syntax: backslash, which Redshift wants doubled and DuckDB does not"]
    tree = sqlglot.parse_one(sql, read="redshift")
    return [f"{rule.__name__}: {message}" for rule in RULES for message in rule(tree)]
