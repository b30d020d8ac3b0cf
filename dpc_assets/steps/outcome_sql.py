"""The statements that judge months inside the warehouse: from the rules' SELECTs to dq.results_checks and results_rows.

One batch, so one transaction: failing rows and denominators go into temporary tables of the session, from which the
rows of the run are replaced. Nothing but control data leaves the warehouse.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from dpc_assets.steps.rule_facts import literal
from dpc_assets.steps.rules import Rule
from dpc_assets.steps.run import compact
from dpc_assets.steps.waivers import Waiver

ROWS_LISTED = 100
"""Failing rows kept for one rule, facility and month."""

KEYS_SHOWN = 5
"""Failing keys shown in dq.results_checks."""

_KEY_LENGTH = 120
_STATEMENTS_FOR_RULES = 26
_VALUES_IN_A_STATEMENT = 40

CHECK_COLUMNS = (
    "run_id",
    "yyyymm",
    "facility_code",
    "rule_id",
    "severity",
    "status",
    "failed_rows",
    "threshold",
    "sample_keys",
    "message_ja",
    "message_en",
    "waived_by",
    "waiver_reason",
    "checked_at",
)
ROW_COLUMNS = ("run_id", "yyyymm", "facility_code", "rule_id", "row_no", "key", "file_name", "line_no")

NEWEST_RUNS = (
    "(select yyyymm, run_id from (select yyyymm, run_id, "
    "row_number() over (partition by yyyymm order by max(checked_at) desc, run_id desc) as place "
    "from dq.results_checks group by yyyymm, run_id) as ranked where place = 1)"
)
"""Subquery: the run that judged each month last."""


def _months(months: Sequence[str]) -> str:
    return ", ".join(literal(compact(month)) for month in months)


def _failing(rule: Rule, months: Sequence[str]) -> str:
    return (
        f"select cast({literal(rule.id)} as varchar(8)) as rule_id, yyyymm, facility_code, "
        f"substring(key, 1, {_KEY_LENGTH}) as row_key, "
        f"file_name, line_no from (\n{rule.failing(months)}\n) as {rule.id.lower()}"
    )


def _sample(rows: str) -> str:
    """The first keys per rule, month and facility of a relation with (rule_id, yyyymm, facility_code, row_key)."""
    return (
        "select rule_id, yyyymm, facility_code, listagg(row_key, '; ') within group (order by row_key) as sample_keys "
        "from (select rule_id, yyyymm, facility_code, row_key, "
        "row_number() over (partition by rule_id, yyyymm, facility_code order by row_key) as place "
        f"from (select distinct rule_id, yyyymm, facility_code, row_key from {rows}) as keys) as ranked "
        f"where place <= {KEYS_SHOWN} group by rule_id, yyyymm, facility_code"
    )


def failing_summary(rules: Sequence[Rule], months: Sequence[str]) -> str:
    """(rule_id, yyyymm, facility_code, failed_rows, sample_keys) of these rules and months, where any row fails."""
    rows = "\nunion all\n".join(_failing(rule, months) for rule in rules)
    return (
        f"with failing as (\n{rows}\n)\n"
        "select c.rule_id, c.yyyymm, c.facility_code, c.failed_rows, k.sample_keys from (select rule_id, yyyymm, "
        "facility_code, count(*) as failed_rows from failing group by rule_id, yyyymm, facility_code) as c "
        f"join ({_sample('failing')}) as k on k.rule_id = c.rule_id and k.yyyymm = c.yyyymm "
        "and k.facility_code = c.facility_code order by 1, 2, 3"
    )


def _chunks(rows: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _values(table: str, rows: Sequence[str]) -> Iterator[str]:
    for chunk in _chunks(rows, _VALUES_IN_A_STATEMENT):
        yield f"insert into {table} values\n" + ",\n".join(chunk)


def _threshold_text(rule: Rule) -> str:
    return f"{rule.threshold * 100:g} %" if rule.kind == "rate" else f"{rule.threshold:g}"


def _rule_row(rule: Rule) -> str:
    needs = " / ".join(rule.needs)
    texts = (
        rule.message_ja.replace("{threshold}", _threshold_text(rule)),
        rule.message_en.replace("{threshold}", _threshold_text(rule)),
        f"適合：{rule.title_ja}",
        f"Passed: {rule.title_en}",
        f"判定対象外：{rule.title_ja}（必要なファイルがこの月に揃っていないか件数が少ない：{needs or '件数'}）",
        f"Not judged: {rule.title_en} (needs {needs or 'more cases'} of the month, or more cases)",
    )
    listed = ", ".join(literal(text) for text in texts)
    return (
        f"({literal(rule.id)}, {literal(rule.severity)}, {literal(rule.kind)}, {rule.threshold!r}, "
        f"{rule.minimum_total}, {len(rule.needs)}, {listed})"
    )


def _waiver_row(waiver: Waiver) -> str:
    reason = f"{waiver.reason[:900]} (until {waiver.until})"
    cells = (waiver.rule_id, waiver.yyyymm, waiver.facility_code, waiver.who[:90], reason)
    return "(" + ", ".join(literal(cell) for cell in cells) + ")"


def judge(
    rules: Sequence[Rule], months: Sequence[str], waivers: Sequence[Waiver], *, run_id: str, now: datetime
) -> tuple[str, ...]:
    """The batch (at most 40 statements) that replaces the run's rows with the outcome of all rules for these months.

    Facilities are those of raw.loads: every expected one has a row per month and rule. `now` is aware, in UTC.
    """
    run = literal(run_id)
    statements = [
        "create temp table dq_failing (rule_id varchar(8), yyyymm varchar(6), facility_code varchar(9), "
        "row_key varchar(360), file_name varchar(64), line_no bigint)",
        "create temp table dq_totals (rule_id varchar(8), yyyymm varchar(6), facility_code varchar(9), total bigint)",
        "create temp table dq_rules (rule_id varchar(8), severity varchar(8), kind varchar(4), "
        "threshold double precision, minimum_total bigint, needed integer, "
        "fail_ja varchar(1500), fail_en varchar(1500), pass_ja varchar(1500), pass_en varchar(1500), "
        "skip_ja varchar(1500), skip_en varchar(1500))",
        "create temp table dq_needs (rule_id varchar(8), file_type varchar(3))",
        "create temp table dq_waived (rule_id varchar(8), yyyymm varchar(6), facility_code varchar(9), "
        "who varchar(300), reason varchar(3000))",
    ]
    size = math.ceil(len(rules) / _STATEMENTS_FOR_RULES)
    for start in range(0, len(rules), size):
        group = rules[start : start + size]
        statements.append("insert into dq_failing\n" + "\nunion all\n".join(_failing(rule, months) for rule in group))
    totals = [
        f"select cast({literal(rule.id)} as varchar(8)), yyyymm, facility_code, total "
        f"from (\n{total}\n) as {rule.id.lower()}"
        for rule in rules
        if (total := rule.totals(months)) is not None
    ]
    if totals:
        statements.append(
            "insert into dq_totals (rule_id, yyyymm, facility_code, total)\n" + "\nunion all\n".join(totals)
        )
    statements += _values("dq_rules", [_rule_row(rule) for rule in rules])
    needs = [f"({literal(rule.id)}, {literal(file_type)})" for rule in rules for file_type in rule.needs]
    if needs:
        statements.append("insert into dq_needs values " + ", ".join(needs))
    if waivers:
        statements.append("insert into dq_waived values\n" + ",\n".join(_waiver_row(each) for each in waivers))
    statements += [
        f"delete from dq.results_checks where run_id = {run}",
        f"delete from dq.results_rows where run_id = {run}",
        _insert_checks(months, run, now),
        _insert_rows(run),
    ]
    return tuple(statements)


_INSERT_CHECKS = """
insert into dq.results_checks ({columns})
with facilities as (
  select distinct submission_yyyymm as yyyymm, submission_facility as facility_code
  from raw.loads
  where submission_yyyymm in ({months})
), present as (
  select n.rule_id, l.submission_yyyymm as yyyymm, l.submission_facility as facility_code,
    count(distinct l.file_type) as types
  from dq_needs as n
  join raw.loads as l on l.file_type = n.file_type
  where l.submission_yyyymm in ({months}) and l.status in ('loaded', 'warned') and l.version is not null
  group by n.rule_id, l.submission_yyyymm, l.submission_facility
), failed as (
  select rule_id, yyyymm, facility_code, count(*) as failed_rows
  from dq_failing
  group by rule_id, yyyymm, facility_code
), samples as (
  {samples}
), measured as (
  select r.*, f.yyyymm, f.facility_code, coalesce(p.types, 0) as types, coalesce(c.failed_rows, 0) as failed_rows,
    t.total, s.sample_keys, w.who, w.reason
  from facilities as f
  cross join dq_rules as r
  left join present as p on p.rule_id = r.rule_id and p.yyyymm = f.yyyymm and p.facility_code = f.facility_code
  left join failed as c on c.rule_id = r.rule_id and c.yyyymm = f.yyyymm and c.facility_code = f.facility_code
  left join dq_totals as t on t.rule_id = r.rule_id and t.yyyymm = f.yyyymm and t.facility_code = f.facility_code
  left join samples as s on s.rule_id = r.rule_id and s.yyyymm = f.yyyymm and s.facility_code = f.facility_code
  left join dq_waived as w on w.rule_id = r.rule_id and w.yyyymm = f.yyyymm and w.facility_code = f.facility_code
), outcome as (
  select m.*, case
      when m.types < m.needed then 'not_applicable'
      when m.kind = 'rate' and coalesce(m.total, 0) < greatest(m.minimum_total, 1) then 'not_applicable'
      when m.kind = 'rate' and cast(m.failed_rows as double precision) / m.total > m.threshold then 'fail'
      when m.kind = 'rows' and m.failed_rows > m.threshold then 'fail'
      else 'pass' end as status
  from measured as m
)
select {run}, o.yyyymm, o.facility_code, o.rule_id, o.severity, o.status,
  case o.status when 'not_applicable' then 0 else o.failed_rows end, o.threshold,
  case o.status when 'fail' then coalesce(o.sample_keys, '') else '' end,
  case o.status when 'pass' then o.pass_ja when 'not_applicable' then o.skip_ja else {fail_ja} end,
  case o.status when 'pass' then o.pass_en when 'not_applicable' then o.skip_en else {fail_en} end,
  case o.status when 'fail' then coalesce(o.who, '') else '' end,
  case o.status when 'fail' then coalesce(o.reason, '') else '' end,
  cast({checked_at} as timestamp)
