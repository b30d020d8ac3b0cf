"""How a run ended: who has no passing version, what failed, what is held; figures and findings for a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpc_assets.cli import read
from dpc_assets.cli.execute import Execution
from dpc_assets.steps import facilities, verdict
from dpc_assets.steps.ports import ObjectStore
from dpc_assets.steps.problems import Problem
from dpc_assets.steps.run import compact
from dpc_assets.steps.verdict import Verdict

KPI = (
    "yyyymm",
    "facility_code",
    "discharges",
    "alos_inclusive",
    "mortality_rate",
    "emergency_rate",
    "ambulance_rate",
    "surgery_rate",
    "readmit_30d_rate",
    "nursing_rate",
    "claim_points",
)
FINDING = ("yyyymm", "facility_code", "rule_id", "severity", "failed_rows", "message_ja", "message_en", "waived_by")


@dataclass(frozen=True)
class Judged:
    """A version that is not simply in use: rejected, or loaded with something to say."""

    month: str
    facility: str
    version: int
    passed: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Outcome:
    """Reasons, worst first, are empty exactly where the run ends with status 0."""

    reasons: tuple[str, ...]
    judged: tuple[Judged, ...]
    kpi: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]


def of_run(
    store: ObjectStore,
    warehouse: Path,
    months: Sequence[str],
    executions: Sequence[Execution],
    *,
    judges: bool,
    tell: Callable[[str], None],
) -> Outcome:
    """`judges`: the run touched submissions or what is made of them, so that who delivered counts."""
    reasons = [f"{_where(each)}{step}: {why}" for each in executions for step, why in each.failures]
    reasons += [
        f"{_where(each)}dbt test {check.name} of {check.key} failed"
        for each in executions
        for check in each.failed_checks
    ]
    verdicts = {month: _newest(store, month) for month in months}
    if judges:
        for month in months:
            reasons += _without_version(store, month, verdicts[month])
    findings = _findings(warehouse, [each.run_id for each in executions], tell)
    reasons += [
        f"{each['yyyymm']} {each['facility_code']} {each['rule_id']} CRITICAL x{each['failed_rows']}: "
        f"{each['message_ja']} / {each['message_en']}"
        for each in findings
        if each["severity"] == "CRITICAL" and not each["waived_by"]
    ]
    judged = tuple(
        Judged(month, each.facility_code, each.version, each.passed, each.problems)
        for month in months
        for each in verdicts[month]
        if each.problems
    )
    return Outcome(tuple(dict.fromkeys(reasons)), judged, _kpi(warehouse, months, tell), findings)


def _where(execution: Execution) -> str:
    return f"{execution.month} " if execution.month else ""


def _newest(store: ObjectStore, month: str) -> tuple[Verdict, ...]:
    """The verdict of the newest judged version of each facility."""
    newest: dict[str, Verdict] = {}
    for submission in verdict.submissions(store, month):
        found = verdict.read(store, submission)
        if found is not None:
            newest[submission.facility] = found
    return tuple(newest[facility] for facility in sorted(newest))


def _without_version(store: ObjectStore, month: str, newest: Sequence[Verdict]) -> list[str]:
    expected = sorted(facilities.expected(store, month))
    if not expected:
        return [f"{month}: the lake holds no submission of this month / この月の提出データがありません"]
    judged = {each.facility_code: each for each in newest}
    reasons = []
    for facility in expected:
        if verdict.in_use(store, month, facility) is None:
            found = judged.get(facility)
            if found is None:
                reasons.append(f"{month} {facility}: nothing was delivered / 未提出です")
            else:
                rules = ", ".join(sorted({each.rule for each in found.problems if each.fatal}))
                reasons.append(
                    f"{month} {facility}: no version passed; v{found.version} rejected by {rules} / 不合格です"
                )
    return reasons


def _kpi(warehouse: Path, months: Sequence[str], tell: Callable[[str], None]) -> tuple[dict[str, Any], ...]:
    marks = ", ".join("?" for _ in months)
    sql = f"SELECT {', '.join(KPI)} FROM mart.facility_monthly WHERE yyyymm IN ({marks}) ORDER BY yyyymm, facility_code"
    found = read.rows(warehouse, sql, [compact(month) for month in months], tell=tell)
    return tuple(dict(zip(KPI, row, strict=True)) for row in found)


def _findings(warehouse: Path, run_ids: Sequence[str], tell: Callable[[str], None]) -> tuple[dict[str, Any], ...]:
    marks = ", ".join("?" for _ in run_ids)
    found = read.rows(
        warehouse,
        f"SELECT {', '.join(FINDING)} FROM dq.results_checks WHERE status = 'fail' AND run_id IN ({marks or 'NULL'}) "
        "ORDER BY CASE severity WHEN 'CRITICAL' THEN 0 WHEN 'WARNING' THEN 1 ELSE 2 END, "
        "yyyymm, facility_code, rule_id",
        run_ids,
        tell=tell,
    )
    return tuple(dict(zip(FINDING, row, strict=True)) for row in found)
