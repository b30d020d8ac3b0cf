"""Exports the marts as Parquet, month by month, and writes what says that a month is whole last.

A month is exported when its rows differ from what was exported last, or when its `_SUCCESS` is missing. Order: delete
`_SUCCESS`, UNLOAD every dataset, keep a copy of what was exported, write `_SUCCESS`. So an interrupted export leaves no
`_SUCCESS`, and the next one replaces everything. Months that a CRITICAL finding holds are left as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from dpc_assets.steps import dictionary, lake
from dpc_assets.steps.data_api import sql_text
from dpc_assets.steps.errors import DataHeld
from dpc_assets.steps.ports import ObjectStore, Ports, Warehouse
from dpc_assets.steps.run import Result, Run, compact, dashed

DATASETS = {
    "fact_stay": ("facility_code", "patient_data_id", "admission_date", "same_day_no"),
    "facility_monthly": ("facility_code", "yyyymm"),
    "dpc_monthly": ("facility_code", "yyyymm", "dpc_code"),
    "cost_monthly": ("facility_code", "yyyymm", "data_category"),
    "submission_board": ("facility_code", "yyyymm", "file_type"),
}
"""Mart table = dataset; its grain, which orders the exported rows. Each has the month in `yyyymm`."""

UNLOAD_OPTIONS = "IAM_ROLE default FORMAT AS PARQUET CLEANPATH PARALLEL OFF"


def changed_months(warehouse: Warehouse) -> tuple[str, ...]:
    """Months (`2025-04`) of which a mart's rows differ from those exported last, ascending."""
    selects = []
    for dataset in DATASETS:
        mart, copy = _columns(warehouse, "mart", dataset), _columns(warehouse, "export", dataset)
        if not mart:
            continue
        if mart != copy:
            selects.append(f"SELECT yyyymm FROM mart.{dataset}")
            if "yyyymm" in copy:
                selects.append(f"SELECT yyyymm FROM export.{dataset}")
            continue
        for left, right in (("mart", "export"), ("export", "mart")):
            selects.append(
                f"SELECT yyyymm FROM (SELECT * FROM {left}.{dataset} EXCEPT SELECT * FROM {right}.{dataset}) AS differing"
            )
    if not selects:
        return ()
    union = " UNION ".join(selects)
    rows = warehouse.fetch(
        f"SELECT DISTINCT yyyymm FROM ({union}) AS months WHERE yyyymm IS NOT NULL", name="changed-months"
    )
    return tuple(sorted(dashed(str(row[0])) for row in rows))


def held_months(warehouse: Warehouse) -> dict[str, tuple[str, ...]]:
    """Months that the newest judgement of the month holds, with its findings as `facility rule x rows: message`."""
    rows = warehouse.fetch(
        "SELECT c.yyyymm, c.facility_code, c.rule_id, c.failed_rows, c.message_ja, c.message_en "
        "FROM dq.results_checks AS c JOIN ("
        "SELECT yyyymm, run_id, ROW_NUMBER() OVER (PARTITION BY yyyymm ORDER BY MAX(checked_at) DESC, run_id DESC) AS age "
        "FROM dq.results_checks GROUP BY yyyymm, run_id"
        ") AS newest ON newest.yyyymm = c.yyyymm AND newest.run_id = c.run_id AND newest.age = 1 "
        "WHERE c.severity = 'CRITICAL' AND c.status = 'fail' AND c.waived_by = '' "
        "ORDER BY c.yyyymm, c.facility_code, c.rule_id",
        name="held-months",
    )
    held: dict[str, list[str]] = defaultdict(list)
    for yyyymm, facility, rule, count, ja, en in rows:
        held[dashed(str(yyyymm))].append(f"{facility} {rule} x{count}: {ja} / {en}")
    return {month: tuple(findings) for month, findings in held.items()}


