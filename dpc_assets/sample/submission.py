"""Writes one submission of a hospital and month: its files in the official layout, then the manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from dpc_assets.formats.registry import file_name
from dpc_assets.sample import dates, write_d, write_ef, write_efg, write_ff1, write_ff4, write_h, write_k
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay
from dpc_assets.sample.text import Delivered, Sink, header
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import ObjectStore

Patients = Iterable[tuple[Stay, ...]]
SCHEMA = "dpc-manifest/1"


@dataclass(frozen=True)
class Written:
    """One submission as written: its files, and the stays of its month that are claimed."""

    submission: Submission
    files: tuple[Delivered, ...]
    stays: int

    @property
    def ef_lines(self) -> int:
        return next(each.records for each in self.files if each.file_type == "EFn")


def created_at(month: str, version: int) -> str:
    """The 18th of the following month at 10:00 in Japan; each resubmission comes 45 days later."""
    day = dates.first(dates.add(month, 1)) + timedelta(days=17 + 45 * (version - 1))
    return f"{day.isoformat()}T10:00:00+09:00"


def created_utc(month: str, version: int) -> datetime:
    return datetime.fromisoformat(created_at(month, version)).astimezone(UTC)


def manifest(submission: Submission, files: Sequence[Delivered], notes: str | None) -> bytes:
    """`_manifest.json` (dpc-manifest/1): UTF-8, indented, keys in the order of the schema."""
    content: dict[str, object] = {
        "schema": SCHEMA,
        "facility_code": submission.facility,
        "yyyymm": dates.compact(submission.month),
        "version": submission.version,
        "created_at": created_at(submission.month, submission.version),
        "files": [
            {"name": one.name, "type": one.file_type, "bytes": one.size, "records": one.records, "sha256": one.sha256}
            for one in files
        ],
    }
    if notes is not None:
        content["notes"] = notes
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _together(stays: Sequence[Stay], month: str) -> Iterator[tuple[Stay, ...]]:
    """The stays that touch the month; those of one admission date together, for they share their EF and D keys."""
    touching = (stay for stay in stays if stay.touches(month))
    for _, group in groupby(touching, key=lambda stay: stay.admission):
        yield tuple(group)


def _writers(facility: Facility, draft: bool) -> dict[str, Callable[[Sequence[Stay], Facility, str], Iterator[str]]]:
    def ff1(stays: Sequence[Stay], hospital: Facility, month: str) -> Iterator[str]:
        return write_ff1.lines(stays, hospital, month, draft)

    of_all = {"FF1": ff1, "FF4": write_ff4.lines, "EFn": write_ef.lines}
    of_dpc = {"EFg": write_efg.lines, "Dn": write_d.lines} if facility.dpc else {}
    return {**of_all, **of_dpc, "Hn": write_h.lines, "Kn": write_k.lines}


def write(
    store: ObjectStore,
    submission: Submission,
    facility: Facility,
    patients: Patients,
    *,
    notes: str | None = None,
    draft: bool = False,
    ef_lines: int | None = None,
) -> Written:
    """Streams the files of one submission and writes the manifest last.

    `draft`: the version has the slip that its resubmission mends. `ef_lines`: stop after the first patient with
    whom EFn has that many lines.
    """
    month = submission.month
    count = 0
    with ExitStack() as stack:
        sinks: dict[str, tuple[Sink, Callable[[Sequence[Stay], Facility, str], Iterator[str]]]] = {}
        for file_type, writer in _writers(facility, draft).items():
            name = file_name(file_type, facility.code, month)
            stream = stack.enter_context(store.writer(submission.raw + name))
            sinks[file_type] = (Sink(name, file_type, stream, header(file_type, month)), writer)
        for stays in patients:
            for group in _together(stays, month):
                count += sum(stay.claimed for stay in group)
                for sink, writer in sinks.values():
                    sink.write(writer(group, facility, month))
            if ef_lines is not None and sinks["EFn"][0].records >= ef_lines:
                break
        files = tuple(sink.finish() for sink, _ in sinks.values())
    store.write(submission.manifest, manifest(submission, files, notes))
    return Written(submission, files, count)
