"""The run's summary, sent: what was loaded, what the rules found, which months are held, how long it took."""

from __future__ import annotations

from datetime import timedelta

from dpc_assets.steps.ports import Ports, Row
from dpc_assets.steps.run import Result, Run, compact

_WORST = 10


def run(run: Run, ports: Ports) -> Result:
    """Sends one message for the run and answers its figures; writes nothing to lake or warehouse.

    Raises RetryLater where the channel refuses.
    """
    months = ", ".join(f"'{compact(month)}'" for month in run.months)
    loads = ports.warehouse.fetch(
        "SELECT status, COUNT(DISTINCT submission_facility || submission_yyyymm), SUM(records) FROM raw.loads "
        f"WHERE submission_yyyymm IN ({months or 'NULL'}) GROUP BY status ORDER BY status",
        name="notify-loads",
    )
    failed = ports.warehouse.fetch(
        "SELECT severity, yyyymm, facility_code, rule_id, failed_rows, message_ja, message_en, waived_by "
        f"FROM dq.results_checks WHERE run_id = '{_quoted(run.run_id)}' AND status = 'fail' "
        "ORDER BY CASE severity WHEN 'CRITICAL' THEN 0 WHEN 'WARNING' THEN 1 ELSE 2 END, "
        "yyyymm, facility_code, rule_id",
        name="notify-findings",
    )
    held = [row for row in failed if row[0] == "CRITICAL" and not row[7]]
    took = ports.clock() - run.started_at if run.started_at else None
    outcome = "HELD" if held else "DONE"
    span = f"{run.months[0]}..{run.months[-1]}" if len(run.months) > 1 else "".join(run.months)
    ports.notifier.send(
        f"DPC {span}: {outcome}",
        _body(run, loads, failed, held, took),
        {"outcome": outcome, "run_id": run.run_id, "months": ",".join(run.months)},
    )
    counts = {f"facility_months_{row[0]}": int(row[1] or 0) for row in loads}
    counts |= {"findings": len(failed), "held": len(held), "seconds": int(took.total_seconds()) if took else 0}
    return Result(step="notify", counts=counts, notes=tuple(_finding(row) for row in failed[:_WORST]))


def _body(run: Run, loads: list[Row], failed: list[Row], held: list[Row], took: timedelta | None) -> str:
    lines = [f"run {run.run_id}" + (f", {_duration(took)}" if took else "")]
    lines += [f"  {row[0]}: {row[1]} 施設月 facility-months, {row[2] or 0} 件 records" for row in loads]
    lines.append(f"検査で見つかったもの findings: {len(failed)} (CRITICAL {len(held)})")
    lines += [f"  {_finding(row)}" for row in failed[:_WORST]]
    if len(failed) > _WORST:
        lines.append(f"  ... {len(failed) - _WORST} more in dq.results_checks / 残りは dq.results_checks を参照")
    if held:
        lines.append(
            "出力を保留した月があります: データを直して再提出するか、ref/waivers.csv に理由を書いて再実行してください。"
            " Some months are held: resubmit mended data, or waive the rule in ref/waivers.csv, then run again."
        )
    return "\n".join(lines)


def _finding(row: Row) -> str:
    severity, yyyymm, facility, rule, count, ja, en, waived = row
    waiver = f" (waived by {waived})" if waived else ""
    return f"{severity} {yyyymm} {facility} {rule} x{count}: {ja} / {en}{waiver}"


def _duration(took: timedelta) -> str:
    seconds = int(took.total_seconds())
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def _quoted(value: str) -> str:
    return value.replace("'", "''")