def run(run: Run, ports: Ports) -> Result:
    """Exports every month that is due; raises DataHeld at the end where one is held, the others being exported."""
    held = held_months(ports.warehouse)
    due = set(changed_months(ports.warehouse)) | set(_incomplete(ports.store, _mart_months(ports.warehouse)))
    _prepare_copies(ports.warehouse)
    for month in sorted(due - held.keys()):
        _export_month(month, ports)
    if due - held.keys() or not ports.store.exists(lake.dictionary("json")):
        dictionary.write(ports)
    waiting = {month: findings for month, findings in held.items() if month in due or month in run.months}
    if waiting:
        raise DataHeld(_held_text(waiting))
    return Result(
        step="export",
        counts={"months": len(due), "datasets": len(DATASETS)},
        notes=tuple(f"{month}: {ports.store.display(lake.success(month))}" for month in sorted(due)),
        keys={"dictionary": lake.dictionary("json")},
    )


def _held_text(held: dict[str, tuple[str, ...]]) -> str:
    lines = ["the export of these months is held by CRITICAL findings / 重大な指摘のため出力を保留した月があります:"]
    for month, findings in sorted(held.items()):
        lines += [f"  {month} {finding}" for finding in findings[:20]]
    lines.append(
        "mend the data and resubmit it, or waive the rule with a reason in ref/waivers.csv, then run the month again / "
        "データを直して再提出するか、理由を ref/waivers.csv に書いてから、その月を再実行してください"
    )
    return "\n".join(lines)


def _columns(warehouse: Warehouse, schema: str, table: str) -> tuple[str, ...]:
    rows = warehouse.fetch(
        "SELECT column_name FROM information_schema.columns "
        f"WHERE table_schema = {sql_text(schema)} AND table_name = {sql_text(table)} ORDER BY ordinal_position",
        name="columns",
    )
    return tuple(str(row[0]) for row in rows)


def _mart_months(warehouse: Warehouse) -> tuple[str, ...]:
    there = [dataset for dataset in DATASETS if _columns(warehouse, "mart", dataset)]
    if not there:
        return ()
    union = " UNION ".join(f"SELECT yyyymm FROM mart.{dataset}" for dataset in there)
    return tuple(dashed(str(row[0])) for row in warehouse.fetch(union, name="mart-months") if row[0] is not None)


def _incomplete(store: ObjectStore, months: Iterable[str]) -> list[str]:
    return [month for month in months if not store.exists(lake.success(month))]


def _prepare_copies(warehouse: Warehouse) -> None:
    """A table `export.<dataset>` of the mart's columns, made anew where the mart's have changed."""
    for dataset in DATASETS:
        mart = _columns(warehouse, "mart", dataset)
        if mart and mart != _columns(warehouse, "export", dataset):
            warehouse.execute(
                [
                    f"DROP TABLE IF EXISTS export.{dataset}",
                    f"CREATE TABLE export.{dataset} AS SELECT * FROM mart.{dataset} WHERE 1 = 0",
                ],
                name=f"export-copy-{dataset}",
            )


def _export_month(month: str, ports: Ports) -> None:
    ports.store.delete(lake.success(month))
    yyyymm = compact(month)
    for dataset, grain in DATASETS.items():
        folder = lake.dataset_folder(dataset, month)
        count = ports.warehouse.fetch(
            f"SELECT COUNT(*) FROM mart.{dataset} WHERE yyyymm = '{yyyymm}'", name="export-count"
        )
        if count[0][0] == 0:
            for found in list(ports.store.list(folder)):
                ports.store.delete(found.key)
            continue
        query = f"SELECT * FROM mart.{dataset} WHERE yyyymm = '{yyyymm}' ORDER BY {', '.join(grain)}"
        ports.warehouse.execute(
            [f"UNLOAD ({sql_text(query)}) TO {sql_text(ports.store.uri(folder))} {UNLOAD_OPTIONS}"],
            name=f"export-{dataset}-{month}",
        )
    statements = []
    for dataset in DATASETS:
        statements += [
            f"DELETE FROM export.{dataset} WHERE yyyymm = '{yyyymm}'",
            f"INSERT INTO export.{dataset} SELECT * FROM mart.{dataset} WHERE yyyymm = '{yyyymm}'",
        ]
    ports.warehouse.execute(statements, name=f"export-copies-{month}")
    ports.store.write(lake.success(month), b"")
