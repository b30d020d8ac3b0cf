"""Errors of the compiler. The class says what the caller should do; every problem is reported, never only the first.

CompileError
├── Refused      the definitions, the graph or the machine break a rule: mend what each problem names
├── OutOfDate    what is committed is not what would be generated: run `dpc-compile build` and commit
└── UsageError   the command was called wrongly, or a file it was given cannot be read
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One broken rule. `rule` is the name of the function that found it; `where` the asset, state or file.

    `message` says what was expected and found, with the figures; `hint` what to do.
    """

    rule: str
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule}]" + (f"\n    {self.hint}" if self.hint else "")


class CompileError(Exception):
    """Root of the tree. `str(error)` is text for a person."""


class Refused(CompileError):
    """What was to be compiled breaks rules; `problems` holds all of them, in order, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutOfDate(CompileError):
    """Generated files differ from what would be generated now."""


class UsageError(CompileError):
    """A wrong call, or a file that cannot be read."""
