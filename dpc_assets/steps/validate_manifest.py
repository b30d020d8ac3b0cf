"""Step: every version of the month without a current verdict is checked by its manifest and listing.

Cheap: it reads manifests and the start of each file, nothing whole. It stores rejections only; what it lets pass is
for `normalize` to read and judge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dpc_assets.formats.registry import REQUIRED_TYPES, parse_file_name
from dpc_assets.steps import manifest, verdict
from dpc_assets.steps.errors import InputError, StepError
from dpc_assets.steps.lake import Submission, delivered_folders
from dpc_assets.steps.lines import is_source_row
from dpc_assets.steps.manifest import Manifest
from dpc_assets.steps.ports import ObjectStore, Ports
from dpc_assets.steps.problems import Problem, problem
from dpc_assets.steps.run import Result, Run, compact
from dpc_assets.steps.verdict import MANIFEST, FileVerdict, Folder

_SOURCE_NAME = re.compile(r"kn.*\.csv|.*/kn[^/]*\.csv", re.IGNORECASE | re.DOTALL)
FIRST_LINES = 1 << 14
"""Bytes of a file that its first lines are looked for in."""


@dataclass(frozen=True)
class Checked:
    """What manifest and listing tell of one version. `manifest` is None where it cannot be read."""

    folder: Folder
    manifest: Manifest | None
    problems: tuple[Problem, ...]

    @property
    def fatal(self) -> bool:
        return any(found.fatal for found in self.problems)


def run(run: Run, ports: Ports) -> Result:
    """Stores a rejection for each version whose manifest or listing is wrong.

    Counts: versions, known (a current verdict stands), rejected, strays (keys under raw/ that are in no version, or in
    one that is archived).
    One version's refused access or throttling does not stop the others; it is raised at the end.
    """
    counts: Counter[str] = Counter(versions=0, known=0, rejected=0, strays=0)
    rejected = []
    strays: list[str] = []
    failed: list[StepError] = []
    for month in run.months:
        strays += _strays(ports.store, month)
        for submission in verdict.submissions(ports.store, month):
            counts["versions"] += 1
            try:
                if verdict.current(ports.store, submission) is not None:
                    counts["known"] += 1
                    continue
                checked = check(ports.store, submission)
                if checked.fatal:
                    refusal = reject(checked, ports.clock())
                    verdict.write(ports.store, refusal)
                    rejected.append(refusal)
            except StepError as error:
                failed.append(error)
    counts["rejected"] = len(rejected)
    counts["strays"] = len(strays)
    if failed:
        raise together(failed)
    return Result("validate_manifest", counts=dict(counts), notes=(*verdict.notes(rejected), *strays)[:100])


def check(store: ObjectStore, submission: Submission) -> Checked:
    """Judges one version by its manifest, its listing and the first line of each file; every problem at once.

    Raises InputError for an archived version: its files may not be readable any more.
    """
    where = verdict.folder(store, submission)
    if where.archived:
        raise InputError(
            f"{submission.name}: archived, and its verdict ({submission.verdict}) or its parts below "
            f"{submission.stage} are gone; bring those objects back, or submit the files again as the next version"
        )
    read, problems = manifest.read(where.manifest)
    found = [*problems, *_names(where)]
    if read is not None:
        found += [*_place(read, submission), *_entries(read), *_presence(read, where)]
    sources = {each.file for each in found if each.rule == "K00"}
    for name in sorted(where.sizes):
        if name not in {MANIFEST, *where.moved, *sources} and _is_source(store, submission, name):
            found.append(problem("K00", name, line=1, expected="a file of the survey", found="a K source file"))
            sources.add(name)
    return Checked(where, read, tuple(each for each in found if each.rule == "K00" or each.file not in sources))


def reject(checked: Checked, now: datetime) -> verdict.Verdict:
    """The rejection of a version that was not read: its files by listing only."""
    files = tuple(
        FileVerdict(name, named.file_type, size, "", None, False, ())
        for name, size in sorted(checked.folder.sizes.items())
        if (named := parse_file_name(name)) is not None
    )
    return verdict.judged(
        checked.folder,
        judged_at=stamp(now),
        created_at=checked.manifest.created_at if checked.manifest else None,
        files=files,
        problems=checked.problems,
    )


def is_source_name(name: str) -> bool:
    """Whether a file is named like the K source file (spec p154): `Kn_....csv`, in any case, in any sub-folder."""
    return _SOURCE_NAME.fullmatch(name) is not None


def stamp(now: datetime) -> str:
    """An aware moment as RFC 3339 in UTC."""
    return manifest.utc(now.isoformat())


def together(failed: list[StepError]) -> StepError:
    """One error for several: of the first one's class, with every message."""
    return type(failed[0])("\n".join(dict.fromkeys(str(each) for each in failed)))


