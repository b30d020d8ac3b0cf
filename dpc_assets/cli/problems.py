"""Problems of submissions, as a person reads them: where, which rule, expected, found, what to do."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from dpc_assets.cli.show import Lang, pick, styled
from dpc_assets.steps.problems import Problem

SHOWN = 20
"""Problems printed of one list; the verdict in the lake holds more."""


def print_problems(console: Console, problems: Sequence[Problem], lang: Lang, heading: str = "") -> None:
    """One problem in three lines: place and rule, expected and found, what to do."""
    if problems and heading:
        console.print(Text(heading, style="bold"))
    for each in problems[:SHOWN]:
        first = Text("  ").append_text(styled(each.severity)).append(f" {each.rule} {place(each)}: ")
        console.print(first.append(pick(lang, each.message_ja, each.message_en)))
        console.print(
            f"      {pick(lang, '期待', 'expected')} {each.expected}; {pick(lang, '実際', 'found')} {each.found}"
        )
        console.print(f"      -> {each.hint}")
    if len(problems) > SHOWN:
        console.print(f"  ... {len(problems) - SHOWN} {pick(lang, '件を省略', 'more')}")


def print_summary(console: Console, problems: Sequence[Problem], lang: Lang, heading: str) -> None:
    """What does not stop the load: a line for each file and rule, with the first place."""
    console.print(Text(heading, style="bold"))
    groups: dict[tuple[str, str], list[Problem]] = {}
    for each in problems:
        groups.setdefault((each.file, each.rule), []).append(each)
    for found in groups.values():
        first = found[0]
        line = Text("  ").append_text(styled(first.severity)).append(f" {first.rule} x{len(found)} {place(first)}: ")
        console.print(line.append(pick(lang, first.message_ja, first.message_en)))


def place(problem: Problem) -> str:
    """`EFn_131000123_2504.txt line 12 column 3 (service_date)`."""
    parts = [problem.file]
    if problem.line is not None:
        parts.append(f"line {problem.line}")
    if problem.column is not None:
        parts.append(f"column {problem.column}")
    if problem.field:
        parts.append(f"({problem.field})")
    return " ".join(part for part in parts if part)


def problem_json(problem: Problem) -> dict[str, Any]:
    return asdict(problem)
