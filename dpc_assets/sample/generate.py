"""The sample lake: which submissions there are, and what is written into each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dpc_assets.sample import dates, people
from dpc_assets.sample.errors import SampleError
from dpc_assets.sample.fault import Fault
from dpc_assets.sample.faults import find, inject
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay
from dpc_assets.sample.stays import patient, patients
from dpc_assets.sample.submission import Written, write
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import ObjectStore
from dpc_assets.steps.store import open_store

_MOST_STAYS = 90_000
_CORRECTED = "再提出：様式1の主傷病に傷病名コードを付与"


@dataclass(frozen=True)
class Report:
    """What was written. `fault`: the injected fault, if any; `stays`: claimed stays counted once a month they touch."""

    written: tuple[Written, ...]
    fault: Fault | None

    @property
    def submissions(self) -> tuple[Submission, ...]:
        return tuple(each.submission for each in self.written)

    @property
    def stays(self) -> int:
        return sum(each.stays for each in self.written)

    @property
    def records(self) -> int:
        return sum(one.records for each in self.written for one in each.files)

    @property
    def size(self) -> int:
        """Bytes of all files without manifests."""
        return sum(one.size for each in self.written for one in each.files)


def _from(facility: Facility, months: tuple[str, ...], stays: int, seed: int) -> Iterator[tuple[Stay, ...]]:
    for month in months:
        yield from patients(facility, month, stays, seed)


def _without_end(facility: Facility, month: str, seed: int) -> Iterator[tuple[Stay, ...]]:
    for number in count(1):
        if number > _MOST_STAYS:
            raise SampleError(f"ef_lines: a month holds at most {_MOST_STAYS} patients; ask for fewer lines")
        yield patient(facility, month, number, seed)


def _check(months: int, facility_count: int, stays: int, ef_lines: int | None, fault: str | None) -> None:
    if months < 1 or facility_count < 1:
        raise SampleError(f"months and facilities: expected 1 or more, found {months} and {facility_count}")
    if not 1 <= stays <= _MOST_STAYS:
        raise SampleError(f"stays: expected 1 to {_MOST_STAYS}, found {stays}")
    if ef_lines is not None and (months > 1 or facility_count > 1 or ef_lines < 1 or fault is not None):
        raise SampleError("ef_lines: expected one facility, one month, no fault and 1 line or more")


def generate(
    out: ObjectStore | Path | str,
    month: str,
    months: int = 1,
    facilities: int = 2,
    stays: int = 200,
    seed: int = 1,
    fault: str | None = None,
    *,
    ef_lines: int | None = None,
    non_dpc: int | None = None,
    resubmission: bool = True,
) -> Report:
    """Writes synthetic submissions under `raw/` of a lake; the package's docstring explains the arguments.

    Raises SampleError for arguments that do not fit, and the store's errors.
    """
    dates.check(month)
    _check(months, facilities, stays, ef_lines, fault)
    chosen = find(fault) if fault is not None else None
    store = open_store(str(out)) if isinstance(out, (str, Path)) else out
    outside = facilities - 1 if non_dpc is None and facilities >= 3 else non_dpc
    written: list[Written] = []
    window = dates.window(month, months)
    for facility in people.facilities(facilities, outside):
        if ef_lines is not None:
            endless = _without_end(facility, month, seed)
            written.append(write(store, Submission(month, facility.code, 1), facility, endless, ef_lines=ef_lines))
            continue
        for position, each in enumerate(window):
            known = window[: position + 1]
            mends = resubmission and chosen is None and months > 1 and facility.index == 0 and position == 0
            for version in (1, 2) if mends else (1,):
                written.append(
                    write(
                        store,
                        Submission(each, facility.code, version),
                        facility,
                        _from(facility, known, stays, seed),
                        notes=_CORRECTED if version > 1 else None,
                        draft=mends and version == 1,
                    )
                )
    if chosen is not None:
        written[0] = inject(store, written[0], chosen)
    return Report(tuple(written), chosen)