def _names(where: Folder) -> Iterator[Problem]:
    """Names and months of the files in the folder (F01, F05, F06, K00)."""
    submission = where.submission
    for name in sorted(where.sizes):
        named = parse_file_name(name)
        if is_source_name(name):
            yield problem("K00", name, expected="no such file", found="the name of a K source file")
        elif named is not None:
            if named.facility != submission.facility:
                yield problem("F05", name, expected=submission.facility, found=f"{named.facility} in the file name")
            if named.month != submission.month:
                yield problem("F06", name, expected=submission.month, found=f"{named.month} in the file name")


def _place(read: Manifest, submission: Submission) -> Iterator[Problem]:
    """Facility, month and version of the manifest against its folder (M09)."""
    pairs = (
        ("facility_code", submission.facility, read.facility_code),
        ("yyyymm", compact(submission.month), read.yyyymm),
        ("version", str(submission.version), None if read.version is None else str(read.version)),
    )
    for field, expected, found in pairs:
        if found is not None and found != expected:
            yield problem("M09", MANIFEST, field=field, expected=f"{expected}, as its folder", found=found)


def _entries(read: Manifest) -> Iterator[Problem]:
    """The entries among each other (M08, M10) and against their names (F01)."""
    names = Counter(entry.name for entry in read.entries)
    types = Counter(entry.type for entry in {entry.name: entry for entry in read.entries}.values())
    for name, times in sorted(names.items()):
        if times > 1:
            yield problem("M10", name, expected="one entry a file", found=f"{times} entries")
    for kind, times in sorted(types.items()):
        if times > 1:
            yield problem("M10", MANIFEST, field="files", expected=f"one file of type {kind}", found=f"{times} files")
    for entry in {entry.name: entry for entry in read.entries}.values():
        named = parse_file_name(entry.name)
        if named is None:
            if not is_source_name(entry.name):
                yield problem("F01", entry.name, expected="type_facility_YYMM.txt", found="another name")
        elif named.file_type != entry.type:
            expected = f"type {named.file_type}, as the name"
            yield problem("F01", entry.name, expected=expected, found=f"type {entry.type}")
    delivered = {named.file_type for name in read.listed if (named := parse_file_name(name)) is not None}
    for kind in REQUIRED_TYPES:
        if kind not in delivered and kind not in types:
            yield problem("M08", MANIFEST, field="files", expected=f"a file of type {kind}", found="none")


def _presence(read: Manifest, where: Folder) -> Iterator[Problem]:
    """The manifest's files against the listing (M03, M04, M05)."""
    for name in sorted(read.listed - where.sizes.keys()):
        yield problem("M03", name, expected="the file in the folder", found="no such file")
    for name in sorted(where.sizes.keys() - read.listed - {MANIFEST}):
        if not is_source_name(name):
            yield problem("M04", name, expected="only files of the manifest", found="a file that is not listed")
    for entry in read.entries:
        size = where.sizes.get(entry.name)
        if size is not None and size != entry.bytes:
            yield problem("M05", entry.name, expected=f"{entry.bytes} bytes", found=f"{size} bytes")


def _is_source(store: ObjectStore, submission: Submission, name: str) -> bool:
    with store.open(submission.raw + name) as stream:
        return starts_as_source(stream.read(FIRST_LINES))


def starts_as_source(start: bytes) -> bool:
    """Whether a file that begins so (FIRST_LINES bytes of it) is a K source file by its content."""
    return any(is_source_row(line) for line in start[:FIRST_LINES].splitlines()[:2])


def _strays(store: ObjectStore, month: str) -> list[str]:
    """What lies below raw/ and is judged with no version, in words."""
    raw, archive = delivered_folders(month)
    archived = {
        where
        for found in store.list(archive)
        if (where := verdict.version_of(found.key)) is not None and found.key == where.archive + MANIFEST
    }
    told = []
    for found in store.list(raw):
        where = verdict.version_of(found.key)
        if where is None:
            told.append(f"{found.key}: in no version's folder, ignored")
        elif where in archived:
            told.append(f"{found.key}: of an archived version, ignored; what is new is submitted as the next version")
    return told
