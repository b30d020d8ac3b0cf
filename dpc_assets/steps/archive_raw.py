"""Step of the daily machine: what was delivered leaves raw/ for archive/, 13 months after its month's last version.

A version is copied whole, each copy compared with what was read, its manifest last; only then is anything deleted, the
manifest last again. So until the manifest's copy is there raw/ holds everything, and from then on archive/ does: a run
that was interrupted is gone on with by the next. What is below archive/ is never read again, and counts as delivered
by its verdict and its parts below stage/; a version that lacks those stays where it is.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dpc_assets.steps import manifest, verdict
from dpc_assets.steps.errors import InputError, RetryLater, StepError
from dpc_assets.steps.lake import RAW, Submission, archived
from dpc_assets.steps.ports import ObjectInfo, ObjectStore, Ports
from dpc_assets.steps.run import JAPAN, Result, Run
from dpc_assets.steps.validate_manifest import FIRST_LINES, is_source_name, starts_as_source, together
from dpc_assets.steps.verdict import MANIFEST, MANIFEST_LIMIT, Verdict

MONTHS = 13
"""Calendar months, in Japan, from the moment that a month's last version was received."""

REASONS: Mapping[str, str] = {
    "source": "a K source file, which is never copied anywhere; delete it",
    "unjudged": "no verdict of the version as it lies there; run its month",
    "unstaged": "passed, but parts of it are gone from stage/; run its month",
    "other": "archive/ has another object in its place, or got its version without it; submit it as the next version",
    "outside": "in no version's folder; delete it, or submit it",
    "refused": "cannot be copied",
}
"""Why an object stays in raw/ though its month is due -> in words, with what to do."""

_MONTH = re.compile(r"raw/yyyymm=(20[0-9]{2}-(?:0[1-9]|1[0-2]))/.+", re.DOTALL)
_K_SOURCE = "K00"
_CHUNK = 1 << 20
_NOTES = 100


@dataclass(frozen=True)
class Left:
    """What stays in raw/: an object or a whole version by its name, how many objects that is, why (a key of REASONS).

    `said`: what there is to say beside the reason."""

    where: str
    objects: int
    reason: str
    said: str = ""

    @property
    def note(self) -> str:
        return f"{self.where}: left in raw/: {REASONS[self.reason]}" + (f": {self.said}" if self.said else "")


@dataclass(frozen=True)
class Moved:
    """What became of one version: the objects that have left raw/, and what is left."""

    objects: tuple[ObjectInfo, ...] = ()
    left: tuple[Left, ...] = ()


def run(run: Run, ports: Ports) -> Result:
    """Moves every version of every month that is due; the months of `run` say nothing here. Idempotent.

    Counts: months (due), versions, files and bytes that have left raw/, left (objects that stay though their month is
    due) and, where there are any, left_<key of REASONS>. What stays is in the notes. One version's refused access,
    throttling or wrong copy does not stop the others; it is raised at the end.
    """
    counts: Counter[str] = Counter(months=0, versions=0, files=0, bytes=0, left=0)
    notes: list[str] = []
    failed: list[StepError] = []
    for objects in _by_month(ports.store).values():
        try:
            if not _is_due(ports.store, objects, ports.clock()):
                continue
        except StepError as error:
            failed.append(error)
            continue
        counts["months"] += 1
        for submission, own in _by_version(objects):
            try:
                moved = _outside(own) if submission is None else move(ports.store, submission, own)
            except StepError as error:
                failed.append(error)
                continue
            counts["versions"] += bool(moved.objects)
            counts["files"] += len(moved.objects)
            counts["bytes"] += sum(each.size for each in moved.objects)
            for each in moved.left:
                counts["left"] += each.objects
                counts[f"left_{each.reason}"] += each.objects
                notes.append(each.note)
    if failed:
        raise together(failed)
    if len(notes) > _NOTES:
        notes = [*notes[: _NOTES - 1], f"and {len(notes) - _NOTES + 1} more that are left in raw/"]
    return Result("archive_raw", counts=dict(counts), notes=tuple(notes))


def due_at(received: datetime) -> datetime:
    """MONTHS calendar months later in Japan; where that month has no such day, on its last."""
    local = received.astimezone(JAPAN)
    year, month = divmod(local.year * 12 + local.month - 1 + MONTHS, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day)


def move(store: ObjectStore, submission: Submission, objects: Sequence[ObjectInfo]) -> Moved:
    """One version, whose objects below raw/ are given, as far as it may leave. Raises RetryLater, also for a copy that
    is not what was read."""
    judged = verdict.current(store, submission)
    if judged is None:
        return Moved(left=(Left(submission.raw, len(objects), "unjudged"),))
    if _lacks_parts(store, judged):
        return Moved(left=(Left(submission.raw, len(objects), "unstaged"),))
    there = _There.of(store, submission, objects)
    gone: list[ObjectInfo] = []
    left: list[Left] = []
    try:
        for found in _in_order(submission, objects):
            source = _is_source(found.key.removeprefix(submission.raw), judged)
            reason = "source" if source else _copied(store, found, there)
            if reason:
                left.append(Left(found.key, 1, reason))
            else:
                gone.append(found)
    except InputError as error:
        return Moved(left=(Left(submission.raw, len(objects), "refused", str(error)),))
    for found in gone:
        store.delete(found.key)
    return Moved(tuple(gone), tuple(left))


