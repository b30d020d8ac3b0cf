"""Brings a warehouse to the tables of this release: numbered migrations in Redshift SQL, each applied once.

What was applied stands in `raw.schema_migrations` with a digest of its SQL; a warehouse that was made by a release
with another text is refused, because its tables may differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

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


@dataclass(frozen=True)
class Migration:
    """One numbered change: its statements run in one transaction together with the note that they did."""

    name: str
    statements: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256("\0".join(self.statements).encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """All migrations, in order: the files of `sql/`, and the raw tables made from the registry."""
    return tuple(sorted(_all(), key=lambda each: each.name))


def _all() -> Iterator[Migration]:
    yield Migration(_RAW, raw_tables())
    for entry in (files("dpc_assets.steps") / "sql").iterdir():
        if entry.name.endswith(".sql"):
            text = entry.read_text(encoding="utf-8")
            yield Migration(entry.name[: -len(".sql")], tuple(s.strip() for s in text.split(";\n") if s.strip()))


def run(run: Run, ports: Ports) -> Result:
    """Applies what is missing; `counts` says how many. Raises InputError for a warehouse of another release."""
    return Result(step="migrate", counts={"applied": apply(ports, migrations())})


def apply(ports: Ports, wanted: Iterable[Migration]) -> int:
    """Applies what is missing, in order; answers how many. Raises InputError for a warehouse of another release."""
    ports.warehouse.execute(_START, name="migrate-start")
    rows = ports.warehouse.fetch("SELECT name, digest FROM raw.schema_migrations", name="migrate-known")
    known = {str(name): str(digest) for name, digest in rows}
    applied = 0
    for each in wanted:
        if each.name not in known:
            note = f"INSERT INTO raw.schema_migrations VALUES ({sql_text(each.name)}, {sql_text(each.digest)})"
            statements = (*(statement.rstrip("; \n") for statement in each.statements), note)
            ports.warehouse.execute(statements, name=f"migrate-{each.name}")
            applied += 1
        elif known[each.name] != each.digest:
            raise InputError(
                f"the warehouse was made by another release: migration {each.name} differs. Give a new file with "
                "--warehouse and run all months again; the lake holds everything that is needed"
            )
    return applied
