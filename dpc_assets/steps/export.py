"""Exports the marts as Parquet, month by month, and writes what says that a month is whole last.

A month is exported when its rows differ from what was exported last, or when its `_SUCCESS` is missing. Order: delete
`_SUCCESS`, UNLOAD every dataset, keep a copy of what was exported, write `_SUCCESS`. So an interrupted export leaves no
`_SUCCESS`, and the next one replaces everything. Months that a CRITICAL finding holds are left as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from dpc_assets.steps import dictionary, lake
from dpc_assets.steps.data_api import sql_text
from dpc_assets.steps.errors import DataHeld, InputError
from dpc_assets.steps.ports import Ports, Warehouse
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
    columns = _columns(warehouse)
    selects = []
    for dataset in DATASETS:
        mart, copy = columns.get(("mart", dataset)), columns.get(("export", dataset))
        if mart != copy:
            selects += [f"SELECT yyyymm FROM mart.{dataset}"] if mart else []
            selects += [f"SELECT yyyymm FROM export.{dataset}"] if copy else []
            continue
        if mart:
            selects += [
                "SELECT yyyymm FROM "
                f"(SELECT * FROM {left}.{dataset} EXCEPT SELECT * FROM {right}.{dataset}) AS differing"
                for left, right in (("mart", "export"), ("export", "mart"))
            ]
    if not selects:
        return ()
    rows = warehouse.fetch(f"SELECT DISTINCT yyyymm FROM ({' UNION '.join(selects)}) AS months", name="changed-months")
    return tuple(sorted(dashed(str(row[0])) for row in rows if _is_month(row[0])))


def held_months(warehouse: Warehouse) -> dict[str, tuple[str, ...]]:
    """Months that the newest judgement of the month holds, with its findings as `facility rule x rows: message`."""
    rows = warehouse.fetch(
        "SELECT c.yyyymm, c.facility_code, c.rule_id, c.failed_rows, c.message_ja, c.message_en "
        "FROM dq.results_checks AS c JOIN ("
        "SELECT yyyymm, run_id, "
        "ROW_NUMBER() OVER (PARTITION BY yyyymm ORDER BY MAX(checked_at) DESC, run_id DESC) AS age "
        "FROM dq.results_checks GROUP BY yyyymm, run_id"
        ") AS newest ON newest.yyyymm = c.yyyymm AND newest.run_id = c.run_id AND newest.age = 1 "
        "WHERE c.severity = 'CRITICAL' AND c.status = 'fail' AND COALESCE(c.waived_by, '') = '' "
        "ORDER BY c.yyyymm, c.facility_code, c.rule_id",
        name="held-months",
    )
    held: dict[str, list[str]] = defaultdict(list)
    for yyyymm, facility, rule, count, ja, en in rows:
        held[dashed(str(yyyymm))].append(f"{facility} {rule} x{count}: {ja} / {en}")
    return {month: tuple(findings) for month, findings in held.items()}


def run(run: Run, ports: Ports) -> Result:
    """`ready`, then DataHeld where a month is held: on a laptop, where no later step says so."""
    result = ready(run, ports)
    refuse_held(run, ports)
    return result


def ready(run: Run, ports: Ports) -> Result:
    """Exports every month that is due and not held; a held one is left as it was exported last.

    Rows without a month that a calendar knows have no folder: they are counted in a note.
    """
    columns = _columns(ports.warehouse)
    unbuilt = [f"mart.{dataset}" for dataset in DATASETS if ("mart", dataset) not in columns]
    if unbuilt:
        raise InputError(f"export: expected the marts, {', '.join(unbuilt)} not built yet: run the marts first")
    held = held_months(ports.warehouse)
    rows = _rows(ports.warehouse)
    due = _due(rows, ports)
    _prepare_copies(ports.warehouse, columns)
    exported = sorted(due - held.keys())
    for month in exported:
        _export_month(month, {dataset for at, dataset in rows if at == month}, ports)
    dictionary.write(ports)
    undated = [f"mart.{dataset}: {n} rows without a month, not exported" for (m, dataset), n in rows.items() if not m]
    return Result(
        step="export",
        counts={"months": len(exported), "rows": sum(n for (m, _), n in rows.items() if m in exported)},
        notes=tuple([*undated, *(f"{month}: {ports.store.display(lake.success(month))}" for month in exported)][:100]),
        keys={"dictionary": lake.dictionary("json")},
    )


def refuse_held(run: Run, ports: Ports) -> None:
    """Raises DataHeld that names each held month, of the run's and of those that are due, with its findings."""
    held = held_months(ports.warehouse)
    due = _due(_rows(ports.warehouse), ports) if held.keys() - set(run.months) else set()
    waiting = {month: findings for month, findings in held.items() if month in due or month in run.months}
    if waiting:
        raise DataHeld(_held_text(waiting))


