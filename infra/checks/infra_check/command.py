"""The command: python -m infra_check [--json] [--list] [--strict] [PATTERN ...].

Exit status: 0 nothing failed (what was skipped is printed with its reason), 1 a check failed, or with --strict one was
skipped, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TextIO

from infra_check import catalogue
from infra_check.outcome import FAILED, PASSED, SKIPPED, Check, Outcome
from infra_check.place import Place
from infra_check.run import run

PROJECT = Path(__file__).resolve().parents[3]
MARKS = {PASSED: "ok  ", FAILED: "FAIL", SKIPPED: "SKIP"}


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dpc-infra-check-") as folder:
        place = Place(asked.project.resolve(), Path(folder).resolve())
        known = catalogue.checks(place)
        if asked.list:
            _list(known, sys.stdout)
            return 0
        wanted = [each for each in known if not asked.patterns or _wanted(each.name, asked.patterns)]
        unknown = [each for each in asked.patterns if not any(fnmatchcase(check.name, each) for check in known)]
        if unknown:
            sys.stderr.write(f"unknown check: {', '.join(unknown)}; known are\n")
            _list(known, sys.stderr)
            return 2
        found = run(wanted, place, (lambda each: None) if asked.json else _tell)
    seconds = round(time.monotonic() - begun, 1)
    count = {status: sum(each.status == status for each in found) for status in (PASSED, FAILED, SKIPPED)}
    if asked.json:
        told = {"checks": [asdict(each) for each in found], "seconds": seconds, **count}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        _tell_problems(found)
        summary = ", ".join(f"{count[status]} {status}" for status in (PASSED, FAILED, SKIPPED))
        sys.stdout.write(f"infra-check: {summary} in {seconds:.0f} s\n")
    return 1 if count[FAILED] or (asked.strict and count[SKIPPED]) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="infra-check", description="Offline checks of infra/ and the workflows.")
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="names of checks, * allowed; default all")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--list", action="store_true", help="names of the checks and what each is")
    parser.add_argument("--strict", action="store_true", help="a check that was skipped counts as failed")
    parser.add_argument("--project", type=Path, default=PROJECT, help="another copy of the project")
    return parser


def _wanted(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


def _list(known: Sequence[Check], stream: TextIO) -> None:
    stream.writelines(f"{each.name:32} {each.about}\n" for each in known)


def _tell(each: Outcome) -> None:
    said = f"  {each.reason}" if each.reason else "".join(f"  ({note})" for note in each.notes)
    if each.problems:
        said = f"  {len(each.problems)} problem{'s' if len(each.problems) > 1 else ''}, below"
    sys.stdout.write(f"{MARKS[each.status]} {each.seconds:6.1f} s  {each.name}{said}\n")
    sys.stdout.flush()


def _tell_problems(found: Sequence[Outcome]) -> None:
    first: dict[str, str] = {}
    for each in found:
        for problem in each.problems:
            if first.setdefault(problem, each.name) != each.name:
                sys.stdout.write(f"\n{each.name}: as {first[problem]}\n")
                continue
            indented = problem.replace("\n", "\n    ")
            sys.stdout.write(f"\n{each.name}: {indented}\n")
    if any(each.problems for each in found):
        sys.stdout.write("\n")
