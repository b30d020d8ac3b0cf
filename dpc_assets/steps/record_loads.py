"""Completes `raw.loads` over all months: who is missing, who left the lake; and loads the facility master.

What is loaded is written by copy_raw in the transaction that loads it; this step adds the expected facilities that
delivered nothing, takes out what left the lake, and answers the data version of everything that is loaded.
"""

from __future__ import annotations

from collections import defaultdict

from dpc_assets.formats.registry import FILE_TYPES, newest
from dpc_assets.steps import facilities, loads, verdict
from dpc_assets.steps.data_api import sql_text
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run, compact, dashed

_ROWS_PER_STATEMENT = 200
_FACILITIES_PER_STATEMENT = 500


def run(run: Run, ports: Ports) -> Result:
    """Idempotent. `counts`: facility-months by status of their worst type; `versions`: `raw/loads`."""
    known = _known(ports)
    for month in sorted(set(run.months) | set(known)):
        _complete(month, known.get(month, frozenset()), ports)
    _load_master(ports)
    rows = ports.warehouse.fetch(
        "SELECT submission_facility, submission_yyyymm, file_type, sha256, status FROM raw.loads", name="loads-all"
    )
    loaded = [(str(a), str(b), str(c), str(d)) for a, b, c, d, _ in rows if d is not None]
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[str(row[4])] += 1
    return Result(
        step="record_loads", counts=dict(sorted(counts.items())), versions={"raw/loads": loads.digest(loaded)}
    )


def _known(ports: Ports) -> dict[str, frozenset[str]]:
    rows = ports.warehouse.fetch(
        "SELECT DISTINCT submission_yyyymm, submission_facility FROM raw.loads", name="loads-known"
    )
    found: dict[str, set[str]] = defaultdict(set)
    for month, facility in rows:
        found[dashed(str(month))].add(str(facility))
    return {month: frozenset(codes) for month, codes in found.items()}


def _complete(month: str, known: frozenset[str], ports: Ports) -> None:
    expected = facilities.expected(ports.store, month)
    delivered = {each.facility for each in verdict.submissions(ports.store, month)}
    gone = known - delivered
    new = [
        row
        for facility in sorted(expected - known | (gone & expected))
        for row in _without_rows(month, facility, ports)
    ]
    for facility in sorted(gone):
        where = f"WHERE submission_yyyymm = {sql_text(compact(month))} AND submission_facility = {sql_text(facility)}"
        tables = [*(newest(file_type).table for file_type in FILE_TYPES), "raw.loads"]
        ports.warehouse.execute(
            [f"DELETE FROM {table} {where}" for table in tables], name=f"loads-gone-{month}-{facility}"
        )
    inserts = [loads.insert(new[i : i + _ROWS_PER_STATEMENT]) for i in range(0, len(new), _ROWS_PER_STATEMENT)]
    if inserts:
        ports.warehouse.execute(inserts, name=f"loads-missing-{month}")


def _without_rows(month: str, facility: str, ports: Ports) -> tuple[loads.Load, ...]:
    """Rows of an expected facility of which nothing is loaded."""
    return loads.loads(ports.store, month, facility, None)


def _load_master(ports: Ports) -> None:
    listed = facilities.read(ports.store) or ()
    latest = {each.code: each for each in listed}  # of several lines of one facility the last one counts
    values = [
        f"({sql_text(each.code)}, {sql_text(each.name)}, {sql_text(each.dpc_hospital)}, "
        f"{'NULL' if each.beds_total is None else each.beds_total})"
        for _, each in sorted(latest.items())
    ]
    statements = ["DELETE FROM ref.facility_master"]
    for first in range(0, len(values), _FACILITIES_PER_STATEMENT):
        rows = ",\n".join(values[first : first + _FACILITIES_PER_STATEMENT])
        statements.append(
            f"INSERT INTO ref.facility_master (facility_code, facility_name, dpc_hospital, beds_total) VALUES\n{rows}"
        )
    ports.warehouse.execute(statements, name="facility-master")
