"""Whether a partition key may run now: Dagster's rules for static keys and for windows of time.

A window's key is its start, written by strftime; a key may run when its window has ended, give or take `end_offset`
windows. Hours are counted in absolute time, days, weeks and months on the clock of the time zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from compiler.runtime.errors import NotConfigured, WrongPartition
from compiler.runtime.graph_file import Periods

NEAR = 3


def check(partition: str, periods: Periods, now: datetime) -> None:
    """Raises WrongPartition where the key is not one of the partitions at `now` (aware)."""
    if periods.kind == "static":
        _check_static(partition, periods)
        return
    zone = _zone(periods.timezone)
    first, last = first_window(periods, zone), last_window(periods, zone, now)
    known = f"expected a key of the form {periods.fmt} ({periods.kind}, {periods.timezone})"
    if last.timestamp() < first.timestamp():
        raise WrongPartition(
            f"partition: {known}, the first is {_key(first, periods)} and has not ended yet; found {partition!r}"
        )
    known += f" from {_key(first, periods)} to {_key(last, periods)}"
    try:
        start = _start(partition, periods, zone)
        ended = _shift(start, periods, 1)
    except (ValueError, OverflowError):
        raise WrongPartition(f"partition: {known}; found {partition!r}") from None
    if _key(start, periods) != partition:
        raise WrongPartition(f"partition: {known}; found {partition!r}: did you mean {_key(start, periods)}?")
    if start.timestamp() < first.timestamp():
        raise WrongPartition(f"partition: {known}; found {partition!r}, which is before the first")
    if start.timestamp() > last.timestamp():
        why = "is after the last" if ended.timestamp() <= now.timestamp() else f"ends {ended.isoformat()}"
        raise WrongPartition(f"partition: {known}; found {partition!r}, which {why}")


def described(periods: Periods, now: datetime) -> str:
    """The keys that may run, in words: for who left the partition out."""
    if periods.kind == "static":
        return f"one of {_listed(periods.keys)}"
    zone = _zone(periods.timezone)
    first, last = first_window(periods, zone), last_window(periods, zone, now)
    return f"a key of the form {periods.fmt} from {_key(first, periods)} to {_key(last, periods)}"


def first_window(periods: Periods, zone: tzinfo) -> datetime:
    """Start of the first window: the first bound at or after the declared start."""
    return _bound_from(_parsed(periods.start, periods, zone), periods)


def last_window(periods: Periods, zone: tzinfo, now: datetime) -> datetime:
    """Start of the last window that may run; before the first window where none may.

    With a positive `end_offset` Dagster has the first window one window sooner than the offset says; so it is here.
    """
    end = _parsed(periods.end, periods, zone) if periods.end else None
    bound = now.astimezone(zone)
    if end is not None and periods.end_offset == 0 and end.timestamp() < bound.timestamp():
        bound = end
    last = _shift(_bound_until(bound, periods), periods, periods.end_offset - 1)
    if end is not None:
        closing = _shift(_bound_until(end, periods), periods, -1)
        if closing.timestamp() <= last.timestamp():
            return closing
    if periods.end_offset > 0:
        first = first_window(periods, zone)
        soonest = _shift(_bound_from(bound, periods), periods, periods.end_offset)
        if last.timestamp() < first.timestamp() and _shift(first, periods, 1).timestamp() <= soonest.timestamp():
            return first
    return last


def _check_static(partition: str, periods: Periods) -> None:
    if partition in periods.keys:
        return
    import difflib

    near = difflib.get_close_matches(partition, periods.keys, n=NEAR)
    hint = f": did you mean {', '.join(near)}?" if near else ""
    raise WrongPartition(f"partition: expected one of {_listed(periods.keys)}; found {partition!r}{hint}")


def _listed(keys: tuple[str, ...]) -> str:
    if len(keys) <= 20:
        return ", ".join(keys)
    return f"{len(keys)} keys, the first {', '.join(keys[:5])}, the last {keys[-1]}"


def _zone(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return UTC
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise NotConfigured(
            f"time zone {name} of the partitions is not known to this Python ({error}): "
            "add the package tzdata as a layer of the plan function"
        ) from error


def _parsed(key: str, periods: Periods, zone: tzinfo) -> datetime:
    """The time that a key names, in the zone; a key may carry a UTC offset where a clock hour comes twice."""
    try:
        found = datetime.strptime(key, periods.fmt)
    except ValueError:
        if "%z" in periods.fmt:
            raise
        found = datetime.strptime(key, periods.fmt + "%z")
    return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)


def _start(key: str, periods: Periods, zone: tzinfo) -> datetime:
    """The start of the window that a key names: the format may leave out the hour at which windows begin."""
    found = _parsed(key, periods, zone)
    whole = periods.minute == 0 and (periods.kind == "hourly" or (periods.kind == "daily" and periods.hour == 0))
    return found if whole else _bound_from(found, periods)


def _key(start: datetime, periods: Periods) -> str:
    twice = periods.kind == "hourly" and "%z" not in periods.fmt and start.fold and start.tzinfo is not UTC
    return start.strftime(periods.fmt + "%z" if twice else periods.fmt)


def _bound_from(moment: datetime, periods: Periods) -> datetime:
    """The first bound of windows at or after a moment."""
    bound = _bound_until(moment, periods)
    return bound if bound.timestamp() >= moment.timestamp() else _shift(bound, periods, 1)


def _bound_until(moment: datetime, periods: Periods) -> datetime:
    """The last bound of windows at or before a moment."""
    bound = moment.replace(minute=periods.minute, second=0, microsecond=0)
    if periods.kind != "hourly":
        bound = bound.replace(hour=periods.hour, fold=0)
    if periods.kind == "weekly":
        bound -= timedelta(days=(bound.isoweekday() - periods.day) % 7)
    if periods.kind == "monthly":
        bound = _month(bound, max(1, periods.day), 0)
    return bound if bound.timestamp() <= moment.timestamp() else _shift(bound, periods, -1)


def _shift(bound: datetime, periods: Periods, windows: int) -> datetime:
    """The bound so many windows later, or earlier."""
    if periods.kind == "hourly":
        return (bound.astimezone(UTC) + timedelta(hours=windows)).astimezone(bound.tzinfo)
    if periods.kind == "daily":
        return bound + timedelta(days=windows)
    if periods.kind == "weekly":
        return bound + timedelta(weeks=windows)
    return _month(bound, max(1, periods.day), windows)


def _month(bound: datetime, day: int, months: int) -> datetime:
    """The `day` so many months on, or for 0 the last until this month; a month without that day has no bound."""
    index = bound.year * 12 + bound.month - 1
    left = abs(months) if months else int(not _has(index, day))
    step = 1 if months > 0 else -1
    while left:
        index += step
        left -= _has(index, day)
    return bound.replace(year=index // 12, month=index % 12 + 1, day=day)


def _has(month: int, day: int) -> bool:
    """Whether the month (counted from year 0) has the day."""
    first = date(month // 12, month % 12 + 1, 1)
    return (first + timedelta(days=day - 1)).month == first.month
