"""A five-field cron expression, as Dagster has it, to the six fields of EventBridge Scheduler.

AWS counts weekdays from 1 (Sunday) to 7, adds a year, and wants `?` in one of day and weekday, so that it cannot say
"on this day or on that weekday", which is what five fields mean where both are given.
(EventBridge Scheduler user guide, schedule types: cron-based schedules.)
"""

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

from compiler.errors import Problem, Refused

_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_PART = re.compile(r"(?P<first>\*|[0-9]+|[a-z]{3})(?:-(?P<last>[0-9]+|[a-z]{3}))?(?:/(?P<step>[0-9]+))?\Z")
_NTH = re.compile(r"(?P<day>[0-7]|[a-z]{3})#(?P<nth>[1-5])\Z")
_LAST = re.compile(r"l(?P<day>[0-7]|[a-z]{3})\Z")


def scheduler_expression(cron: str) -> str:
    """`0 3 * * 1-5` -> `cron(0 3 ? * 2-6 *)`. Raises `Refused` for what is no cron or cannot be said in AWS."""
    fields = _NICKNAMES.get(cron.strip().lower(), cron).lower().split()
    if len(fields) != 5:
        raise _refused(cron, "expected five fields: minute hour day month weekday")
    minute, hour, day, month, weekday = ["*" if field == "?" else field for field in fields]
    days, weekdays = _day(cron, day), _weekday(cron, weekday)
    if days != "*" and weekdays != "*":
        raise _refused(
            cron,
            "it names both days of the month and weekdays, which means either of them; AWS cannot say that",
            "keep one of the two, or let the step that finds work look at the date",
        )
    if weekdays == "*":
        weekdays = "?"
    else:
        days = "?"
    written = [
        _written(_values(cron, "minute", minute, 0, 59), 0, 59),
        _written(_values(cron, "hour", hour, 0, 23), 0, 23),
        days,
        _written(_values(cron, "month", month, 1, 12, _MONTHS), 1, 12),
        weekdays,
        "*",
    ]
    return f"cron({' '.join(written)})"


def _day(cron: str, text: str) -> str:
    return "L" if text == "l" else _written(_values(cron, "day", text, 1, 31), 1, 31)


def _weekday(cron: str, text: str) -> str:
    for form, suffix in ((_NTH, "#{nth}"), (_LAST, "L")):
        if found := form.match(text):
            number = _number(cron, "weekday", found["day"], 0, 7, _DAYS) % 7 + 1
            return f"{number}{suffix.format(**found.groupdict())}"
    values = _values(cron, "weekday", text, 0, 7, _DAYS)
    return _written({value % 7 + 1 for value in values}, 1, 7, steps=False)


def _values(
    cron: str, field: str, text: str, low: int, high: int, names: Mapping[str, int] | None = None
) -> frozenset[int]:
    """The numbers that a field names: lists, ranges (also those that pass the end, as fri-mon) and steps."""
    found: set[int] = set()
    for part in text.split(","):
        parsed = _PART.match(part)
        if parsed is None or (parsed["first"] == "*" and parsed["last"]) or parsed["step"] == "0":
            raise _refused(cron, f"{field}: expected numbers from {low} to {high}, found {part!r}")
        step = int(parsed["step"] or 1)
        top = high - 1 if field == "weekday" else high
        if parsed["first"] == "*":
            first, last = low, top
        else:
            first = _number(cron, field, parsed["first"], low, high, names)
            last = _number(cron, field, parsed["last"], low, high, names) if parsed["last"] else first
            if parsed["step"] and not parsed["last"]:
                last = top
        around = [*range(first, last + 1)] if first <= last else [*range(first, top + 1), *range(low, last + 1)]
        found.update(around[::step])
    return frozenset(found)


def _number(cron: str, field: str, text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    number = int(text) if text.isdigit() else (names or {}).get(text, -1)
    if not low <= number <= high:
        raise _refused(cron, f"{field}: expected numbers from {low} to {high}, found {text!r}")
    return number


def _written(values: Collection[int], low: int, high: int, *, steps: bool = True) -> str:
    """`*`, `start/step` (which AWS does not take for weekdays), or ranges and single numbers that are these values."""
    ordered = sorted(values)
    if ordered == list(range(low, high + 1)):
        return "*"
    apart = {after - before for before, after in pairwise(ordered)}
    if steps and len(ordered) > 2 and len(apart) == 1 and (step := min(apart)) > 1 and ordered[-1] + step > high:
        return f"{ordered[0]}/{step}"
    runs: list[list[int]] = []
    for value in ordered:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)


def _refused(cron: str, message: str, hint: str = "") -> Refused:
    return Refused([Problem("schedule", f"cron {cron!r}", message, hint)])
