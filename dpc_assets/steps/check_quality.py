"""Judges months by the quality rules: dq.results_checks and dq.results_rows.

Judged are the run's months, the months whose mart rows differ from their last export, and loaded months whose outcome
changed because another month did (rules that read all months) or that were never judged: so the newest outcome of each
month is the same whatever the order in which months were run. Nothing is raised for a failed rule: export holds the
month of an unwaived CRITICAL.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dpc_assets.steps import export, outcome_sql, waivers
from dpc_assets.steps.outcome_sql import NEWEST_RUNS
from dpc_assets.steps.ports import Ports, Row, Warehouse
from dpc_assets.steps.rule_facts import literal
from dpc_assets.steps.rules import SEVERITIES, Rule, catalog
from dpc_assets.steps.run import Result, Run, compact, dashed

ASSET = "dq/results_checks"
NOTES = 100
_SUMMARISED_TOGETHER = 5


@dataclass(frozen=True)
class Outcome:
    """One rule in one run, over its facilities and months: how many passed, failed or were not judged.

    `failures` are (month as `2025-04`, facility, failed rows, first keys), at most 20; the messages are those of the
    first of them, with their numbers, and empty where nothing failed.
    """

    rule: Rule
    passed: int
    failed: int
    not_applicable: int
    failed_rows: int
    failures: tuple[tuple[str, str, int, str], ...]
    message_ja: str = ""
    message_en: str = ""


def run(run: Run, ports: Ports) -> Result:
    """Judges, writes the outcome of this run in one transaction (a second call replaces it) and answers the summary."""
    rules = catalog()
    warehouse = ports.warehouse
    now = ports.clock()
    day = waivers.today(ports.clock)
    given = waivers.read(ports.store)
    months = _months_to_judge(run, warehouse, rules)
    in_force = given.in_force(day)
    if months:
        judged = {compact(month) for month in months}
        counting = [each for each in in_force if each.yyyymm in judged]
        statements = outcome_sql.judge(rules, months, counting, run_id=run.run_id, now=now)
        warehouse.execute(statements, name=f"check_quality {', '.join(months)}")
    failures = _failures(warehouse, run.run_id)
    waived = {(each.yyyymm, each.facility_code, each.rule_id) for each in in_force}
    counts = _counts(warehouse, run.run_id)
    counts["months"] = len(months)
    counts["critical_waived"] = sum(
        1 for row in failures if row[0] == "CRITICAL" and (row[2], row[3], row[1]) in waived
    )
    counts["waiver_problems"] = len(given.problems)
    return Result(
        step="check_quality",
        counts=counts,
        versions={ASSET: _digest(warehouse)},
        notes=_notes(failures, given, day_text=day.isoformat(), expired=given.expired(day)),
    )


def _months_to_judge(run: Run, warehouse: Warehouse, rules: Sequence[Rule]) -> tuple[str, ...]:
    rows = warehouse.fetch("select distinct submission_yyyymm from raw.loads order by 1", name="check_quality months")
    loaded = {dashed(str(row[0])) for row in rows}
    changed = {month if "-" in month else dashed(month) for month in export.changed_months(warehouse)}
    months = (set(run.months) | changed) & loaded
    others = tuple(sorted(loaded - months))
    if others:
        months |= _moved(warehouse, [rule for rule in rules if rule.reads == "all"], others)
    return tuple(sorted(months))


def _moved(warehouse: Warehouse, rules: Sequence[Rule], months: Sequence[str]) -> set[str]:
    """Which of these months were never judged or have another outcome now by the rules that read all months."""
    listed = ", ".join(literal(compact(month)) for month in months)
    known: dict[tuple[str, str, str], tuple[str, int, str]] = {}
    stored = warehouse.fetch(
        "select c.rule_id, c.yyyymm, c.facility_code, c.status, c.failed_rows, c.sample_keys "
        f"from dq.results_checks as c join {NEWEST_RUNS} as n on n.yyyymm = c.yyyymm and n.run_id = c.run_id "
        f"where c.yyyymm in ({listed})",
        name="check_quality known outcomes",
    )
    for rule_id, yyyymm, facility, status, failed, keys in stored:
        known[str(rule_id), str(yyyymm), str(facility)] = (str(status), int(failed or 0), str(keys or ""))
    found: dict[tuple[str, str, str], tuple[int, str]] = {}
    for start in range(0, len(rules), _SUMMARISED_TOGETHER):
        group = rules[start : start + _SUMMARISED_TOGETHER]
        summary = outcome_sql.failing_summary(group, months)
        for rule_id, yyyymm, facility, failed, keys in warehouse.fetch(summary, name=f"check_quality {group[0].id}.."):
            found[str(rule_id), str(yyyymm), str(facility)] = (int(failed or 0), str(keys or ""))
    moved = {compact(month) for month in months} - {yyyymm for _, yyyymm, _ in known}
    for rule in rules:
        for (rule_id, yyyymm, facility), (status, failed, keys) in known.items():
            if rule_id == rule.id and status != "not_applicable":
                now = found.get((rule_id, yyyymm, facility), (0, ""))
                before = (failed, keys) if status == "fail" else (failed, now[1])
                if now != before:
                    moved.add(yyyymm)
    return {dashed(yyyymm) for yyyymm in moved}


_RANK = "case severity when 'CRITICAL' then 0 when 'WARNING' then 1 else 2 end"


def _failures(warehouse: Warehouse, run_id: str) -> list[Row]:
    """(severity, rule, yyyymm, facility, keys, message_ja, message_en, who waives), worst first, at most NOTES."""
    return warehouse.fetch(
        "select severity, rule_id, yyyymm, facility_code, sample_keys, message_ja, message_en, waived_by "
        f"from dq.results_checks where run_id = {literal(run_id)} and status = 'fail' "
        f"order by {_RANK}, case waived_by when '' then 0 else 1 end, yyyymm, facility_code, rule_id limit {NOTES}",
        name="check_quality failures",
    )


def _counts(warehouse: Warehouse, run_id: str) -> dict[str, int]:
    rows = warehouse.fetch(
        "select severity, status, count(*) as checks, sum(case waived_by when '' then 0 else 1 end) as waived "
        f"from dq.results_checks where run_id = {literal(run_id)} group by severity, status",
        name="check_quality counts",
    )
    by_status: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    critical_waived = 0
    for severity, status, checks, waived in rows:
        by_status[str(status)] += int(checks or 0)
        if status == "fail":
            failed[str(severity)] += int(checks or 0)
            critical_waived += int(waived or 0) if severity == "CRITICAL" else 0
    return {
        "checks": by_status.total(),
        "failed": by_status["fail"],
        "not_applicable": by_status["not_applicable"],
        **{severity.lower(): failed[severity] for severity in SEVERITIES},
        "critical_waived": critical_waived,
    }


def _digest(warehouse: Warehouse) -> str:
    """SHA-256 of the newest outcome of every month, waivers included, without run and time."""
    kept = warehouse.fetch(
        "select c.yyyymm, c.facility_code, c.rule_id, c.status, c.failed_rows, c.sample_keys, c.waived_by "
        f"from dq.results_checks as c join {NEWEST_RUNS} as n on n.yyyymm = c.yyyymm and n.run_id = c.run_id "
        "where c.status <> 'pass' order by 1, 2, 3",
        name="check_quality outcome",
    )
    judged = warehouse.fetch(
        "select c.yyyymm, c.facility_code, count(*) as checks from dq.results_checks as c "
        f"join {NEWEST_RUNS} as n on n.yyyymm = c.yyyymm and n.run_id = c.run_id group by 1, 2 order by 1, 2",
        name="check_quality judged",
    )
    content = json.dumps([kept, judged], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _notes(
    failures: Sequence[Row], given: waivers.Waivers, *, day_text: str, expired: Sequence[waivers.Waiver]
) -> tuple[str, ...]:
    found = [
        f"{severity} {rule_id} {dashed(str(yyyymm))} {facility}: {ja} / {en} [{keys}]"
        + (f" (waived by {who} / 免除中)" if who else "")
        for severity, rule_id, yyyymm, facility, keys, ja, en, who in failures
    ]
    late = [
        f"WARNING waiver of {each.rule_id} {dashed(each.yyyymm)} {each.facility_code} ended on {each.until}, "
        f"before {day_text}: it no longer counts / 免除の期限切れです"
        for each in expired
    ]
    return tuple(([f"WARNING {problem}" for problem in given.problems] + late)[: NOTES // 2] + found)[:NOTES]


def outcomes(warehouse: Warehouse, run_id: str) -> tuple[Outcome, ...]:
    """What a run found, one Outcome a rule of the catalog, in its order; for asset check results."""
    rows = warehouse.fetch(
        "select rule_id, yyyymm, facility_code, failed_rows, sample_keys, message_ja, message_en "
        f"from dq.results_checks where run_id = {literal(run_id)} and status = 'fail' "
        "order by yyyymm, facility_code, rule_id",
        name="check_quality outcomes failed",
    )
    totals = warehouse.fetch(
        "select rule_id, status, count(*) as checks from dq.results_checks "
        f"where run_id = {literal(run_id)} group by 1, 2",
        name="check_quality outcomes",
    )
    number = {(str(rule_id), str(status)): int(checks or 0) for rule_id, status, checks in totals}
    found: dict[str, list[tuple[str, str, int, str]]] = {}
    messages: dict[str, tuple[str, str]] = {}
    for rule_id, yyyymm, facility, failed, keys, ja, en in rows:
        place = (dashed(str(yyyymm)), str(facility), int(failed or 0), str(keys or ""))
        found.setdefault(str(rule_id), []).append(place)
        messages.setdefault(str(rule_id), (str(ja), str(en)))
    return tuple(
        Outcome(
            rule=rule,
            passed=number.get((rule.id, "pass"), 0),
            failed=number.get((rule.id, "fail"), 0),
            not_applicable=number.get((rule.id, "not_applicable"), 0),
            failed_rows=sum(each[2] for each in found.get(rule.id, ())),
            failures=tuple(found.get(rule.id, ())[:20]),
            message_ja=messages.get(rule.id, ("", ""))[0],
            message_en=messages.get(rule.id, ("", ""))[1],
        )
        for rule in catalog()
    )
