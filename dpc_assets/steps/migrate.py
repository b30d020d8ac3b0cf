"""Brings a warehouse to the tables of this release: numbered migrations in Redshift SQL, each applied once.

What was applied stands in `raw.schema_migrations` with a digest of its SQL; a warehouse that was made by a release
with another text is refused, because its tables may differ.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from string import Template

from dpc_assets.formats.ddl import raw_tables
from dpc_assets.steps.data_api import sql_text
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run

_RAW = "0002_raw_tables"
_START = (
    "CREATE SCHEMA IF NOT EXISTS raw",
    "CREATE TABLE IF NOT EXISTS raw.schema_migrations (name VARCHAR(100) NOT NULL, digest VARCHAR(64) NOT NULL)",
)
_ONLY = "-- redshift only"
_ALONE = "-- redshift only, each statement by itself"
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Migration:
    """One numbered change: its statements run in one transaction together with the note that they did.

    redshift_only: DuckDB knows no users, no grants and no external schemas; such a migration is safe to repeat.
    alone: Redshift refuses its statements in a transaction, so each runs by itself and the note comes last.
    A file of `sql/` says both in its first line.
    """

    name: str
    statements: tuple[str, ...]
    redshift_only: bool = False
    alone: bool = False

    @property
    def digest(self) -> str:
        return hashlib.sha256("\0".join(self.statements).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """Names of migrations, in order: applied now, and found applied."""

    applied: tuple[str, ...]
    known: tuple[str, ...]


def migrations() -> tuple[Migration, ...]:
    """Those of every warehouse, in order: schemas and tables, the raw ones made from the registry."""
    return tuple(each for each in _all() if not each.redshift_only)


def in_redshift(names: Mapping[str, str]) -> tuple[Migration, ...]:
    """Those that only Redshift has, in order. `names`: what stands for each `$name` of their SQL."""
    return tuple(
        replace(each, statements=tuple(Template(statement).substitute(names) for statement in each.statements))
        for each in _all()
        if each.redshift_only
    )


def _all() -> list[Migration]:
    return sorted(_each(), key=lambda each: each.name)


def _each() -> Iterator[Migration]:
    yield Migration(_RAW, raw_tables())
    for entry in (files("dpc_assets.steps") / "sql").iterdir():
        if entry.name.endswith(".sql"):
            yield _of_file(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"))


def _of_file(name: str, text: str) -> Migration:
    """Lines that begin with `--` are for the reader; statements end in `;` and a line end."""
    first = text.partition("\n")[0]
    statements = tuple(s.strip() for s in _COMMENT.sub("", text).split(";\n") if s.strip())
    return Migration(name, statements, redshift_only=first in (_ONLY, _ALONE), alone=first == _ALONE)


def run(run: Run, ports: Ports) -> Result:
    """Applies what is missing; `counts` says how many. Raises InputError for a warehouse of another release."""
    return Result(step="migrate", counts={"applied": len(apply(ports, migrations()).applied)})


def apply(ports: Ports, wanted: Sequence[Migration]) -> Outcome:
    """Applies what is missing, in order. Raises InputError like `noted`, WarehouseError where one is refused."""
    known = noted(ports, wanted)
    missing = [each for each in wanted if each.name not in known]
    for each in missing:
        _do(each, ports)
    return Outcome(tuple(each.name for each in missing), tuple(each.name for each in wanted if each.name in known))


def noted(ports: Ports, wanted: Sequence[Migration]) -> frozenset[str]:
    """Names of the applied migrations, of this release and others.

    Raises InputError that names every one of `wanted` that was applied with another text.
    """
    ports.warehouse.execute(_START, name="migrate-start")
    rows = ports.warehouse.fetch("SELECT name, digest FROM raw.schema_migrations", name="migrate-known")
    known = {str(name): str(digest) for name, digest in rows}
    changed = [each for each in wanted if known.get(each.name, each.digest) != each.digest]
    if changed:
        raise InputError("\n".join(_other_release(each, known[each.name]) for each in changed))
    return frozenset(known)


def forget(names: Sequence[str]) -> str:
    """The statement after which these migrations are applied again."""
    return f"DELETE FROM raw.schema_migrations WHERE name IN ({', '.join(map(sql_text, names))})"


def _do(each: Migration, ports: Ports) -> None:
    name = f"migrate-{each.name}"
    note = f"INSERT INTO raw.schema_migrations VALUES ({sql_text(each.name)}, {sql_text(each.digest)})"
    statements = [statement.rstrip("; \n") for statement in each.statements]
    if each.alone:
        for statement in statements:
            ports.warehouse.fetch(statement, name=name)
        statements = []
    ports.warehouse.execute([*statements, note], name=name)


def _other_release(each: Migration, applied: str) -> str:
    return (
        f"the warehouse was made by another release: migration {each.name} differs: expected the digest of the applied "
        f"one, {applied[:12]}, found {each.digest[:12]}. On a laptop, give a new file with --warehouse and run all "
        "months again; the lake holds everything that is needed. In AWS, deploy its old text and add a new migration"
    )
