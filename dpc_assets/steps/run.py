"""What a step is called with and what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from dpc_assets.steps.errors import InputError

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")

JAPAN = timezone(timedelta(hours=9))
"""Whose calendar counts; without summer time."""


@dataclass(frozen=True)
class Run:
    """One call of a step. `months` are partition keys (`2025-04`), ascending; a partitioned step gets exactly one.

    `started_at` is when the run began (aware, UTC), where the caller knows it: for the summary's duration.
    """

    run_id: str
    months: tuple[str, ...]
    started_at: datetime | None = None

    def __post_init__(self) -> None:
        for month in self.months:
            if not _MONTH.fullmatch(month):
                raise InputError(f"month: expected YYYY-MM such as 2025-04, found {month!r}")


@dataclass(frozen=True)
class Result:
    """Control data only: counts, digests, keys and messages; never rows, nothing that grows with them.

    `counts` are shown as metadata and in the summary; `versions` maps an asset key to its data version;
    `notes` are sentences for a person, worst first, capped at 100.
    """

    step: str
    counts: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


def compact(month: str) -> str:
    """`2025-04` -> `202504`, the form of the columns."""
    return month.replace("-", "")


def dashed(yyyymm: str) -> str:
    """`202504` -> `2025-04`, the form of partition keys and folders."""
    return f"{yyyymm[:4]}-{yyyymm[4:]}"
