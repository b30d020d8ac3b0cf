"""Step of the daily machine: which months to run, as the inputs of one execution each.

A month is due while the keys of its versions' verdicts, as their folders lie in the lake now, differ from those that
the last execution without a selection recorded in `done.json`. Reads the lake only: where nothing is new, nothing
wakes the warehouse.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from dpc_assets.formats.registry import FILE_TYPES, UnknownLayout, layout
from dpc_assets.steps import lake, verdict
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import ObjectStore, Ports
from dpc_assets.steps.run import JAPAN, Run

DONE = "dpc-done/1"

_STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""What Step Functions adds to the input where another execution started this one."""

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_DONE = re.compile(re.escape(lake.RUNS) + r"(20[0-9]{2}-(?:0[1-9]|1[0-2]))/done\.json")
_EXPECTED = (
    'expected {} for every month that holds something new, or a range such as {"from": "2025-04", "to": "2025-06"}'
)


def run(run: Run, ports: Ports, asked: Mapping[str, object]) -> list[dict[str, str]]:
    """`[{"partition": "2025-04"}, ...]`, ascending. `asked`: `{}`, or `{"from": ..., "to": ...}` for a backfill.

    Without a range: the due months, those whose last version left the lake included. With one: every month of it that
    has a submission. Months still to come and months of which no layout is known are left alone. Raises InputError.
    """
    span = _span(asked)
    keys = keys_by_month(ports.store)
    if span:
        due = {month for month in keys if span[0] <= month <= span[1]}
    else:
        done = _recorded(ports.store)
        nothing: dict[str, str] = {}
        due = {month for month in keys.keys() | done.keys() if keys.get(month, nothing) != done.get(month, nothing)}
    return [{"partition": month} for month in sorted(due) if _known(month, ports.clock())]


def keys_by_month(store: ObjectStore) -> dict[str, dict[str, str]]:
    """Month -> version's name -> the key that its verdict has or would have, as the folder lies in the lake now.

    A version that is archived has the key that it was judged with: leaving raw/ makes nothing new.
    """
    listed = (each.key for prefix in (lake.RAW, lake.ARCHIVE) for each in store.list(prefix))
    versions = {where for key in listed if (where := verdict.version_of(key)) is not None}
    keys: dict[str, dict[str, str]] = defaultdict(dict)
    for each in sorted(versions):
        keys[each.month][each.name] = verdict.key(store, each)
    return dict(keys)


def record(store: ObjectStore, month: str, run_id: str, now: datetime) -> int:
    """Stores which verdicts of the month an execution has taken in; answers how many. What came later stays due."""
    stored = {each: verdict.read(store, each) for each in verdict.submissions(store, month)}
    keys = {each.name: found.key for each, found in stored.items() if found is not None}
    document = {"schema": DONE, "month": month, "run_id": run_id, "recorded_at": now.isoformat(), "keys": keys}
    store.write(lake.done(month), (json.dumps(document, indent=1) + "\n").encode())
    return len(keys)


def _recorded(store: ObjectStore) -> dict[str, dict[str, str]]:
    """Month -> what `record` stored; a file that is none of ours counts as absent."""
    found: dict[str, dict[str, str]] = {}
    for each in store.list(lake.RUNS):
        named = _DONE.fullmatch(each.key)
        if named is None:
            continue
        try:
            document = json.loads(store.read(each.key))
        except ValueError:
            continue
        if isinstance(document, dict) and document.get("schema") == DONE:
            found[named[1]] = document.get("keys") or {}
    return found


def _span(asked: Mapping[str, object]) -> tuple[str, str] | None:
    """(first, last) month of a backfill, None where the input asks for what is new."""
    given = asked.keys() - {_STARTED_BY}
    if not given:
        return None
    first, last = asked.get("from"), asked.get("to")
    wrong = [f"unknown field {name!r}" for name in sorted(given - {"from", "to"})]
    for name, month in (("from", first), ("to", last)):
        if not isinstance(month, str) or not _MONTH.fullmatch(month):
            wrong.append(f"{name}: expected YYYY-MM, found {json.dumps(month, ensure_ascii=False)[:40]}")
    if wrong:
        raise InputError("\n".join(["input of the schedule:", *wrong, _EXPECTED]))
    if str(first) > str(last):
        raise InputError(f"input of the schedule:\nfrom {first} is after to {last}\n{_EXPECTED}")
    return str(first), str(last)


def _known(month: str, now: datetime) -> bool:
    if not _MONTH.fullmatch(month):
        return False
    try:
        for file_type in FILE_TYPES:
            layout(file_type, month)
    except UnknownLayout:
        return False
    return month <= now.astimezone(JAPAN).strftime("%Y-%m")
