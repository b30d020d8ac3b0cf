"""The named faults: the table, finding one, and putting it into a submission that was written clean."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from dpc_assets.sample import fault_data, fault_file, fault_manifest
from dpc_assets.sample.catalog import rows
from dpc_assets.sample.delivery import load, save
from dpc_assets.sample.errors import SampleError
from dpc_assets.sample.fault import Fault, Outcome
from dpc_assets.sample.submission import Written
from dpc_assets.sample.text import Delivered
from dpc_assets.steps.ports import ObjectStore


@cache
def table() -> tuple[Fault, ...]:
    """Every fault, in the order of `tables/faults.csv`."""
    changes = {**fault_manifest.CHANGES, **fault_file.CHANGES, **fault_data.CHANGES}
    made = []
    for row in rows("faults"):
        outcome: Outcome = row["outcome"]  # type: ignore[assignment]
        made.append(
            Fault(
                name=row["name"],
                touches=row["touches"],
                rule=row["rule"],
                outcome=outcome,
                description_en=row["description_en"],
                description_ja=row["description_ja"],
                change=changes[row["name"]],
            )
        )
    return tuple(made)


def find(name: str) -> Fault:
    """The fault of that name; SampleError with near names where there is none."""
    known = {fault.name: fault for fault in table()}
    if name not in known:
        near = get_close_matches(name, known, 3, 0.5)
        hint = f"; do you mean {' or '.join(near)}?" if near else "; the list: dpc sample --list-faults"
        raise SampleError(f"fault: expected a known name, found {name!r}{hint}")
    return known[name]


def inject(store: ObjectStore, written: Written, fault: Fault) -> Written:
    """Puts the fault into the submission; answers what its data files are now.

    Raises SampleError where the sample has nothing to put it into (too few stays).
    """
    clean = load(store, written.submission)
    changed = fault.change(clean)
    save(store, clean, changed)
    if changed.manifest is None:
        return written
    files = tuple(
        Delivered(entry["name"], entry["type"], entry["bytes"], entry["records"], entry["sha256"])
        for entry in changed.entries()
    )
    return replace(written, files=files)
