"""Why an execution did not end well, and which command to give. The error's class decides, as in the notification."""

from __future__ import annotations

from collections.abc import Iterator

from dpc_assets.cli.aws.machines import PARENT
from dpc_assets.cli.aws.view import View
from dpc_assets.cli.show import Lang, pick
from dpc_assets.steps import notice

_LINES = 20
_ITEM = 120

_REDRIVE = ("redrive", "busy", "stopped")

_TEXTS = {
    "redrive": (
        "原因はインフラです。同じ実行を失敗した所から再開してください (14日以内)。",
        "The cause is the infrastructure: go on from where it failed (within 14 days).",
    ),
    "busy": (
        "別の実行が書き込み中でした。その終了を待って再開してください。",
        "Another execution was writing: wait for its end, then go on.",
    ),
    "stopped": ("実行は人の手で止められました。続けるなら:", "The execution was stopped by hand. To go on:"),
    "rerun": (
        "上の文が示すデータ・設定を直してから、新しく実行してください。",
        "Mend the data or setting that the text above names, then run anew.",
    ),
    "deploy": (
        "配備の不具合です。直した版を配備してから、新しく実行してください。",
        "A defect of the deployment: deploy a mended one, then run anew.",
    ),
    "children": (
        "失敗した月の理由とコマンドは上のとおりです。親は再開せず、直した後に始め直してください。",
        "Each month that failed has its reason and command above. Never redrive the parent: start it again.",
    ),
}


def reasons(view: View, lang: Lang) -> Iterator[str]:
    """Lines: what failed, the error and its text, what to do. Nothing for an execution that runs or ended well."""
    if view.running or view.status == "SUCCEEDED":
        return
    for children in view.children.values():
        for child in children:
            yield from reasons(child, lang)
    month = f"{view.month} " if view.month else ""
    yield f"{month}{view.machine} {view.name}: {view.status}"
    for each in view.failures:
        item = f" {each.item[:_ITEM]}" if each.item else ""
        yield f"  {each.state or view.machine}{item}: {each.error}"
        yield from (f"    {line}" for line in each.said.splitlines()[:_LINES])
    what = notice.advice(view.status, view.failures)
    if what in _REDRIVE and view.redrive:
        yield "  " + pick(lang, f"再開できません: {view.redrive}", f"It cannot be redriven: {view.redrive}")
        what = "rerun"
        yield f"  -> {command(view, what)}"
        return
    yield "  -> " + pick(lang, *_TEXTS[what])
    yield f"     {command(view, what)}"


def command(view: View, what: str | None = None) -> str:
    """The command that the advice names."""
    what = what or notice.advice(view.status, view.failures)
    if what in _REDRIVE:
        return f"dpc aws redrive {view.arn}"
    if what == "children" and view.machine.startswith(PARENT):
        span = f" --month {view.given['from']}..{view.given['to']}" if {"from", "to"} <= view.given.keys() else ""
        suffix = view.machine.removeprefix(PARENT)
        return f"dpc aws start{span}" + (f" --suffix {suffix.removeprefix('-')}" if suffix else "")
    return f"dpc aws rerun {view.arn}"
