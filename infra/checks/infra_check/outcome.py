"""What a check answers: problems, or the reason why it could not be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra_check.place import Place

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Unasked(Exception):
    """A check cannot be asked here; the text is the reason. The only way to skip."""


class Broken(Exception):
    """A tool did not do its work; the text is what it said."""


@dataclass(frozen=True)
class Check:
    """One line of the report. `run` yields problems in words; `note` of its return value stands on the line."""

    name: str
    about: str
    run: Callable[[Place], Iterable[str]]
    terraform: bool = False


@dataclass(frozen=True)
class Outcome:
    """`reason` says why a check was skipped; `notes` are what a person should see of one that passed."""

    name: str
    status: str
    seconds: float
    problems: tuple[str, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = field(default=())
