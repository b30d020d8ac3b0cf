"""Text for a person: seconds, bytes, tables, trees. Results go to standard output, progress to standard error."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from compiler.seconds import in_words
from compiler.tree import Parallel, Series, Task, Tree


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def size(count: int) -> str:
    """812 bytes, 34.5 KB, 1.2 MB (powers of 1000)."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:,.1f} KB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """One `name  value` a line."""
    wide = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:<{wide}}  {value}".rstrip() for name, value in rows)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Columns `numbers` are set to the right."""
    lines = [list(columns), *map(list, rows)]
    wide = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell.rjust(wide[at]) if at in numbers else cell.ljust(wide[at]) for at, cell in enumerate(line)
        ).rstrip()
        for line in lines
    )


def tree(node: Tree | None, duration_s: dict[str, float]) -> Iterator[str]:
    """The nested plan, one task a line."""
    waiting = [(node, 0)]
    while waiting:
        each, depth = waiting.pop()
        space = "  " * depth
        match each:
            case None:
                yield space + "(nothing to run)"
            case Task(name):
                yield f"{space}{name}  {in_words(duration_s[name])}"
            case Series(items) | Parallel(items):
                yield space + ("series" if isinstance(each, Series) else "parallel")
                waiting += [(item, depth + 1) for item in reversed(items)]


class Progress:
    """Says on standard error which pass runs and how long it took."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._started = time.perf_counter()

    def __call__(self, word: str) -> None:
        """The pass `word` has ended."""
        now = time.perf_counter()
        if not self._quiet:
            print(f"  {word:<16} {now - self._started:6.2f} s", file=sys.stderr, flush=True)
        self._started = now