from outcome as o
""".strip()


def _filled(column: str) -> str:
    """A message with its numbers: {failed}, {total} and {rate} (of a rate, in percent)."""
    rate = "cast(100.0 * cast(o.failed_rows as double precision) / o.total as decimal(5, 1))"
    numbers = {"failed": "cast(o.failed_rows as varchar(20))", "total": "cast(o.total as varchar(20))"}
    numbers["rate"] = f"cast({rate} as varchar(20)) || ' %'"
    text = f"o.{column}"
    for name, number in numbers.items():
        text = f"replace({text}, '{{{name}}}', coalesce({number}, ''))"
    return text


def _insert_checks(months: Sequence[str], run: str, now: datetime) -> str:
    return _INSERT_CHECKS.format(
        columns=", ".join(CHECK_COLUMNS),
        months=_months(months),
        samples=_sample("dq_failing"),
        run=run,
        fail_ja=_filled("fail_ja"),
        fail_en=_filled("fail_en"),
        checked_at=literal(now.strftime("%Y-%m-%d %H:%M:%S.%f")),
    )


def _insert_rows(run: str) -> str:
    return (
        f"insert into dq.results_rows ({', '.join(ROW_COLUMNS)})\n"
        f"select {run}, r.yyyymm, r.facility_code, r.rule_id, r.place, r.row_key, r.file_name, r.line_no\n"
        "from (select rule_id, yyyymm, facility_code, row_key, file_name, line_no, row_number() over (partition by "
        "rule_id, yyyymm, facility_code order by row_key, coalesce(file_name, ''), coalesce(line_no, 0)) as place\n"
        "  from dq_failing) as r\n"
        "join dq.results_checks as c on c.run_id = "
        f"{run} and c.rule_id = r.rule_id and c.yyyymm = r.yyyymm and c.facility_code = r.facility_code\n"
        f"where c.status = 'fail' and r.place <= {ROWS_LISTED}"
    )
