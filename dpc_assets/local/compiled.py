"""The dbt project without dbt: compile once, then run the compiled SQL on a DuckDB file as often as wanted.

For property tests and the parity test. `build` does what `dbt build` does to the tables (seeds, models, one submission
month replaced or all), without its tests, logs and start-up time. The raw and ref source tables must exist.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
_NO_MONTH = "000000"
_IN_MONTHS = re.compile(rf"([a-z_.]+) in \('{_NO_MONTH}'\)")


class CompileFailed(Exception):
    """dbt could not compile the project; the text is dbt's own output."""


@dataclass(frozen=True)
class CompiledModel:
    """One table of the project: `schema.name`, its compiled SELECT, and whether it is replaced month by month."""

    table: str
    sql: str
    monthly: bool


@dataclass(frozen=True)
class Seed:
    """One seed: its CSV and the (column, type) pairs it is loaded with."""

    table: str
    path: Path
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Compiled:
    """The project compiled for one target: seeds, and models in an order in which each finds what it reads."""

    seeds: tuple[Seed, ...]
    models: tuple[CompiledModel, ...]


def _manifest(target: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dpc-dbt-") as folder:
        arguments = ["compile", "--quiet", "--no-introspect", "--no-populate-cache", "--target", target]
        arguments += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", folder]
        arguments += ["--log-path", folder, "--vars", json.dumps({"months": _NO_MONTH})]
        done = subprocess.run(
            [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments],
            env=os.environ | {"DPC_WAREHOUSE": ":memory:"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CompileFailed(done.stdout + done.stderr)
        nodes: dict[str, Any] = json.loads(Path(folder, "manifest.json").read_text("utf-8"))["nodes"]
        return nodes


def _ordered(nodes: dict[str, Any]) -> list[str]:
    """Node ids, each after what it depends on; ties in alphabetical order."""
    order: list[str] = []

    def visit(node_id: str) -> None:
        if node_id in order or node_id not in nodes:
            return
        for parent in sorted(nodes[node_id]["depends_on"].get("nodes", [])):
            visit(parent)
        order.append(node_id)

    for node_id in sorted(nodes):
        visit(node_id)
    return order


@cache
def compiled(target: str = "duckdb") -> Compiled:
    """The project compiled for `duckdb` or `redshift`; about ten seconds the first time in a process."""
    nodes = {key: node for key, node in _manifest(target).items() if node["resource_type"] in ("model", "seed")}
    seeds, models = [], []
    for node_id in _ordered(nodes):
        node = nodes[node_id]
        table = f"{node['schema']}.{node['alias']}"
        if node["resource_type"] == "seed":
            types = tuple(node["config"]["column_types"].items())
            seeds.append(Seed(table, PROJECT / node["original_file_path"], types))
        elif node["config"]["materialized"] != "ephemeral":
            sql = node["compiled_code"].replace(f'"{node["database"]}".', "")
            models.append(CompiledModel(table, sql, node["config"]["materialized"] == "incremental"))
    return Compiled(tuple(seeds), tuple(models))


def with_months(sql: str, months: Sequence[str] | None) -> str:
    """The compiled SQL for these months ('202504'); None: for every month."""
    if months is None:
        return _IN_MONTHS.sub("1 = 1", sql)
    listed = ", ".join(f"'{month}'" for month in months)
    return _IN_MONTHS.sub(rf"\1 in ({listed})", sql)


def _load_seed(connection: duckdb.DuckDBPyConnection, seed: Seed) -> None:
    columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in seed.columns)
    connection.execute(
        f"create or replace table {seed.table} as select {columns} "
        f"from read_csv('{seed.path}', header = true, all_varchar = true, nullstr = '')"
    )


def _run_model(
    connection: duckdb.DuckDBPyConnection,
    model: CompiledModel,
    months: Sequence[str] | None,
    translate: Callable[[str], str],
) -> None:
    sql = translate(with_months(model.sql, months))
    if not model.monthly:
        connection.execute(f"create or replace table {model.table} as {sql}")
        return
    connection.execute(f"create table if not exists {model.table} as select * from ({sql}) where false")
    where = "" if months is None else " where submission_yyyymm in (" + ", ".join(f"'{m}'" for m in months) + ")"
    connection.execute(f"delete from {model.table}{where}")
    connection.execute(f"insert into {model.table} {sql}")


def build_with(
    connection: duckdb.DuckDBPyConnection,
    project: Compiled,
    months: Sequence[str] | None,
    translate: Callable[[str], str] = lambda sql: sql,
) -> None:
    """Seeds, monthly models for `months`, then everything else in full; `translate` sees each model's SQL first."""
    for schema in ("raw", "stage", "ref", "mart"):
        connection.execute(f"create schema if not exists {schema}")
    for seed in project.seeds:
        _load_seed(connection, seed)
    for model in project.models:
        _run_model(connection, model, months, translate)


def build(database: duckdb.DuckDBPyConnection | Path | str, months: Sequence[str] | None = None) -> None:
    """Builds stage, ref and mart in a DuckDB file or over an open connection.

    `months`: submission months to replace, '2025-04' or '202504'; None: every month in raw.
    """
    wanted = None if months is None else tuple(month.replace("-", "") for month in months)
    if isinstance(database, duckdb.DuckDBPyConnection):
        build_with(database, compiled(), wanted)
        return
    with closing(duckdb.connect(str(database))) as connection:
        build_with(connection, compiled(), wanted)
