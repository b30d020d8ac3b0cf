"""`dpc-compile check`: what is committed is what would be generated; or any machine keeps the rules."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from compiler import build, diff
from compiler.build import Draft
from compiler.cli import show
from compiler.cli.builds import read_folder
from compiler.cli.diff import text
from compiler.cli.planned import load
from compiler.cli.settings import settings
from compiler.errors import CompileError, OutOfDate, Problem, Refused, UsageError
from compiler.snapshot import snapshot


def run(options: argparse.Namespace) -> int:
    if options.machine:
        return _lint(options)
    chosen = settings(options, Path.cwd())
    progress = show.Progress(quiet=options.json)
    draft = load(chosen)
    progress("extract")
    draft = build.run(build.PASSES, draft, progress)
    wanted = build.files(draft)
    differing = dict(_differing(chosen.out, wanted))
    changes = _changes(chosen.out, draft) if differing else ()
    if options.json:
        show.print_json({"same": not differing, "files": differing, "diff": diff.to_json(changes)})
        return 1 if differing else 0
    if not differing:
        sys.stdout.write(f"{len(wanted)} files in {chosen.out} are what the definitions say\n")
        return 0
    if changes:
        sys.stdout.write(text(changes) + "\n")
    raise OutOfDate(
        "\n".join(
            (
                *(f"{chosen.out / name}: {what}" for name, what in differing.items()),
                "run `dpc-compile build` with the same options and commit what it writes",
            )
        )
    )


def _differing(out: Path, wanted: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """(file name, what is wrong with it), by name."""
    kept = {path.name for path in build.stale(out)} - wanted.keys()
    for name in sorted(wanted.keys() | kept):
        file = out / name
        if name in kept:
            yield name, "nothing generates it any more"
        elif not file.is_file():
            yield name, "is missing"
        elif (found := file.read_bytes()) != wanted[name]:
            yield name, f"differs from line {_line(found, wanted[name])} on"


def _line(a: bytes, b: bytes) -> int:
    """Number of the first line that differs."""
    lines = a.split(b"\n"), b.split(b"\n")
    return next((n for n, (x, y) in enumerate(zip(*lines, strict=False), 1) if x != y), min(map(len, lines)) + 1)


def _changes(out: Path, draft: Draft) -> tuple[diff.Change, ...]:
    """What differs in meaning; empty where what is there cannot be read as a build."""
    try:
        before = read_folder(out)
    except CompileError:
        return ()
    return diff.diff(
        before, snapshot(draft.manifest, {name: json.loads(each) for name, each in draft.machines.items()})
    )


def _lint(options: argparse.Namespace) -> int:
    """Judges each file by the rules of the States Language; what only our machines promise is not asked."""
    from compiler import check

    found: list[Problem] = []
    unread: list[str] = []
    for name in options.machine:
        try:
            definition = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            unread.append(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})")
            continue
        found += [
            Problem(each.rule, f"{name}: {each.where}", each.message, each.hint) for each in check.machine(definition)
        ]
    if unread:
        raise UsageError("\n".join(unread))
    if found:
        raise Refused(found)
    if options.json:
        show.print_json({"problems": []})
    else:
        sys.stdout.write("".join(f"{name}: no finding\n" for name in options.machine))
    return 0
