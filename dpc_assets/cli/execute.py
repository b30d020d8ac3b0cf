"""Runs the selected assets through Dagster in this process: partitioned ones month by month, then the others once."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster import AssetKey, DagsterEvent, DagsterInstance, Definitions, ExecuteInProcessResult

from dpc_assets.assets.archive import ARCHIVE as ARCHIVED
from dpc_assets.assets.automation import ARCHIVE, MARTS, MONTHLY
from dpc_assets.assets.partitions import MONTHS_TAG


@dataclass(frozen=True)
class Plan:
    """What is run. `first`: unpartitioned assets that months are made from; `last`: the other unpartitioned ones;
    `after`: what is of the day, not of the months."""

    months: tuple[str, ...]
    first: tuple[AssetKey, ...]
    by_month: tuple[AssetKey, ...]
    last: tuple[AssetKey, ...]
    after: tuple[AssetKey, ...]

    @property
    def assets(self) -> tuple[AssetKey, ...]:
        return (*self.first, *self.by_month, *self.last, *self.after)


@dataclass(frozen=True)
class Built:
    """One asset that was materialized: its month ('' where it has none), rows (None where not counted)."""

    key: str
    month: str
    rows: int | None


@dataclass(frozen=True)
class Check:
    """One failed check that blocks: a dbt test of severity error."""

    key: str
    name: str
    month: str


@dataclass(frozen=True)
class Execution:
    """One Dagster run. `failures`: (what failed, why), in words for a person."""

    run_id: str
    month: str
    built: tuple[Built, ...]
    failed_checks: tuple[Check, ...]
    failures: tuple[tuple[str, str], ...]
    success: bool


def plan(definitions: Definitions, chosen: set[AssetKey], months: Sequence[str]) -> Plan:
    """Splits the selection by what is partitioned; order within each part is the graph's."""
    graph = definitions.resolve_asset_graph()
    ordered = [key for key in graph.toposorted_asset_keys if key in chosen]
    by_month = [key for key in ordered if graph.get(key).partitions_def is not None]
    ancestors: set[AssetKey] = set()
    waiting = list(by_month)
    while waiting:
        parents = graph.get(waiting.pop()).parent_keys - ancestors
        ancestors |= parents
        waiting += parents
    after = tuple(key for key in ordered if key == ARCHIVED)
    others = [key for key in ordered if key not in {*by_month, *after}]
    return Plan(
        tuple(months),
        first=tuple(key for key in others if key in ancestors),
        by_month=tuple(by_month),
        last=tuple(key for key in others if key not in ancestors),
        after=after,
    )


def runs(work: Plan) -> Iterator[tuple[str, str, tuple[AssetKey, ...]]]:
    """(job, month or '', assets) of each Dagster run, in order. What months need first is in the first month's run."""
    for number, month in enumerate(work.months if work.by_month else ()):
        yield MONTHLY, month, (*(work.first if number == 0 else ()), *work.by_month)
    last = work.last if work.by_month else (*work.first, *work.last)
    if last:
        yield MARTS, "", last
    if work.after:
        yield ARCHIVE, "", work.after


def execute(definitions: Definitions, instance: DagsterInstance, work: Plan, logger: str) -> Iterator[Execution]:
    """Executes the plan, one Dagster run after the other. A failed month does not stop the next; what comes after is
    built from what there is. `logger`: the name of the definitions' logger that hears everything."""
    for job, month, assets in runs(work):
        tags = {MONTHS_TAG: ",".join(work.months)}
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=month or None,
            asset_selection=list(assets),
            raise_on_error=False,
            run_config={"loggers": {logger: {}}},
            tags={} if month else tags,
        )
        yield _execution(result, month)


def _execution(result: ExecuteInProcessResult, month: str) -> Execution:
    built, checks, failures = [], [], []
    for event in result.all_events:
        if event.is_step_materialization and event.asset_key is not None:
            built.append(Built(event.asset_key.to_user_string(), event.partition or "", rows_of(event)))
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            evaluation: Any = event.event_specific_data
            if not evaluation.passed and evaluation.blocking:
                checks.append(Check(evaluation.asset_key.to_user_string(), evaluation.check_name, month))
        elif event.is_step_failure:
            failures.append((event.step_key or "", _why(event.step_failure_data)))
    if not result.success and not failures:
        failures += [("run", _why(event.job_failure_data)) for event in result.all_events if event.is_job_failure]
    return Execution(result.run_id, month, tuple(built), tuple(checks), tuple(failures), result.success)


def rows_of(event: DagsterEvent) -> int | None:
    """The row count of a materialization, where it carries one."""
    metadata = event.materialization.metadata
    for name in ("dagster/partition_row_count", "dagster/row_count"):
        if name in metadata:
            return int(str(metadata[name].value))
    return None


def _why(data: Any) -> str:
    """A failure in words: the description of a Failure, else the innermost cause."""
    described = getattr(getattr(data, "user_failure_data", None), "description", None)
    if described:
        return str(described)
    error = data.error
    if error is None:
        return "no reason was recorded"
    while error.cause is not None:
        error = error.cause
    name = error.cls_name or ""
    text = error.message.strip()
    return text.removeprefix(f"{name}: ").strip() if "steps.errors" in text.split(":")[0] else text


@contextlib.contextmanager
def printing_to(log: Path) -> Iterator[None]:
    """What this process and its children print goes to the file meanwhile (dbt, libraries, captured logs)."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with log.open("a", buffering=1, encoding="utf-8") as stream:
        try:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
            with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
                yield
        finally:
            for number, descriptor in enumerate(kept, start=1):
                os.dup2(descriptor, number)
                os.close(descriptor)
