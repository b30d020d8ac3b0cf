"""`dpc run`: the assets of one or more months, through Dagster, in this process."""

import argparse
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dpc_assets.cli import home as dagster_home
from dpc_assets.cli import places, show
from dpc_assets.cli.errors import UsageError

if TYPE_CHECKING:
    from dagster import DagsterInstance, Definitions

    from dpc_assets.cli.execute import Execution, Plan
    from dpc_assets.cli.outcome import Outcome
    from dpc_assets.cli.progress import Progress

_DELIVERIES = ("raw/submissions", "raw/loads")
"""Assets that, selected or above what is selected, make it matter who has delivered."""

_OF_NO_MONTH = ("ref", "archive")
"""Groups whose assets are the same whoever has delivered the months of the run."""


def run(options: argparse.Namespace, home: Path) -> int:
    from dpc_assets.cli import report

    months = places.months(options.month)
    address = places.existing_lake(options)
    warehouse = places.warehouse(options)
    log = None if options.verbose else dagster_home.log_file(home, "run")
    started = time.monotonic()
    from dpc_assets.cli.progress import Progress

    with Progress(log) as progress:
        progress.note("reading the definitions ...")
        definitions, work, judges = _plan(options.select, months)
        definitions = heard_by(definitions, progress)
        if options.dry_run:
            return _rehearse(options, home, warehouse, definitions, work, judges, progress, log)
        with _held(warehouse, f"dpc run {options.month}", progress):
            with dagster_home.instance(home) as instance:
                executions = _execute(definitions, instance, work, log)
            outcome = _outcome(address, warehouse, work, executions, judges, progress)
    shown = report.Shown(options.lang or show.default_lang(), address, warehouse, time.monotonic() - started, log)
    return report.finish(options.json, work, executions, outcome, shown)


def _plan(select: str | None, months: Sequence[str]) -> "tuple[Definitions, Plan, bool]":
    """Definitions, what to run, and whether who delivered what counts for the exit status."""
    from dpc_assets.assets.dbt_project import ensure_dbt_manifest
    from dpc_assets.assets.partitions import known_months
    from dpc_assets.formats.registry import FILE_TYPES, UnknownLayout, layout

    known = known_months()
    unknown = [month for month in months if month not in known]
    if unknown:
        raise UsageError(f"--month: {', '.join(unknown)}: expected a month from {known[0]} to {known[-1]}")
    try:
        for month in months:
            for file_type in FILE_TYPES:
                layout(file_type, month)
    except UnknownLayout as error:
        raise UsageError(f"--month: {error}") from error
    ensure_dbt_manifest()
    from dpc_assets.assets.archive import ARCHIVE
    from dpc_assets.cli import execute, selection
    from dpc_assets.definitions import defs

    graph = defs.resolve_asset_graph()
    runnable = sorted(key for key in graph.toposorted_asset_keys if graph.get(key).is_executable)
    chosen = selection.resolve(select, graph, runnable) if select else set(runnable) - {ARCHIVE}
    judges = any(key.to_user_string() in _DELIVERIES or graph.get(key).group_name not in _OF_NO_MONTH for key in chosen)
    return defs, execute.plan(defs, chosen, months), judges


def heard_by(definitions: "Definitions", progress: "Progress") -> "Definitions":
    """The definitions with a logger that `progress` hears."""
    from dagster import Definitions

    from dpc_assets.cli.progress import LOGGER

    return Definitions.merge(definitions, Definitions(loggers={LOGGER: progress.logger()}))


@contextlib.contextmanager
def _held(warehouse: Path, purpose: str, progress: "Progress") -> Iterator[None]:
    from dpc_assets.local import lock

    with lock.hold(warehouse, purpose, progress.say):
        yield


def _execute(
    definitions: "Definitions", instance: "DagsterInstance", work: "Plan", log: Path | None
) -> "tuple[Execution, ...]":
    from dpc_assets.cli import execute
    from dpc_assets.cli.progress import LOGGER

    with execute.printing_to(log) if log else contextlib.nullcontext():
        return tuple(execute.execute(definitions, instance, work, LOGGER))


def _outcome(
    address: str,
    warehouse: Path,
    work: "Plan",
    executions: "Sequence[Execution]",
    judges: bool,
    progress: "Progress",
) -> "Outcome":
    from dpc_assets.cli import outcome
    from dpc_assets.resources import LakeResource

    progress.note("reading the results ...")
    store = LakeResource().store()
    return outcome.of_run(store, warehouse, work.months, executions, judges=judges, tell=progress.say)


def _rehearse(
    options: argparse.Namespace,
    home: Path,
    warehouse: Path,
    definitions: "Definitions",
    work: "Plan",
    judges: bool,
    progress: "Progress",
    log: Path | None,
) -> int:
    """The run on copies in a temporary folder: the lake is read through an overlay, the warehouse file is copied."""
    from dagster import DagsterInstance

    from dpc_assets.cli import dry_run, report

    with tempfile.TemporaryDirectory(prefix="dpc-dry-run-") as folder:
        copy = dry_run.copy_warehouse(warehouse, Path(folder), progress.say)
        os.environ["DPC_WAREHOUSE"] = str(copy)
        os.environ["DPC_LAKE_OVERLAY"] = str(Path(folder) / "lake")
        try:
            with DagsterInstance.ephemeral() as instance:
                executions = _execute(definitions, instance, work, log)
            outcome = _outcome(os.environ["DPC_LAKE"], copy, work, executions, judges, progress)
            changes = dry_run.changes(warehouse, copy, progress.say)
        finally:
            os.environ["DPC_WAREHOUSE"] = str(warehouse)
            del os.environ["DPC_LAKE_OVERLAY"]
    progress.note("")
    return report.rehearsed(options.json, options.lang or show.default_lang(), work, changes, outcome)
