"""What a user of the warehouse may by the migrations, and what SQL takes: both as (privilege, place).

A place is a schema (`export`), all tables of one (`raw.*`) or a table (`ref.facility_master`). Which privilege a
statement takes: Redshift Database Developer Guide, GRANT, COPY and UNLOAD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp

from dpc_assets.local import transfer
from dpc_assets.steps import migrate
from dpc_assets.steps.access import names

Right = tuple[str, str]

NAMES = names("", "dpc_learning_dev_warehouse")
GRANTED = re.compile(
    r"GRANT (?P<what>[A-Z, ]+) ON "
    r'(ALL TABLES IN SCHEMA (?P<all>[a-z, ]+)|SCHEMA (?P<schemas>[a-z, ]+)|(?P<table>[a-z_.]+)) TO "(?P<user>[^"]+)"'
)
BY_ITSELF = {"USAGE"}
"""What every access to a schema takes beside the right itself."""


def granted(user: str) -> set[Right]:
    """Of the user that the migrations call `$user`."""
    found: set[Right] = set()
    for each in migrate.in_redshift(NAMES):
        for statement in each.statements:
            match = GRANTED.fullmatch(statement)
            if match and match["user"] == NAMES[user]:
                places = [f"{schema}.*" for schema in (match["all"] or "").split(", ") if schema]
                places += (match["schemas"] or match["table"] or "").split(", ") if not match["all"] else []
                found |= {(what, place) for what in match["what"].split(", ") for place in places}
    return found


def needed(statement: str) -> set[Right]:
    """Of tables in schemas: temporary ones, catalogs and names of the query itself are everybody's own."""
    asked = transfer.parse(statement)
    if isinstance(asked, transfer.Copy):
        return _with_usage({("INSERT", asked.table)})
    if isinstance(asked, transfer.Unload):
        return needed(asked.query)
    tree = sqlglot.parse_one(statement, read="redshift")
    return _with_usage(set(_of(tree)))


def _of(tree: exp.Expression) -> Iterator[Right]:
    read = {table for each in tree.find_all(exp.Table) if (table := _name(each))}
    target = tree.find(exp.Table) if isinstance(tree, exp.Insert | exp.Delete | exp.Create | exp.Drop) else None
    name = _name(target) if target is not None else ""
    if isinstance(tree, exp.Insert):
        yield from [("INSERT", name)] if name else []
    if isinstance(tree, exp.Delete):  # of which rows is a question, too
        yield from [("DELETE", name), ("SELECT", name)] if name else []
    if isinstance(tree, exp.Create | exp.Drop):  # who makes a table owns it, and may drop it
        yield from [("CREATE", name.partition(".")[0])] if name else []
    yield from (("SELECT", each) for each in read - {name})


def _name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}".lower() if table.db and table.db.lower() != "information_schema" else ""


def _with_usage(found: set[Right]) -> set[Right]:
    return found | {("USAGE", place.partition(".")[0]) for _, place in found}


def owned(right: Right, rights: Iterable[Right]) -> bool:
    """Whether it is about a table that the user itself makes, in a schema where only it may."""
    return ("CREATE", right[1].partition(".")[0]) in set(rights)


def allows(grant: Right, need: Right) -> bool:
    """Whether the one is enough for the other."""
    return grant[0] == need[0] and (
        grant[1] == need[1] or (grant[1].endswith(".*") and need[1].startswith(grant[1][:-1]))
    )
