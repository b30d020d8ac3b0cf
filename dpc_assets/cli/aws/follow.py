"""Follows an execution to its end: on a terminal the table is drawn anew, elsewhere a line is printed a change."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from dpc_assets.cli import show
from dpc_assets.cli.aws import assets, draw, graph_file
from dpc_assets.cli.aws.account import Account, Unreached
from dpc_assets.cli.aws.advice import reasons
from dpc_assets.cli.aws.view import Reader, View
from dpc_assets.cli.errors import CommandError, RunError
from dpc_assets.cli.show import Lang, pick

_PATIENCE = 10
"""Looks one after the other that may fail because AWS is busy or out of reach: the execution does not mind."""

_LATE_LOOKS = 5
"""Looks at an execution that has ended until its history tells the end too (AWS: reads are eventually consistent)."""


class Interrupted(CommandError):
    """The person stopped looking; the execution goes on."""

    status = 130


def follow(reader: Reader, arn: str, lang: Lang, every_s: float) -> View:
    """The execution as it ended. Progress goes to standard error. Raises Interrupted."""
    try:
        return (
            _on_terminal(reader, arn, lang, every_s) if sys.stderr.isatty() else _by_lines(reader, arn, lang, every_s)
        )
    except KeyboardInterrupt:
        raise Interrupted(
            f"the execution goes on; look again with: dpc aws status {arn} --follow\n"
            f"to stop it: aws stepfunctions stop-execution --execution-arn {arn}"
        ) from None


def finish(view: View, lang: Lang, account: Account, *, as_json: bool, by_asset: bool) -> int:
    """Prints the execution as it stands; answers the exit status: 1 where it has ended, and not well."""
    known, now = graph_file.units_of_assets(), datetime.now(UTC)
    failed = not view.running and view.status != "SUCCEEDED"
    each = list(assets.assets(view, known, assets.reader(account), now)) if by_asset else []
    if as_json:
        listed = {"assets": [draw.asset_document(one) for one in each]} if by_asset else {}
        show.print_json({**draw.document(view, lang, now, known), **listed})
        return int(failed)
    console = show.out()
    console.print(draw.table(view, lang, now, known))
    if each:
        console.print(draw.asset_table(each, lang))
    if failed:
        console.print(Text(pick(lang, "未完了の理由:", "Not done, because:"), style="bold red"))
        for line in reasons(view, lang):
            console.print(Text(f"  {line}"))
    elif view.running:
        console.print(f"{pick(lang, '追跡', 'Follow')}: dpc aws status {view.arn} --follow")
    return int(failed)


def _on_terminal(reader: Reader, arn: str, lang: Lang, every_s: float) -> View:
    known = graph_file.units_of_assets()
    with Live(console=show.err(), auto_refresh=False, transient=True) as live:
        looks = 0
        while True:
            view = _look(reader, arn, every_s, live.console)
            stop = pick(lang, "Ctrl-C: 表示をやめる (実行は続きます)", "Ctrl-C: stop looking (the execution goes on)")
            live.update(Group(draw.table(view, lang, datetime.now(UTC), known), Text(stop, style="dim")), refresh=True)
            looks += not view.running
            if _over(view, looks):
                return view
            time.sleep(every_s)


def _by_lines(reader: Reader, arn: str, lang: Lang, every_s: float) -> View:
    console, before, looks = show.err(), None, 0
    while True:
        view, now = _look(reader, arn, every_s, console), datetime.now(UTC)
        for line in draw.changes(before, view, lang, now):
            console.print(f"{draw.clock(now)} {line}")
        looks += not view.running
        if _over(view, looks):
            return view
        before = view
        time.sleep(every_s)


def _look(reader: Reader, arn: str, every_s: float, console: Console) -> View:
    """The execution as it stands; waits where AWS is busy. Raises what went wrong where that does not end."""
    failed = 0
    while True:
        try:
            return reader.view(arn)
        except Unreached as error:
            failed += 1
            if failed == _PATIENCE:
                raise RunError(f"{error}\nThe execution itself goes on: dpc aws status {arn} --follow") from error
            console.print(Text(str(error).splitlines()[0], style="yellow"))
            time.sleep(every_s)


def _over(view: View, looks: int) -> bool:
    return not view.running and (view.settled or looks > _LATE_LOOKS)