def _due(rows: Mapping[tuple[str, str], int], ports: Ports) -> set[str]:
    """Months to export: changed since they were exported last, or without `_SUCCESS`."""
    months = {month for month, _ in rows if month}
    return set(changed_months(ports.warehouse)) | {m for m in months if not ports.store.exists(lake.success(m))}


def _held_text(held: dict[str, tuple[str, ...]]) -> str:
    lines = ["the export of these months is held by CRITICAL findings / 重大な指摘のため出力を保留した月があります:"]
    for month, findings in sorted(held.items()):
        lines += [f"  {month} {finding}" for finding in findings[:20]]
    lines.append(
        "mend the data and resubmit it, or waive the rule with a reason in ref/waivers.csv, then run the month again / "
        "データを直して再提出するか、理由を ref/waivers.csv に書いてから、その月を再実行してください"
    )
    return "\n".join(lines)


def _is_month(yyyymm: object) -> bool:
    return re.fullmatch(r"[0-9]{4}(0[1-9]|1[0-2])", str(yyyymm)) is not None


def _columns(warehouse: Warehouse) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """(name, type) of the columns of each (schema, table) in mart and export, in order."""
    rows = warehouse.fetch(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema IN ('mart', 'export') ORDER BY table_schema, table_name, ordinal_position",
        name="export-columns",
    )
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for schema, table, name, kind in rows:
        found[str(schema), str(table)].append((str(name), str(kind)))
    return {table: tuple(columns) for table, columns in found.items()}


def _rows(warehouse: Warehouse) -> dict[tuple[str, str], int]:
    """How many rows each (month as `2025-04`, dataset) has; month '' for rows without one."""
    counts = " UNION ALL ".join(
        f"SELECT '{dataset}' AS dataset, yyyymm, COUNT(*) AS found FROM mart.{dataset} GROUP BY yyyymm"
        for dataset in DATASETS
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for dataset, yyyymm, count in warehouse.fetch(counts, name="export-rows"):
        found[dashed(str(yyyymm)) if _is_month(yyyymm) else "", str(dataset)] += int(count or 0)
    return found


def _prepare_copies(warehouse: Warehouse, columns: Mapping[tuple[str, str], object]) -> None:
    """A table `export.<dataset>` of the mart's columns, made anew where the mart's have changed."""
    for dataset in DATASETS:
        if columns["mart", dataset] != columns.get(("export", dataset)):
            warehouse.execute(
                [
                    f"DROP TABLE IF EXISTS export.{dataset}",
                    f"CREATE TABLE export.{dataset} AS SELECT * FROM mart.{dataset} WHERE 1 = 0",
                ],
                name=f"export-copy-{dataset}",
            )


def _export_month(month: str, filled: Collection[str], ports: Ports) -> None:
    """One month whole: what is unloaded and what is kept as its copy are read in one transaction."""
    ports.store.delete(lake.success(month))
    where = f"WHERE yyyymm = {sql_text(compact(month))}"
    unloads, copies = [], []
    for dataset, grain in DATASETS.items():
        folder = lake.dataset_folder(dataset, month)
        if dataset in filled:
            query = f"SELECT * FROM mart.{dataset} {where} ORDER BY {', '.join(grain)}"
            unloads.append(f"UNLOAD ({sql_text(query)}) TO {sql_text(ports.store.uri(folder))} {UNLOAD_OPTIONS}")
        else:
            for found in list(ports.store.list(folder)):
                ports.store.delete(found.key)
        copies += [
            f"DELETE FROM export.{dataset} {where}",
            f"INSERT INTO export.{dataset} SELECT * FROM mart.{dataset} {where}",
        ]
    ports.warehouse.execute([*unloads, *copies], name=f"export-{month}")
    ports.store.write(lake.success(month), b"")
