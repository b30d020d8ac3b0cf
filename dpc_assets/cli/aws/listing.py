"""The latest executions of the machines, as a table."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dpc_assets.cli import show
from dpc_assets.cli.aws import draw, machines
from dpc_assets.cli.aws.machines import ELT, PARENT, Machines
from dpc_assets.cli.aws.rows import EXECUTION_RUNNING
from dpc_assets.cli.errors import UsageError
from dpc_assets.cli.show import Lang, pick

_MOST = 100


def run(options: argparse.Namespace, deployed: Machines, lang: Lang) -> int:
    if not 1 <= options.last <= _MOST:
        raise UsageError(f"--last: expected 1 to {_MOST}, found {options.last}")
    names = (options.machine,) if options.machine else (PARENT, ELT)
    found = [each for name in names for each in _found(deployed, name, options.last)]
    found.sort(key=lambda each: each["startDate"], reverse=True)
    if options.json:
        show.print_json([_document(each) for each in found])
        return 0
    console = show.out()
    if not found:
        console.print(pick(lang, "実行はまだありません (dpc aws start)", "Nothing has been run yet (dpc aws start)"))
        return 0
    now = datetime.now(UTC)
    columns = pick(
        lang, "開始 ステートマシン 対象 状態 所要 実行 エラー", "started machine what status took execution error"
    ).split()
    rows = [
        (
            f"{each['startDate'].astimezone():%m-%d %H:%M:%S}",
            str(each["stateMachineArn"]).rpartition(":")[2],
            _what(machines.given(each), lang),
            draw.status(str(each["status"]), lang),
            draw.took(((_ended(each) or now) - each["startDate"]).total_seconds()),
            each["name"],
            str(each.get("error") or ""),
        )
        for each in found
    ]
    console.print(show.table(pick(lang, "最近の実行", "Latest executions"), columns, rows, numbers=(4,)))
    console.print(pick(lang, "詳しく", "More") + ": dpc aws status EXECUTION [--follow]")
    return 0


def _found(deployed: Machines, machine: str, count: int) -> Iterator[Mapping[str, Any]]:
    """DescribeExecution of the newest: a list holds neither input nor error."""
    for each in deployed.latest(machine, count):
        yield deployed.account.call("stepfunctions", "describe_execution", executionArn=each["executionArn"])


def _ended(described: Mapping[str, Any]) -> datetime | None:
    return None if described["status"] in EXECUTION_RUNNING else described.get("stopDate")


def _what(given: Mapping[str, Any], lang: Lang) -> str:
    """`2025-04`, `2025-04 key:"mart/fact_stay"+`, `2025-04..2025-06`, or what is new."""
    if "from" in given:
        return f"{given['from']}..{given.get('to')}"
    said = " ".join(str(given[name]) for name in ("partition", "select") if given.get(name))
    return said or pick(lang, "新しい月", "what is new")


def _document(described: Mapping[str, Any]) -> dict[str, Any]:
    ended = _ended(described)
    return {
        "execution": described["executionArn"],
        "machine": str(described["stateMachineArn"]).rpartition(":")[2],
        "name": described["name"],
        "status": described["status"],
        "input": machines.given(described),
        "started": described["startDate"].isoformat(),
        "ended": ended.isoformat() if ended else None,
        "redrives": int(described.get("redriveCount") or 0),
        "error": described.get("error"),
    }
