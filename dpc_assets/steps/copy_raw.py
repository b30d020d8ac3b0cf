"""Loads the month into the raw tables: one transaction a facility, all seven types replaced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from dpc_assets.formats.registry import FILE_TYPES, PROVENANCE, layout, newest
from dpc_assets.steps import loads, verdict
from dpc_assets.steps.data_api import sql_text
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run, compact
from dpc_assets.steps.verdict import FileVerdict, Verdict

COPY_OPTIONS = "IAM_ROLE default GZIP DELIMITER '\\t' NULL AS '\\000' ENCODING UTF8"
"""The one option list. No text becomes NULL: only a NUL byte would, and normalize refuses files that hold one."""


Item = Mapping[str, str]
"""`{"month": "2025-04", "facility": "131000123"}`: one transaction."""


def run(run: Run, ports: Ports) -> Result:
    """Replaces the rows of every facility that delivered the month, or did when it was loaded before: `one` of each.

    A facility without a passing version has no rows afterwards. Idempotent; a failed transaction changes nothing.
    `versions`: the data version of each `raw/<type>` in the month: contents only, no provenance.
    """
    counts: Counter[str] = Counter(facilities=0, rejected=0, rows=0)
    contents: dict[str, list[tuple[str, ...]]] = {file_type: [] for file_type in FILE_TYPES}
    notes: list[str] = []
    for item in pending(run, ports):
        used, loaded = _load(item, ports)
        counts.update(loaded.counts)
        notes += loaded.notes
        for each in used.files if used else ():
            contents[each.type].append((item["month"], item["facility"], each.sha256))
    return Result(
        step="copy_raw",
        counts=dict(counts),
        versions={f"raw/{file_type.lower()}": loads.digest(parts) for file_type, parts in contents.items()},
        notes=tuple(notes[:100]),
    )


def pending(run: Run, ports: Ports) -> list[Item]:
    """What `one` has to be called with, in turn: each facility of each month."""
    return [{"month": month, "facility": each} for month in run.months for each in _facilities(month, ports)]


def one(run: Run, ports: Ports, item: Item) -> Result:
    """Replaces the rows of one facility and month. Not beside another: they would wait for the same tables."""
    return _load(item, ports)[1]


def _load(item: Item, ports: Ports) -> tuple[Verdict | None, Result]:
    month, facility = item["month"], item["facility"]
    used = verdict.in_use(ports.store, month, facility)
    rows = _replace(month, facility, used, ports)
    notes = () if used else (f"{facility} {month}: no version passed; nothing is loaded for it",)
    return used, Result("copy_raw", counts={"facilities": 1, "rejected": int(used is None), "rows": rows}, notes=notes)


def _facilities(month: str, ports: Ports) -> list[str]:
    delivered = {each.facility for each in verdict.submissions(ports.store, month)}
    before = ports.warehouse.fetch(
        f"SELECT DISTINCT submission_facility FROM raw.loads WHERE submission_yyyymm = {sql_text(compact(month))}",
        name="copy-before",
    )
    return sorted(delivered | {str(row[0]) for row in before})


def _replace(month: str, facility: str, used: Verdict | None, ports: Ports) -> int:
    where = f"WHERE submission_yyyymm = {sql_text(compact(month))} AND submission_facility = {sql_text(facility)}"
    statements = [f"DELETE FROM {newest(file_type).table} {where}" for file_type in FILE_TYPES]
    files = [each for each in used.files if each.parts] if used else []
    for each in files:
        kept = layout(each.type, month)
        columns = ", ".join((*PROVENANCE, *(field.name for field in kept.raw_fields)))
        folder = each.parts[0].rpartition("/")[0] + "/"
        statements.append(f"COPY {kept.table} ({columns}) FROM {sql_text(ports.store.uri(folder))} {COPY_OPTIONS}")
    statements += [_counted(each, where) for each in files]
    statements.append(f"DELETE FROM raw.loads {where}")
    statements += loads.insert(loads.loads(ports.store, month, facility, used))
    ports.warehouse.execute(statements, name=f"copy-{month}-{facility}")
    return sum(each.records or 0 for each in files)


def _counted(file: FileVerdict, where: str) -> str:
    """Fails the transaction where other than the judged number of lines was loaded: parts were lost or changed.

    The text that cannot be cast to a number is the message that the person reads, on both engines.
    """
    table = newest(file.type).table
    told = sql_text(f"{file.name}: expected {file.records} rows as judged, loaded ")
    return (
        f"SELECT CAST(CASE WHEN COUNT(*) = {file.records or 0} THEN '1' "
        f"ELSE {told} || CAST(COUNT(*) AS VARCHAR(20)) END AS INTEGER) AS counted FROM {table} {where}"
    )
