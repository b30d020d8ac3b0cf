"""Step: every version that its manifest let pass is read once, judged, and written to stage/ as UTF-8.

Parts are gzip, tab-separated, without a header, provenance columns first. The verdict is stored last; the parts of a
rejected version are deleted. Of a K file only the registry's columns are kept, the common id as a keyed HMAC.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from dpc_assets.formats.registry import FILE_TYPES, UnknownLayout, layout
from dpc_assets.steps import verdict
from dpc_assets.steps.errors import InputError, StepError
from dpc_assets.steps.lake import Submission, submission_named
from dpc_assets.steps.lines import Scan, Text, scan
from dpc_assets.steps.manifest import Entry
from dpc_assets.steps.ports import ObjectStore, Ports
from dpc_assets.steps.problems import Problem, problem
from dpc_assets.steps.run import Result, Run, compact
from dpc_assets.steps.validate_manifest import Checked, check, reject, stamp, together
from dpc_assets.steps.verdict import FileVerdict, Verdict

if TYPE_CHECKING:
    from concurrent.futures import Future

PART_BYTES = 64 << 20
"""Uncompressed bytes after which a part ends; it ends with the chunk that passed them."""

ITEMS = 500
"""Items of one month at most: each is a dozen of the 25,000 events that an execution may have."""

Item = Mapping[str, Sequence[str]]
"""`{"versions": ["2025-04/131000123/v1"]}`: names of submissions."""

_AHEAD = 2
_LEVEL = 1
_NO_KEY = "K02"


def run(run: Run, ports: Ports) -> Result:
    """Judges and stages what has no current verdict, or whose parts are gone: `pending`, then `one` of each.

    Counts: versions, in_use, refused (no version in use is newer), judged now, and their files, records and bytes.
    Version of `raw/submissions`: digest of facility, type and SHA-256 of the files of the versions in use.
    One version's refused access or throttling does not stop the others; it is raised at the end.
    """
    known = dict(_look(run, ports))
    standing: list[Verdict] = []
    judged: list[Verdict] = []
    failed: list[StepError] = []
    for submission, found in known.items():
        if found is not None:
            standing.append(found)
            continue
        try:
            judged.append(_judge(ports, check(ports.store, submission)))
        except StepError as error:
            failed.append(error)
    if failed:
        raise together(failed)
    standing = sorted([*standing, *judged], key=lambda each: each.submission)
    used = {(each.yyyymm, each.facility_code): each for each in standing if each.passed}
    telling = [each for each in standing if _matters(each, used)]
    digest = hashlib.sha256()
    for (_, facility), each in sorted(used.items()):
        for file in sorted(each.files, key=lambda file: file.type):
            digest.update(f"{facility}\t{file.type}\t{file.sha256}\n".encode())
    refused = sum(not each.passed for each in telling)
    return Result(
        "normalize",
        counts={**_counts(judged), "versions": len(known), "in_use": len(used), "refused": refused},
        versions={"raw/submissions": digest.hexdigest()},
        notes=verdict.notes(telling),
    )


def pending(run: Run, ports: Ports) -> list[Item]:
    """What `one` has to be called with: the versions to judge, in at most ITEMS items, one version in each if they fit.

    A version that cannot be looked at now is among them: `one` says why.
    """
    waiting = [submission for submission, found in _look(run, ports) if found is None]
    size = max(1, -(-len(waiting) // ITEMS))
    groups = (waiting[start : start + size] for start in range(0, len(waiting), size))
    return [{"versions": [each.name for each in group]} for group in groups]


def one(run: Run, ports: Ports, item: Item) -> Result:
    """Judges and stages the versions of one item of `pending`. What stands by now is left alone: items may run side by
    side, in any order, and twice.

    Counts: judged, and their files, records and bytes. Raises InputError for a name that is none.
    """
    judged: list[Verdict] = []
    failed: list[StepError] = []
    for submission in map(submission_named, item["versions"]):
        try:
            if _standing(ports, submission) is None:
                judged.append(_judge(ports, check(ports.store, submission)))
        except StepError as error:
            failed.append(error)
    if failed:
        raise together(failed)
    return Result("normalize", counts=_counts(judged), notes=verdict.notes(judged))


def _look(run: Run, ports: Ports) -> Iterator[tuple[Submission, Verdict | None]]:
    """Every version of the months with the verdict that stands; None where it is to be judged."""
    for month in run.months:
        _known_month(month)
        for submission in verdict.submissions(ports.store, month):
            try:
                yield submission, _standing(ports, submission)
            except StepError:
                yield submission, None  # judging it meets the same and says so


def _counts(judged: list[Verdict]) -> dict[str, int]:
    return {
        "judged": len(judged),
        "files": sum(len(each.files) for each in judged),
        "records": sum(file.records or 0 for each in judged for file in each.files),
        "bytes": sum(file.bytes for each in judged for file in each.files),
    }


def _matters(found: Verdict, used: Mapping[tuple[str, str], Verdict]) -> bool:
    """A version older than the one in use is superseded: its problems are history."""
    loaded = used.get((found.yyyymm, found.facility_code))
    return loaded is None or found.version >= loaded.version


def _known_month(month: str) -> None:
    try:
        for file_type in FILE_TYPES:
            layout(file_type, month)
    except UnknownLayout as error:
        raise InputError(str(error)) from error


def _standing(ports: Ports, submission: Submission) -> Verdict | None:
    """The verdict that needs no work: current, its parts in place and none beside them."""
    found = verdict.current(ports.store, submission)
    if found is None:
        return None
    no_key = not found.passed and any(each.rule == _NO_KEY for each in found.problems)
    if no_key and _id_key(ports) is not None and not verdict.archived(ports.store, submission):
        return None  # the key that was missing is there now, and the file too
    expected = {part for each in found.files for part in each.parts}
    present = {each.key for each in ports.store.list(submission.stage)}
    if expected - present:
        return None
    for key in sorted(present - expected):
        ports.store.delete(key)
    return found


def _id_key(ports: Ports) -> bytes | None:
    try:
        return ports.id_key() or None
    except InputError:
        return None


def _judge(ports: Ports, checked: Checked) -> Verdict:
    """Reads the files of one version, stages them and stores its verdict."""
    store, submission = ports.store, checked.folder.submission
    if checked.fatal or checked.manifest is None:
        judged = reject(checked, ports.clock())
    else:
        judged = _read(ports, checked, checked.manifest.entries, checked.manifest.created_at)
    kept = {part for each in judged.files for part in each.parts}
    for found in list(store.list(submission.stage)):
        if found.key not in kept:
            store.delete(found.key)
    verdict.write(store, judged)
    return judged


def _read(ports: Ports, checked: Checked, entries: tuple[Entry, ...], created_at: str | None) -> Verdict:
    submission = checked.folder.submission
    problems = list(checked.problems)
    more = {}
    files = []
    for entry in sorted(entries, key=lambda entry: FILE_TYPES.index(entry.type)):
        id_key = _id_key(ports) if entry.type == "Kn" else b""
        if id_key is None:
            problems.append(problem(_NO_KEY, entry.name, expected="an id key", found="none"))
        stage = not any(found.fatal for found in problems)
        found, parts = _stage(ports.store, submission, entry, id_key if stage else None)
        problems += [*found.problems, *_differences(entry, found)]
        more[entry.name] = found.more
        files.append(FileVerdict(entry.name, entry.type, found.bytes, found.sha256, found.records, found.header, parts))
    rejected = any(found.fatal for found in problems)
    return verdict.judged(
        checked.folder,
        judged_at=stamp(ports.clock()),
        created_at=created_at,
        files=tuple(replace(each, parts=()) if rejected else each for each in files),
        problems=tuple(problems),
        more=more,
    )


def _differences(entry: Entry, found: Scan) -> list[Problem]:
    """The file as it was read against its manifest entry (M05, M06, M07)."""
    told = []
    if found.bytes != entry.bytes:
        told.append(problem("M05", entry.name, expected=f"{entry.bytes} bytes", found=f"{found.bytes} bytes"))
    if found.sha256 != entry.sha256:
        told.append(problem("M06", entry.name, expected=entry.sha256, found=found.sha256))
    if found.records != entry.records:
        told.append(problem("M07", entry.name, expected=f"{entry.records} records", found=f"{found.records} records"))
    return told


def _stage(
    store: ObjectStore, submission: Submission, entry: Entry, id_key: bytes | None
) -> tuple[Scan, tuple[str, ...]]:
    """Scans one file and writes its parts; with `id_key` None it is only scanned."""
    prefix = f"{compact(submission.month)}\t{submission.facility}\t{submission.version}\t{entry.name}\t"
    with store.open(submission.raw + entry.name) as stream:

        def read(text: Text | None) -> Scan:
            return scan(
                stream,
                layout(entry.type, submission.month),
                file=entry.name,
                facility=submission.facility,
                month=submission.month,
                text=text,
            )

        if id_key is None:
            return read(None), ()
        with Parts(store, submission.staged(entry.name)) as parts:
            found = read(Text(prefix, parts.put, _hashed(id_key)))
            if found.fatal:
                parts.drop()
    return found, parts.keys


def _hashed(key: bytes) -> Callable[[str], str]:
    """'' stays ''; any other value becomes hex HMAC-SHA-256 of its UTF-8 bytes."""

    def apply(value: str) -> str:
        return hmac.digest(key, value.encode("utf-8"), "sha256").hex() if value else ""

    return apply


class Parts:
    """Gzip parts `part-0000.tsv.gz`, ... of one file; the same lines give the same bytes. At least one part.

    Compression runs in one thread beside the caller, at most _AHEAD pieces behind. A part is stored when it is full;
    when the block raises or after `drop` the one being written is not stored.
    """

    def __init__(self, store: ObjectStore, folder: str) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._store = store
        self._folder = folder
        self._keys: list[str] = []
        self._thread = ThreadPoolExecutor(1, "parts")
        self._ahead: deque[Future[None]] = deque()
        self._open: AbstractContextManager[BinaryIO] | None = None
        self._dropped = False
        self._size = 0

    @property
    def keys(self) -> tuple[str, ...]:
        return () if self._dropped else tuple(self._keys)

    def put(self, data: bytes) -> None:
        """Whole lines in UTF-8."""
        if self._open is None:
            self._begin()
        self._size += len(data)
        self._submit(data)
        if self._size >= PART_BYTES:
            self._end()

    def drop(self) -> None:
        """Gives up: nothing further is stored."""
        self._dropped = True

    def __enter__(self) -> Parts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and not self._dropped:
                if not self._keys:
                    self._begin()
                self._end()
            else:
                self._abandon(error or _Dropped())
        finally:
            self._thread.shutdown()

    def _begin(self) -> None:
        key = f"{self._folder}part-{len(self._keys):04d}.tsv.gz"
        self._keys.append(key)
        self._open = self._store.writer(key)
        self._stream = self._open.__enter__()
        self._gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)  # 31: a gzip header without time and name
        self._size = 0

    def _submit(self, data: bytes) -> None:
        while len(self._ahead) >= _AHEAD:
            self._ahead.popleft().result()
        self._ahead.append(self._thread.submit(self._compress, data))

    def _compress(self, data: bytes) -> None:
        self._stream.write(self._gzip.compress(data))

    def _end(self) -> None:
        if self._open is None:
            return
        try:
            while self._ahead:
                self._ahead.popleft().result()
            self._stream.write(self._gzip.flush())
        except BaseException as error:
            self._abandon(error)
            raise
        opened, self._open = self._open, None
        opened.__exit__(None, None, None)

    def _abandon(self, error: BaseException) -> None:
        for each in self._ahead:
            each.cancel()
        self._ahead.clear()
        self._thread.shutdown()
        opened, self._open = self._open, None
        if opened is not None:
            opened.__exit__(type(error), error, error.__traceback__)


class _Dropped(Exception):
    """Tells a writer that its object is not wanted."""
