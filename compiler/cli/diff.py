"""`dpc-compile diff`: what two builds differ in."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from compiler import diff
from compiler.cli import show
from compiler.cli.builds import read_build, read_folder
from compiler.cli.settings import settings
from compiler.diff import Change, FieldChange

SIGNS = {"added": "+", "removed": "-", "changed": "~", "retimed": "~", "moved": ">"}


def run(options: argparse.Namespace) -> int:
    out = settings(options, Path.cwd()).out
    a, b = _ends(options)
    before = read_build(a, out)
    after = read_folder(out) if b is None else read_build(b, out)
    changes = diff.diff(before, after)
    if options.json:
        show.print_json(diff.to_json(changes))
    else:
        sys.stdout.write(text(changes) + "\n")
    return 1 if changes and options.exit_code else 0


def _ends(options: argparse.Namespace) -> tuple[str, str | None]:
    """`a..b` is two revisions, where there is no file of that name."""
    if options.b is None and ".." in options.a and not Path(options.a).exists():
        first, _, second = options.a.partition("..")
        return first or "HEAD", second.removeprefix(".") or "HEAD"
    return options.a, options.b


def text(changes: Iterable[Change]) -> str:
    """The changes for a person, one a line, fields indented below."""
    lines: list[str] = []
    for area, group in groupby(changes, key=lambda change: change.area):
        lines += ["", area]
        for change in group:
            lines += _lines(change)
    return "\n".join(lines[1:]) if lines else "no difference"


def _lines(change: Change) -> Iterator[str]:
    name = change.name if change.kind in ("added", "removed", "changed") else f"{change.name} ({change.kind})"
    sign = SIGNS[change.kind]
    if len(change.fields) == 1:
        yield f"  {sign} {name}  {_field(change.fields[0])}"
        return
    yield f"  {sign} {name}"
    for each in change.fields:
        yield f"      {_field(each)}"


def _field(field: FieldChange) -> str:
    before, after = field.before, field.after
    if _texts(before) and _texts(after):
        gone = [f"-{_short(each)}" for each in before if each not in after]
        come = [f"+{_short(each)}" for each in after if each not in before]
        return f"{field.name}: {' '.join([*come, *gone]) or 'another order'}"
    if before is None:
        return f"{field.name}: +{_short(after)}"
    if after is None:
        return f"{field.name}: -{_short(before)}"
    return f"{field.name}: {_short(before)} -> {_short(after)}"


def _texts(value: Any) -> bool:
    return isinstance(value, Sequence) and all(isinstance(each, str) for each in value) and not isinstance(value, str)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) <= 100 else words[:97] + "..."
