"""A partition definition as the graph keeps it, or the words for why it cannot be compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from compiler.errors import Problem
from compiler.extract_declared import Declared, DeclaredNode
from compiler.graph import Partitions
from compiler.runtime.graph_file import Periods
from compiler.runtime.partition import first_window

RULE = "partitions"

_EXACT = "%Y-%m-%dT%H:%M:%S%z"
_SPOKEN = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0"} | {
    "@monthly": "0 0 1 * *"
}
_KINDS = (
    ("hourly", r"(\d+) \* \* \* \*"),
    ("daily", r"(\d+) (\d+) \* \* \*"),
    ("weekly", r"(\d+) (\d+) \* \* ([0-7])"),
    ("monthly", r"(\d+) (\d+) (\d+) \* \*"),
)


def time_windows(
    cron: str, start: datetime, end: datetime | None, fmt: str, timezone: str, end_offset: int
) -> Partitions | str:
    """Windows that begin at each time of `cron`; a text for a cron of another form than Dagster's own four."""
    for kind, pattern in _KINDS:
        if read := re.fullmatch(pattern, " ".join(_SPOKEN.get(cron, cron).split())):
            minute, hour, day = (*map(int, read.groups()), 0, 0)[:3]
            day = day % 7 if kind == "weekly" else day
            break
    else:
        return f"time windows of a cron of their own ({cron})"
    zone: tzinfo | None = start.tzinfo
    if zone is None:
        return "time windows without a time zone"
    exact = Periods(
        kind=kind, start=start.strftime(_EXACT), fmt=_EXACT, timezone=timezone, minute=minute, hour=hour, day=day
    )
    first = first_window(exact, zone)
    if end and (minute or hour or day > 1) and end.strftime(_EXACT) != _read(end.strftime(fmt), fmt, zone):
        return f"time windows that end at {end.isoformat()}, which their keys ({fmt}) cannot name"
    return Partitions(
        kind=kind,
        start=first.strftime(fmt),
        end=end.strftime(fmt) if end else "",
        fmt=fmt,
        timezone=timezone,
        end_offset=end_offset,
        minute=minute,
        hour=hour,
        day=day,
    )


def _read(key: str, fmt: str, zone: tzinfo) -> str:
    found = datetime.strptime(key, fmt)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).strftime(_EXACT)


def static(keys: Sequence[str]) -> Partitions:
    return Partitions(kind="static", keys=tuple(keys))


def described(partitions: Partitions) -> str:
    """For a message: `monthly from 2025-04 (Asia/Tokyo)`, `static keys a, b`."""
    if partitions.kind == "static":
        more = ", ..." if len(partitions.keys) > 5 else ""
        return f"static keys {', '.join(partitions.keys[:5])}{more}"
    until = f" until {partitions.end}" if partitions.end else ""
    offset = f", end offset {partitions.end_offset}" if partitions.end_offset else ""
    at = f", at {partitions.hour:02}:{partitions.minute:02}" if partitions.hour or partitions.minute else ""
    on = f", on day {partitions.day}" if partitions.day > (partitions.kind == "monthly") else ""
    written = f", written {partitions.fmt}"
    return f"{partitions.kind} from {partitions.start}{until} ({partitions.timezone}{offset}{at}{on}{written})"


def one_definition(declared: Declared) -> tuple[Partitions | None, list[Problem]]:
    """The partitions of the machine: everything that runs has these or none."""
    problems: list[Problem] = []
    carried: dict[Partitions, list[str]] = {}
    for node in declared.nodes:
        if not node.op or node.partitions is None:
            continue
        if isinstance(node.partitions, str):
            message = f"has {node.partitions}: a machine has static, hourly, daily, weekly or monthly partitions"
            problems.append(Problem(RULE, node.where, message, "partition it by one of these, or not at all"))
        else:
            carried.setdefault(node.partitions, []).append(node.key)
    if len(carried) > 1:
        listed = "; ".join(
            f"{described(partitions)}: {_some(keys)}"
            for partitions, keys in sorted(carried.items(), key=lambda item: item[1])
        )
        problems.append(
            Problem(
                RULE,
                "definitions",
                f"expected one partition definition in a machine, found {len(carried)}: {listed}",
                "one beside unpartitioned assets is normal; compile each of the others from definitions of its own",
            )
        )
    return (next(iter(carried)) if len(carried) == 1 else None), problems


def _some(keys: Iterable[str]) -> str:
    listed = sorted(keys)
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    return ", ".join(listed[:10]) + more


def mappings(declared: Declared) -> list[Problem]:
    """A run has one partition: what it reads is the same partition, or something unpartitioned."""
    nodes = {node.key: node for node in declared.nodes}
    problems = []
    for node in declared.nodes:
        if not node.op:
            continue
        if node.needs_itself:
            message = "depends on an earlier partition of itself, which no run of one partition can see to"
            problems.append(Problem(RULE, node.where, message, _OWN_PAST_HINT))
        for mapped in node.mapped:
            parent = nodes.get(mapped.parent)
            if parent is None or not parent.op or parent.key == node.key or _allowed(node, parent, mapped.everything):
                continue
            message = (
                f"reads {mapped.parent} through {mapped.said}, which cannot be compiled: "
                "an execution runs one partition of everything"
            )
            problems.append(Problem(RULE, node.where, message, _MAPPING_HINT))
    return problems


def _allowed(node: DeclaredNode, parent: DeclaredNode, everything: bool) -> bool:
    return not parent.partitions or (everything and not node.partitions)


_OWN_PAST_HINT = "let the step read what earlier runs left in its store, and drop the dependency"
_MAPPING_HINT = (
    "depend on the same partition (no partition mapping); what reads several partitions is an unpartitioned asset"
)
