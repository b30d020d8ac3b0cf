"""The end of a run: figures per facility and month, findings, where the Parquet is, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dpc_assets.cli import show
from dpc_assets.cli.dry_run import GRAIN, Changes
from dpc_assets.cli.execute import Execution, Plan
from dpc_assets.cli.outcome import Outcome
from dpc_assets.cli.problems import print_problems, print_summary, problem_json
from dpc_assets.cli.show import Lang, pick, styled

FINDINGS_SHOWN = 20
STAYS_SHOWN = 20

_KPI_JA = {
    "yyyymm": "退院月",
    "facility_code": "施設",
    "discharges": "退院数",
    "alos_inclusive": "在院日数",
    "mortality_rate": "死亡",
    "emergency_rate": "緊急",
    "ambulance_rate": "救急車",
    "surgery_rate": "手術",
    "readmit_30d_rate": "30日再入院",
    "nursing_rate": "必要度",
    "claim_points": "請求点数",
}
_KPI_EN = {
    "yyyymm": "month",
    "facility_code": "facility",
    "discharges": "discharges",
    "alos_inclusive": "ALOS",
    "mortality_rate": "died",
    "emergency_rate": "emerg.",
    "ambulance_rate": "ambul.",
    "surgery_rate": "surgery",
    "readmit_30d_rate": "readm.30d",
    "nursing_rate": "nursing",
    "claim_points": "points",
}


@dataclass(frozen=True)
class Shown:
    """What the report says besides the outcome: language, places, seconds, the log (None: everything was shown)."""

    lang: Lang
    lake: str
    warehouse: Path
    seconds: float
    log: Path | None


def finish(as_json: bool, work: Plan, executions: Sequence[Execution], outcome: Outcome, shown: Shown) -> int:
    """Prints the end of a run; answers the exit status."""
    status = 1 if outcome.reasons else 0
    if as_json:
        show.print_json(_document(work, executions, outcome, shown, status))
    else:
        _print(show.out(), outcome, shown, status)
    return status


def _document(
    work: Plan, executions: Sequence[Execution], outcome: Outcome, shown: Shown, status: int
) -> dict[str, Any]:
    return {
        "status": "done" if status == 0 else "failed",
        "exit": status,
        "months": list(work.months),
        "lake": shown.lake,
        "warehouse": str(shown.warehouse),
        "parquet": _parquet(shown.lake),
        "seconds": round(shown.seconds, 1),
        "reasons": list(outcome.reasons),
        "runs": [{"run_id": each.run_id, "month": each.month or None, "success": each.success} for each in executions],
        "assets": [asdict(built) | {"month": built.month or None} for each in executions for built in each.built],
        "kpi": list(outcome.kpi),
        "findings": list(outcome.findings),
        "submissions": _submissions(outcome),
        "log": str(shown.log) if shown.log else None,
    }


def _submissions(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {
            "month": each.month,
            "facility": each.facility,
            "version": each.version,
            "verdict": "passed" if each.passed else "rejected",
            "problems": [problem_json(problem) for problem in each.problems],
        }
        for each in outcome.judged
    ]


def _parquet(lake: str) -> str:
    return f"{lake.rstrip('/')}/processed/"


def _print(console: Console, outcome: Outcome, shown: Shown, status: int) -> None:
    lang = shown.lang
    for each in outcome.judged:
        word = pick(lang, "注意あり", "with warnings") if each.passed else pick(lang, "不合格", "REJECTED")
        heading = f"{each.month} {each.facility} v{each.version} {word}"
        (print_summary if each.passed else print_problems)(console, each.problems, lang, heading)
    if outcome.kpi:
        console.print(figures(outcome.kpi, lang))
    _print_findings(console, outcome.findings, lang)
    console.print(f"{pick(lang, '出力', 'Parquet')}   {_parquet(shown.lake)}")
    console.print(f"{pick(lang, '倉庫', 'DuckDB')}    {shown.warehouse}")
    if shown.log:
        console.print(f"{pick(lang, '記録', 'Log')}       {shown.log}")
    if status:
        console.print(Text(pick(lang, "未完了の理由:", "Not done, because:"), style="bold red"))
        for reason in outcome.reasons:
            console.print(Text("  " + reason.replace("\n", "\n  ")))
    done = pick(lang, "完了", "Done") if status == 0 else pick(lang, "未完了", "Not done")
    console.print(Text(f"{done} ({shown.seconds:.0f} s)", style="bold green" if status == 0 else "bold red"))
    console.print(_next_steps(shown, status))


def figures(kpi: Sequence[Mapping[str, Any]], lang: Lang) -> Table:
    """The figures of mart.facility_monthly as a table; at least one row."""
    columns = [(_KPI_JA if lang == "ja" else _KPI_EN)[name] for name in kpi[0]]
    rows = [[_figure(name, value) for name, value in each.items()] for each in kpi]
    title = pick(lang, "退院月・施設別の指標", "Figures per discharge month and hospital")
    return show.table(title, columns, rows, numbers=range(2, len(columns)))


def _print_findings(console: Console, findings: Sequence[dict[str, Any]], lang: Lang) -> None:
    title = pick(lang, f"品質検査で見つかったこと ({len(findings)})", f"Quality findings ({len(findings)})")
    if not findings:
        console.print(pick(lang, "品質検査: 指摘なし", "Quality findings: none"))
        return
    rows = [
        (
            styled(each["severity"]),
            each["rule_id"],
            each["yyyymm"],
            each["facility_code"],
            each["failed_rows"],
            pick(lang, each["message_ja"], each["message_en"]) + (" (waived)" if each["waived_by"] else ""),
        )
        for each in findings[:FINDINGS_SHOWN]
    ]
    columns = pick(lang, "重大度 規則 月 施設 件数 内容", "severity rule month facility rows message").split()
    console.print(show.table(title, columns, rows, numbers=(4,)))
    if len(findings) > FINDINGS_SHOWN:
        more = len(findings) - FINDINGS_SHOWN
        console.print(pick(lang, f"ほか {more} 件は dq.results_checks", f"{more} more in dq.results_checks"))


def _figure(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name.endswith("_rate"):
        return f"{100 * float(value):.1f}%"
    return f"{float(value):.2f}" if name.startswith("alos") else value


def _next_steps(shown: Shown, status: int) -> str:
    query = f"dpc query 'SELECT * FROM mart.fact_stay LIMIT 5' --warehouse {shown.warehouse}"
    lines = [
        (pick(shown.lang, "次に:", "Next:"), ""),
        ("  make dev", pick(shown.lang, "Dagster の画面で流れと検査を見る", "see lineage and checks in Dagster")),
        (f"  dpc board --warehouse {shown.warehouse}", pick(shown.lang, "提出状況", "who has delivered")),
        (f"  {query}", ""),
    ]
    if status:
        lines.append(
            (
                "  dpc submit DIR --lake LAKE",
                pick(shown.lang, "直したデータを再提出してから再実行", "resubmit mended files, then run again"),
            )
        )
    return "\n".join(f"{left}   {right}".rstrip() for left, right in lines)


def rehearsed(as_json: bool, lang: Lang, work: Plan, changes: Changes, outcome: Outcome) -> int:
    """Prints what a run would do; answers the exit status that it would end with."""
    status = 1 if outcome.reasons else 0
    if as_json:
        show.print_json(
            {
                "dry_run": True,
                "exit": status,
                "months": list(work.months),
                "assets": [key.to_user_string() for key in work.assets],
                "stays": {
                    "added": [dict(zip(GRAIN, stay, strict=True)) for stay in changes.added],
                    "removed": [dict(zip(GRAIN, stay, strict=True)) for stay in changes.removed],
                    "changed": [
                        dict(zip(GRAIN, stay, strict=True)) | {"columns": list(columns)}
                        for stay, columns in changes.changed
                    ],
                },
                "reasons": list(outcome.reasons),
                "submissions": _submissions(outcome),
                "findings": list(outcome.findings),
            }
        )
        return status
    console = show.out()
    console.print(
        Text(
            pick(lang, "実行される資産 (試行: 何も変更していません)", "Assets to run (dry run: nothing was changed)"),
            style="bold",
        )
    )
    for title, keys in (
        (pick(lang, "最初に", "first"), work.first),
        (", ".join(work.months), work.by_month),
        (pick(lang, "最後に", "then"), work.last),
    ):
        if keys:
            console.print(f"  {title}: {' '.join(key.to_user_string() for key in keys)}")
    total = f"+{len(changes.added)} -{len(changes.removed)} ~{len(changes.changed)}"
    console.print(Text(pick(lang, f"入院 (mart.fact_stay): {total}", f"Stays (mart.fact_stay): {total}"), style="bold"))
    lines = [f"+ {' '.join(stay)}" for stay in changes.added]
    lines += [f"- {' '.join(stay)}" for stay in changes.removed]
    lines += [f"~ {' '.join(stay)}  {', '.join(columns)}" for stay, columns in changes.changed]
    for line in lines[:STAYS_SHOWN]:
        console.print(f"  {line}")
    if len(lines) > STAYS_SHOWN:
        console.print(
            f"  ... {len(lines) - STAYS_SHOWN} {pick(lang, '件を省略 (--json ですべて)', 'more (all with --json)')}"
        )
    for each in outcome.judged:
        print_problems(console, each.problems, lang, f"{each.month} {each.facility} v{each.version}")
    for reason in outcome.reasons:
        console.print(Text(f"  {reason}", style="red"))
    return status
