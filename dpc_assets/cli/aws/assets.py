"""An execution asset by asset: what a unit's state says of each, and of dbt's models what dbt itself recorded.

A container that runs dbt says in its answer, or in its failure, where its artifacts are; `run_results.json` there holds
the status and seconds of each model and test (schemas.getdbt.com/dbt/run-results/v6.json).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dpc_assets.cli.aws import graph_file
from dpc_assets.cli.aws.account import Account, Refused
from dpc_assets.cli.aws.rows import FAILED, NOT_REACHED, PASSED, RETRYING, RUNNING, SUCCEEDED, WAITING, Row
from dpc_assets.cli.aws.view import View

Results = Mapping[str, Any]

_PLACE = re.compile(r"s3://([^/]+)/(.+/)")
_STATES = {
    "success": SUCCEEDED,
    "pass": SUCCEEDED,
    "warn": SUCCEEDED,
    "error": FAILED,
    "fail": FAILED,
    "runtime error": FAILED,
    "skipped": NOT_REACHED,
}


@dataclass(frozen=True)
class Asset:
    """`month`: 2025-04, empty for the parent's own. `key`: the asset's, or the name of a dbt test that failed.
    `seconds`: of the asset alone, None where it has no time of its own. `tries`: of the unit that runs it."""

    execution: str
    month: str
    key: str
    state: str
    started: datetime | None
    seconds: float | None
    tries: int
    said: str


def reader(account: Account) -> Callable[[str], Results]:
    """Answers run_results.json of a folder `s3://bucket/key/`; nothing where it was not stored."""

    def read(folder: str) -> Results:
        found = _PLACE.fullmatch(folder)
        if found is None:
            return {}
        try:
            body = account.call("s3", "get_object", Bucket=found[1], Key=f"{found[2]}run_results.json")["Body"]
        except Refused as refused:
            if refused.code == "NoSuchKey":
                return {}
            raise
        results: Results = json.loads(body.read())
        return results

    return read


def assets(view: View, known: Mapping[str, str], read: Callable[[str], Results], now: datetime) -> Iterator[Asset]:
    """The assets of the execution and of those that it started, in the order of their units."""
    for row in view.rows:
        keys = graph_file.assets_of(row.unit, known, view.selected)
        made = _by_name(read(row.artifacts)) if row.artifacts else {}
        for key in keys:
            yield _asset(view, row, key, made.pop(key.rpartition("/")[2], None), bool(row.artifacts), now)
        yield from (_test(view, row, each) for each in made.values() if _STATES.get(each["status"]) == FAILED)
        for child in view.children.get(row.unit, ()):
            yield from assets(child, known, read, now)


def _by_name(results: Results) -> dict[str, Any]:
    """Results by the name of the model, seed or test (`model.dpc.fact_stay`: fact_stay)."""
    return {str(each["unique_id"]).split(".")[2]: each for each in results.get("results", ())}


def _asset(view: View, row: Row, key: str, made: Results | None, dbt: bool, now: datetime) -> Asset:
    if row.state in (WAITING, PASSED, NOT_REACHED):
        return Asset(view.name, view.month, key, row.state, None, None, row.tries, "")
    if made is not None:
        return _made_by_dbt(view, row, key, made)
    if dbt:  # a later try repeats only what the one before left undone
        state = row.state if row.state != FAILED else SUCCEEDED if row.tries > 1 else NOT_REACHED
        return Asset(view.name, view.month, key, state, None, None, row.tries, "")
    return Asset(view.name, view.month, key, row.state, row.started, row.seconds(now), row.tries, row.said)


def _made_by_dbt(view: View, row: Row, key: str, made: Results) -> Asset:
    state = _STATES.get(made["status"], row.state)
    if state != SUCCEEDED and row.state in (RUNNING, RETRYING):
        return Asset(view.name, view.month, key, row.state, None, None, row.tries, "")
    started = next((each["started_at"] for each in made.get("timing", ()) if each.get("name") == "execute"), None)
    return Asset(
        view.name,
        view.month,
        key,
        state,
        datetime.fromisoformat(started) if started else None,
        float(made.get("execution_time") or 0) if state != NOT_REACHED else None,
        row.tries,
        str(made.get("message") or "") if state == FAILED else "",
    )


def _test(view: View, row: Row, made: Results) -> Asset:
    name = str(made["unique_id"]).split(".")[2]
    said = str(made.get("message") or "")
    return Asset(view.name, view.month, name, FAILED, None, float(made.get("execution_time") or 0), row.tries, said)
