"""An execution on the terminal: as a table, as a line for each change, as JSON. Pure: the clock is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from dpc_assets.cli import show
from dpc_assets.cli.aws import graph_file
from dpc_assets.cli.aws.advice import command, reasons
from dpc_assets.cli.aws.assets import Asset
from dpc_assets.cli.aws.rows import (
    ABORTED,
    FAILED,
    NOT_REACHED,
    PASSED,
    RETRYING,
    RUNNING,
    SUCCEEDED,
    WAITING,
    Row,
)
from dpc_assets.cli.aws.view import View
from dpc_assets.cli.show import Lang, pick

_JA = {
    WAITING: "待機",
    RUNNING: "実行中",
    RETRYING: "再試行",
    SUCCEEDED: "完了",
    PASSED: "対象外",
    FAILED: "失敗",
    ABORTED: "中断",
    NOT_REACHED: "未実行",
}
_STATUS_JA = {
    "RUNNING": "実行中",
    "SUCCEEDED": "完了",
    "FAILED": "失敗",
    "TIMED_OUT": "時間切れ",
    "ABORTED": "中断",
    "PENDING_REDRIVE": "再開待ち",
}
_STYLES = {
    WAITING: "dim",
    RUNNING: "cyan",
    RETRYING: "yellow",
    SUCCEEDED: "green",
    PASSED: "dim",
    FAILED: "bold red",
    ABORTED: "red",
    NOT_REACHED: "dim",
    "RUNNING": "cyan",
    "SUCCEEDED": "green",
    "FAILED": "bold red",
    "TIMED_OUT": "bold red",
    "ABORTED": "bold red",
}


def status(word: str, lang: Lang) -> Text:
    """A state of a unit or of an execution, in its colour."""
    ja = _JA.get(word) or _STATUS_JA.get(word) or word
    return Text(pick(lang, ja, word), style=_STYLES.get(word, ""))


def table(view: View, lang: Lang, now: datetime, known: Mapping[str, str]) -> Table:
    """The execution and those that it started; of the latter, what has ended well takes one line."""
    columns = pick(
        lang, "資産 状態 段階 開始 所要 試行 件数 エラー", "asset state step start took tries items error"
    ).split()
    rows = list(_lines(view, lang, now, known, 0))
    return show.table(title(view, lang, now), columns, rows, numbers=(4, 5, 6))


def title(view: View, lang: Lang, now: datetime) -> str:
    """`dpc-learning-elt 2025-04 NAME: RUNNING, 35 s, redriven once`."""
    month = f" {view.month}" if view.month else ""
    chosen = f" --select {view.given['select']}" if view.given.get("select") else ""
    times = pick(lang, f"、再開 {view.redrives} 回", f", redriven {view.redrives}x") if view.redrives else ""
    word = status(view.status, lang).plain
    return f"{view.machine}{month}{chosen} {view.name}: {word}, {took(view.seconds(now))}{times}"


def _lines(view: View, lang: Lang, now: datetime, known: Mapping[str, str], depth: int) -> Iterator[tuple[Any, ...]]:
    for row in view.rows:
        yield _line(view, row, lang, now, known, depth)
        for child in view.children.get(row.unit, ()):
            indent = "  " * (depth + 1)
            yield (
                f"{indent}{child.month or child.name}",
                status(child.status, lang),
                "",
                clock(child.started),
                took(child.seconds(now)),
                "",
                "",
                child.failures[0].error if child.failures else "",
            )
            if child.status != "SUCCEEDED":
                yield from _lines(child, lang, now, known, depth + 2)


def _line(view: View, row: Row, lang: Lang, now: datetime, known: Mapping[str, str], depth: int) -> tuple[Any, ...]:
    assets = graph_file.assets_of(row.unit, known, view.selected)
    many = f" ({len(assets)})" if len(assets) > 1 and row.state != PASSED else ""
    seconds = row.seconds(now)
    return (
        "  " * depth + row.unit + many,
        status(row.state, lang),
        row.step,
        clock(row.started) if row.started else "",
        took(seconds) if seconds is not None else "",
        str(row.tries) if row.tries else "",
        f"{row.done}/{row.items}" if row.items is not None else "",
        Text(row.error, style="red" if row.state == FAILED else "yellow"),
    )


def asset_table(found: Sequence[Asset], lang: Lang) -> Table:
    """The assets; the month stands before each where there are several executions."""
    columns = pick(lang, "資産 状態 開始 所要 試行 内容", "asset state start took tries what").split()
    several = len({each.execution for each in found}) > 1
    rows = [_asset_line(each, lang) for each in found]
    if several:
        columns = [pick(lang, "月", "month"), *columns]
        rows = [(each.month, *row) for each, row in zip(found, rows, strict=True)]
    return show.table(pick(lang, "資産", "Assets"), columns, rows, numbers=(4, 5) if several else (3, 4))


def _asset_line(each: Asset, lang: Lang) -> tuple[Any, ...]:
    return (
        each.key,
        status(each.state, lang),
        clock(each.started) if each.started else "",
        took(each.seconds) if each.seconds is not None else "",
        str(each.tries) if each.tries else "",
        Text((each.said.splitlines() or [""])[0], style="red"),
    )


def asset_document(each: Asset) -> dict[str, Any]:
    seconds = round(each.seconds, 3) if each.seconds is not None else None
    started = each.started.isoformat() if each.started else None
    return {
        "execution": each.execution,
        "month": each.month or None,
        "asset": each.key,
        "state": each.state,
        "started": started,
        "seconds": seconds,
        "attempts": each.tries,
        "said": each.said or None,
    }


def changes(before: View | None, after: View, lang: Lang, now: datetime, place: str = "") -> Iterator[str]:
    """A line for each thing that is new since `before`: states of units, tries, executions that began or ended."""
    if before is None or before.status != after.status or before.redrives != after.redrives:
        error = f" {after.failures[0].error}" if after.failures else ""
        yield f"{place}{title(after, lang, now)}{error}"
    old = {row.unit: row for row in before.rows} if before else {}
    for row in after.rows:
        was = old.get(row.unit)
        told = (was.state, was.step, was.tries, was.error) if was else (WAITING, "", 0, "")
        if told != (row.state, row.step, row.tries, row.error) and row.state != NOT_REACHED:
            yield f"{place}{_change(row, lang, now)}"
        known = {child.arn: child for child in (before.children.get(row.unit, ()) if before else ())}
        for child in after.children.get(row.unit, ()):
            yield from changes(known.get(child.arn), child, lang, now, f"{place}{child.month or child.name}  ")


def _change(row: Row, lang: Lang, now: datetime) -> str:
    seconds = row.seconds(now)
    parts = [
        row.step,
        f"{row.done}/{row.items}" if row.items else "",
        took(seconds) if seconds is not None and row.ended else "",
        pick(lang, f"{row.tries} 回目", f"try {row.tries}") if row.tries > 1 else "",
        f"{row.error}: {(row.said.splitlines() or [''])[0]}".removesuffix(": ") if row.error else "",
    ]
    return f"  {row.unit:22} {status(row.state, lang).plain:11} {'  '.join(filter(None, parts))}".rstrip()


def document(view: View, lang: Lang, now: datetime, known: Mapping[str, str]) -> dict[str, Any]:
    """Everything, for a program. Times in UTC, seconds as numbers; `next` is the command that the failure asks for."""
    ended_badly = not view.running and view.status != "SUCCEEDED"
    return {
        "execution": view.arn,
        "machine": view.machine,
        "name": view.name,
        "status": view.status,
        "input": dict(view.given),
        "started": view.started.isoformat(),
        "ended": view.ended.isoformat() if view.ended else None,
        "seconds": round(view.seconds(now), 3),
        "redrives": view.redrives,
        "redrivable": not view.running and view.status != "SUCCEEDED" and not view.redrive,
        "units": [_row_document(view, row, lang, now, known) for row in view.rows],
        "failures": [
            {"state": each.state, "item": each.item or None, "error": each.error, "said": each.said}
            for each in view.failures
        ],
        "reasons": list(reasons(view, lang)),
        "next": command(view) if ended_badly else None,
    }


def _row_document(view: View, row: Row, lang: Lang, now: datetime, known: Mapping[str, str]) -> dict[str, Any]:
    seconds = row.seconds(now)
    return {
        "unit": row.unit,
        "assets": graph_file.assets_of(row.unit, known, view.selected),
        "state": row.state,
        "step": row.step or None,
        "started": row.started.isoformat() if row.started else None,
        "ended": row.ended.isoformat() if row.ended else None,
        "seconds": round(seconds, 3) if seconds is not None else None,
        "attempts": row.tries,
        "items": row.items,
        "items_done": row.done,
        "error": row.error or None,
        "said": row.said or None,
        "executions": [document(child, lang, now, known) for child in view.children.get(row.unit, ())],
    }


def took(seconds: float) -> str:
    """`9 s`, `3:05`, `1:02:03`."""
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def clock(moment: datetime) -> str:
    """The time of day where the person sits."""
    return f"{moment.astimezone():%H:%M:%S}"