@dataclass(frozen=True)
class _There:
    """What archive/ holds of a version. `whole`: its manifest too, so nothing is added. `tries`: only copies of a run
    that was interrupted while raw/ held everything; one that differs is made again."""

    keys: frozenset[str]
    whole: bool
    tries: bool

    @classmethod
    def of(cls, store: ObjectStore, submission: Submission, objects: Iterable[ObjectInfo]) -> _There:
        keys = frozenset(each.key for each in store.list(submission.archive))
        whole = submission.archive + MANIFEST in keys
        return cls(keys, whole, not whole and any(each.key == submission.manifest for each in objects))


def _copied(store: ObjectStore, found: ObjectInfo, there: _There) -> str:
    """Sees to it that archive/ holds the object; answers '', or the reason why it does not and shall not."""
    digest = _digest(store, found.key)
    if digest is None:
        return "source"
    target = archived(found.key)
    if target in there.keys and store.sha256(target) == digest:
        return ""
    if there.whole or (target in there.keys and not there.tries):
        return "other"
    store.copy(found, target)
    copy = store.sha256(target)
    if copy != digest:
        raise RetryLater(
            f"{found.key}: expected a copy with SHA-256 {digest}, found {copy} at {target}; nothing of its version was "
            "deleted. Run again"
        )
    return ""


def _digest(store: ObjectStore, key: str) -> str | None:
    """SHA-256 in hex of the content; None for a K source file, of which only the start is read."""
    with store.open(key) as stream:
        chunk = stream.read(FIRST_LINES)
        if starts_as_source(chunk):
            return None
        digest = hashlib.sha256(chunk)
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_source(name: str, judged: Verdict) -> bool:
    """By its name, or by what was found in it wherever it stood when it was judged."""
    return is_source_name(name) or _K_SOURCE in judged.problem_counts.get(name, {})


def _lacks_parts(store: ObjectStore, judged: Verdict) -> bool:
    parts = {part for file in judged.files for part in file.parts}
    return bool(parts - {each.key for each in store.list(judged.submission.stage)})


def _in_order(submission: Submission, objects: Iterable[ObjectInfo]) -> list[ObjectInfo]:
    """The manifest last; the others by size, so that what is too large to be copied is met before anything is."""
    return sorted(objects, key=lambda each: (each.key == submission.manifest, -each.size, each.key))


def _by_month(store: ObjectStore) -> dict[str, list[ObjectInfo]]:
    found: dict[str, list[ObjectInfo]] = defaultdict(list)
    for each in store.list(RAW):
        named = _MONTH.fullmatch(each.key)
        if named:
            found[named[1]].append(each)
    return found


def _by_version(objects: Iterable[ObjectInfo]) -> Iterator[tuple[Submission | None, list[ObjectInfo]]]:
    """The objects of each version, in order; first, under None, those in no version's folder."""
    found: dict[Submission | None, list[ObjectInfo]] = defaultdict(list)
    for each in objects:
        found[verdict.version_of(each.key)].append(each)
    if None in found:
        yield None, found.pop(None)
    for submission in sorted(each for each in found if each is not None):
        yield submission, found[submission]


def _outside(objects: Iterable[ObjectInfo]) -> Moved:
    return Moved(left=tuple(Left(each.key, 1, "outside") for each in objects))


def _is_due(store: ObjectStore, objects: Sequence[ObjectInfo], now: datetime) -> bool:
    """Whether the last version that a month still has in raw/ was received long enough ago.

    What an archived version has left or got there since decides nothing; what is in no version's folder only where
    there is no version.
    """
    versions = list(_by_version(objects))
    deciding = [
        (submission, own)
        for submission, own in versions
        if (len(versions) == 1 if submission is None else not verdict.archived(store, submission))
    ]
    received = (_received(store, submission, own) for submission, own in deciding)
    return all(each is not None and due_at(each) <= now for each in received)


def _received(store: ObjectStore, submission: Submission | None, objects: Iterable[ObjectInfo]) -> datetime | None:
    """When a version came: as its manifest says, else when its newest object was written; None where nobody knows."""
    if submission is not None and any(each.key == submission.manifest for each in objects):
        with store.open(submission.manifest) as stream:
            told, _ = manifest.read(stream.read(MANIFEST_LIMIT + 1))
        if told is not None and told.created_at is not None:
            return datetime.fromisoformat(told.created_at)
    return max((each.modified for each in objects if each.modified is not None), default=None)
