"""Months as `2025-04` and days as `YYYYMMDD`, the two forms that files and folders use."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import cache

from dpc_assets.sample.errors import SampleError

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
NOT_YET = "00000000"
NONE = "99999999"


def check(month: str) -> str:
    if not _MONTH.fullmatch(month):
        raise SampleError(f"month: expected YYYY-MM such as 2025-04, found {month!r}")
    return month


def first(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def last(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), days_in(month))


def days_in(month: str) -> int:
    return monthrange(int(month[:4]), int(month[5:]))[1]


def of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def add(month: str, count: int) -> str:
    """`add("2025-11", 3)` is `2026-02`."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def window(month: str, months: int) -> tuple[str, ...]:
    """`months` months from `month` on."""
    return tuple(add(month, each) for each in range(months))


def compact(month: str) -> str:
    return month[:4] + month[5:]


@cache
def ymd(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def known_by(day: date, limit: date) -> str:
    """A discharge as a file of the month sees it: the day, or 00000000 where it comes after `limit` (formats: 5)."""
    return ymd(day) if day <= limit else NOT_YET


def age(birth: date, day: date) -> int:
    """Full years on `day`."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
