"""Completes `raw.loads` over all months: who is missing, who left the lake; and loads the facility master.

What is loaded is written by copy_raw in the transaction that loads it; this step adds the expected facilities that
delivered nothing, takes out what left the lake, and answers the data version of everything that is loaded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from dpc_assets.formats.registry import FILE_TYPES, newest
from dpc_assets.steps import facilities, loads, verdict
from dpc_assets.steps.data_api import inserts, sql_text
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run, compact, dashed

_TABLES = (*(newest(file_type).table for file_type in FILE_TYPES), "raw.loads")


def run(run: Run, ports: Ports) -> Result:
    """Idempotent; months that neither this run nor an earlier one looked at are left for theirs.

    `counts`: facility-month-types by status; `versions`: `raw/loads`.
    """
    known = _known(ports)
    for month in sorted(set(run.months) | set(known)):
        _complete(month, known.get(month, {}), ports, judged=month in run.months)
    ports.warehouse.execute(_master(facilities.read(ports.store) or ()), name="loads-master")
    rows = ports.warehouse.fetch(
        "SELECT submission_facility, submission_yyyymm, file_type, sha256, status FROM raw.loads", name="loads-all"
    )
    loaded = [(str(a), str(b), str(c), str(d)) for a, b, c, d, _ in rows if d is not None]
    return Result(
        step="record_loads",
        counts=dict(sorted(Counter(str(row[4]) for row in rows).items())),
        versions={"raw/loads": loads.digest(loaded)},
    )


def _known(ports: Ports) -> dict[str, dict[str, bool]]:
    """Facilities by month as recorded; True where nothing was delivered when it was."""
    rows = ports.warehouse.fetch(
        "SELECT submission_yyyymm, submission_facility, MAX(newest_version) FROM raw.loads GROUP BY 1, 2",
        name="loads-known",
    )
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for month, facility, newest_version in rows:
        found[dashed(str(month))][str(facility)] = newest_version is None
    return found


def _complete(month: str, known: Mapping[str, bool], ports: Ports, *, judged: bool) -> None:
    """Facilities that left the lake lose their rows; expected ones without a row get seven; one transaction each.

    judged: whether the run is about this month. In others nothing is taken out: stage would still hold what raw lost.
    """
    delivered = {each.facility for each in verdict.submissions(ports.store, month)}
    expected = facilities.expected(ports.store, month)
    for facility in sorted((known.keys() | expected) - (known.keys() & delivered)):
        if facility in expected and known.get(facility, False) and facility not in delivered:
            continue  # missing then and now: its rows stand
        if facility in known and not judged:
            continue
        where = f"WHERE submission_yyyymm = {sql_text(compact(month))} AND submission_facility = {sql_text(facility)}"
        statements = [f"DELETE FROM {table} {where}" for table in _TABLES] if facility in known else []
        if facility in expected:
            statements += loads.insert(loads.loads(ports.store, month, facility, None))
        ports.warehouse.execute(statements, name=f"loads-{month}-{facility}")


def _master(listed: Sequence[facilities.Facility]) -> list[str]:
    latest = {each.code: each for each in sorted(listed, key=lambda each: each.valid_from)}
    columns = "facility_code, facility_name, dpc_hospital, beds_total"
    rows = (
        f"({sql_text(each.code)}, {sql_text(each.name)}, {sql_text(each.dpc_hospital)}, "
        f"{'NULL' if each.beds_total is None else each.beds_total})"
        for _, each in sorted(latest.items())
    )
    return ["DELETE FROM ref.facility_master", *inserts(f"ref.facility_master ({columns})", rows)]
