"""Runs checks: Terraform's one after the other, all others beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from infra_check.outcome import FAILED, PASSED, SKIPPED, Broken, Check, Outcome, Unasked
from infra_check.place import Place


def outcome(check: Check, place: Place) -> Outcome:
    """Asks one check. What it raises beyond Unasked and Broken is a bug and is not caught."""
    begun = time.monotonic()
    try:
        problems = tuple(check.run(place))
        status, reason = (FAILED if problems else PASSED), ""
    except Unasked as error:
        status, problems, reason = SKIPPED, (), str(error)
    except Broken as error:
        status, problems, reason = FAILED, (str(error),), ""
    notes = tuple(place.notes.get(check.name, ()))
    return Outcome(check.name, status, round(time.monotonic() - begun, 1), problems, reason, notes)


def run(checks: Sequence[Check], place: Place, told: Callable[[Outcome], None]) -> list[Outcome]:
    """Asks them all in two lanes and tells each outcome when it is known; answers them in the order of `checks`."""

    def lane(mine: Iterable[Check]) -> list[Outcome]:
        found = []
        for check in mine:
            found.append(outcome(check, place))
            told(found[-1])
        return found

    with ThreadPoolExecutor(2) as threads:
        lanes = [
            threads.submit(lane, [each for each in checks if each.terraform is wanted]) for wanted in (True, False)
        ]
        known = {each.name: each for future in lanes for each in future.result()}
    return [known[check.name] for check in checks]
