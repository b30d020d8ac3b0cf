"""A folder of official files, checked and stored in the lake as the next version of its facility and month."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dpc_assets.formats.registry import FILE_TYPES, REQUIRED_TYPES, FileName, UnknownLayout, layout, parse_file_name
from dpc_assets.steps import verdict
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.lines import scan
from dpc_assets.steps.manifest import SCHEMA
from dpc_assets.steps.ports import Clock, ObjectStore
from dpc_assets.steps.problems import Problem, problem, sentence, worst_first
from dpc_assets.steps.run import compact
from dpc_assets.steps.validate_manifest import is_source_name, stamp

_COPY_BYTES = 1 << 20


class SubmissionRefused(InputError):
    """The folder cannot be submitted as it is; `problems` holds everything found, worst first."""

    def __init__(self, source: Path, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join((f"{source}: not submitted", *map(sentence, problems))))


@dataclass(frozen=True)
class PlannedFile:
    """One file as it was read: size in bytes, data lines without a header line, SHA-256 in hex."""

    name: str
    type: str
    bytes: int
    records: int
    sha256: str
    header: bool


@dataclass(frozen=True)
class SubmissionPlan:
    """What a folder would be submitted as. `month` (`2025-04`) and `facility` are '' where no file is official."""

    source: Path
    month: str
    facility: str
    files: tuple[PlannedFile, ...]
    problems: tuple[Problem, ...]

    @property
    def fatal(self) -> bool:
        return any(found.fatal for found in self.problems)


@dataclass(frozen=True)
class SubmitReport:
    """What was stored. `folder`: where a person finds it; `warnings`: problems that do not reject, worst first."""

    submission: Submission
    folder: str
    created_at: str
    files: tuple[PlannedFile, ...]
    warnings: tuple[Problem, ...]


def plan_submission(source_dir: Path | str) -> SubmissionPlan:
    """Reads every file of the folder once and answers every problem at once; stores nothing.

    Raises InputError where `source_dir` is no readable folder.
    """
    source = Path(source_dir)
    names = _names(source)
    official = {name: named for name in names if (named := parse_file_name(name)) is not None}
    facility = _most_common([named.facility for named in official.values()])
    month = _most_common([named.month for named in official.values()])
    problems = list(_foreign(source, names, official, facility, month))
    files = []
    for name, named in sorted(official.items(), key=lambda pair: (FILE_TYPES.index(pair[1].file_type), pair[0])):
        read = _read(source, name, named)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            files.append(read[0])
            problems += read[1]
    return SubmissionPlan(source, month, facility, tuple(files), worst_first(problems))


def submit(source_dir: Path | str, store: ObjectStore, clock: Clock) -> SubmitReport:
    """Stores the folder as the version after the highest one of its facility and month; the manifest comes last.

    Raises SubmissionRefused with every problem, InputError where a file changes while it is read, RetryLater where
    the lake refuses. After an error nothing of the version is left in the lake.
    """
    plan = plan_submission(source_dir)
    if plan.fatal:
        raise SubmissionRefused(plan.source, plan.problems)
    submission = Submission(plan.month, plan.facility, _next_version(store, plan))
    created_at = stamp(clock())
    stored: list[str] = []
    try:
        for file in plan.files:
            stored.append(submission.raw + file.name)
            _copy(plan.source / file.name, store, stored[-1], file)
        stored.append(submission.manifest)
        store.write(submission.manifest, _manifest(submission, created_at, plan.files))
    except BaseException as error:  # an interrupt too: a version without its manifest would be rejected
        for key in stored:
            store.delete(key)
        if isinstance(error, OSError):
            raise RetryLater(f"{plan.source}: {error.strerror or error}") from error
        raise
    return SubmitReport(submission, store.display(submission.raw), created_at, plan.files, plan.problems)


def _names(source: Path) -> list[str]:
    try:
        return sorted(each.name for each in source.iterdir())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{source}: expected a folder of official files; found no such folder") from error
    except OSError as error:
        raise RetryLater(f"{source}: {error.strerror}") from error


def _most_common(values: list[str]) -> str:
    return min(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[0] if values else ""


def _foreign(
    source: Path, names: list[str], official: dict[str, FileName], facility: str, month: str
) -> Iterator[Problem]:
    """What names alone show: files that do not belong, mixed facilities and months, missing types."""
    for name in names:
        named = official.get(name)
        if is_source_name(name):
            yield problem("K00", name, expected="no such file", found="the name of a K source file")
        elif named is None or not (source / name).is_file():
            yield problem("F01", name, expected="files named type_facility_YYMM.txt only", found="another entry")
        else:
            if named.facility != facility:
                yield problem("F05", name, expected=f"one facility, {facility}", found=f"{named.facility} in the name")
            if named.month != month:
                yield problem("F06", name, expected=f"one month, {month}", found=f"{named.month} in the name")
    delivered = {named.file_type for named in official.values()}
    for file_type in REQUIRED_TYPES:
        if file_type not in delivered:
            yield problem("M08", file_type, expected=f"a file of type {file_type}", found="none")


def _read(source: Path, name: str, named: FileName) -> tuple[PlannedFile, tuple[Problem, ...]] | Problem:
    try:
        known = layout(named.file_type, named.month)
        with (source / name).open("rb") as stream:
            found = scan(stream, known, file=name, facility=named.facility, month=named.month, text=None)
    except UnknownLayout as error:
        return problem("F06", name, expected="a month with a known record layout", found=str(error))
    except OSError as error:
        raise RetryLater(f"{source / name}: {error.strerror}") from error
    file = PlannedFile(name, named.file_type, found.bytes, found.records, found.sha256, found.header)
    return file, found.problems


def _next_version(store: ObjectStore, plan: SubmissionPlan) -> int:
    known = verdict.submissions(store, plan.month, plan.facility)
    return max((each.version for each in known), default=0) + 1


def _copy(path: Path, store: ObjectStore, key: str, file: PlannedFile) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as source, store.writer(key) as target:
        while data := source.read(_COPY_BYTES):
            digest.update(data)
            target.write(data)
        if digest.hexdigest() != file.sha256:
            raise InputError(f"{path}: the file changed while it was submitted; submit again when nothing writes to it")


def _manifest(submission: Submission, created_at: str, files: tuple[PlannedFile, ...]) -> bytes:
    document = {
        "schema": SCHEMA,
        "facility_code": submission.facility,
        "yyyymm": compact(submission.month),
        "version": submission.version,
        "created_at": created_at,
        "files": [
            {"name": each.name, "type": each.type, "bytes": each.bytes, "records": each.records, "sha256": each.sha256}
            for each in files
        ],
    }
    return (json.dumps(document, indent=1) + "\n").encode("ascii")
