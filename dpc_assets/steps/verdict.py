"""The one verdict of a delivered version: what is stored, when it is current, which version is in use.

Stored as JSON (`dpc-verdict/1`) at `Submission.verdict`. It is current while its key equals the digest of the
folder as it lies there now: the manifest's bytes and the names and sizes of everything beside it. Once the manifest
lies below archive/ the version is archived: its files may not be readable any more, and what was judged stands.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dpc_assets.steps.errors import InputError
from dpc_assets.steps.lake import Submission, delivered_folders
from dpc_assets.steps.ports import ObjectStore
from dpc_assets.steps.problems import LISTED, Problem, sentence, worst_first
from dpc_assets.steps.run import compact

SCHEMA = "dpc-verdict/1"
MANIFEST = "_manifest.json"
MANIFEST_LIMIT = 1 << 20
"""Bytes of a manifest that are read; a longer one is refused (M01)."""

_VERSION = re.compile(r"(?:raw|archive)/yyyymm=(20[0-9]{2}-[0-9]{2})/([0-9]{9})/v([1-9][0-9]{0,8})/.+", re.DOTALL)


@dataclass(frozen=True)
class FileVerdict:
    """One delivered file. `records` counts data lines, None where the file was not read; then `sha256` is ''.

    `parts` are the keys of its parts under stage/, () where the version is rejected.
    """

    name: str
    type: str
    bytes: int
    sha256: str
    records: int | None
    header: bool
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """The judgement of one version. `created_at`, `judged_at`: RFC 3339 in UTC; created_at None where unreadable."""

    facility_code: str
    yyyymm: str
    version: int
    key: str
    verdict: str
    judged_at: str
    created_at: str | None
    files: tuple[FileVerdict, ...]
    problems: tuple[Problem, ...]
    problem_counts: Mapping[str, Mapping[str, int]]

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    @property
    def submission(self) -> Submission:
        return Submission(f"{self.yyyymm[:4]}-{self.yyyymm[4:]}", self.facility_code, self.version)


@dataclass(frozen=True)
class Folder:
    """A version's folder as it lies in the lake: file names (relative, with `/` below folders) and sizes in bytes.

    `manifest`: its bytes, cut after MANIFEST_LIMIT + 1; None where there is none. `archived`: the manifest lies below
    archive/, nothing is read. `moved`: of a folder that has no manifest, the files that lie below archive/ only.
    """

    submission: Submission
    sizes: Mapping[str, int]
    manifest: bytes | None
    manifest_sha256: str
    archived: bool = False
    moved: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """SHA-256 in hex over the manifest's digest (or 'none') and the sorted listing."""
        digest = hashlib.sha256(self.manifest_sha256.encode("ascii"))
        for name, size in sorted(self.sizes.items()):
            digest.update(f"\0{name}\0{size}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def folder(store: ObjectStore, submission: Submission) -> Folder:
    """Reads listing and manifest. Refused access and throttling raise RetryLater."""
    sizes, archived = _sizes(store, submission.raw), _sizes(store, submission.archive)
    if MANIFEST in archived:
        return Folder(submission, archived, None, "", archived=True)
    if MANIFEST not in sizes:
        return Folder(submission, archived | sizes, None, "none", moved=frozenset(archived.keys() - sizes.keys()))
    with store.open(submission.manifest) as stream:
        start = stream.read(MANIFEST_LIMIT + 1)
        digest = hashlib.sha256(start)
        while more := stream.read(MANIFEST_LIMIT):
            digest.update(more)
    return Folder(submission, sizes, start, digest.hexdigest())


def _sizes(store: ObjectStore, prefix: str) -> dict[str, int]:
    return {found.key[len(prefix) :]: found.size for found in store.list(prefix)}


def submissions(store: ObjectStore, month: str, facility: str = "") -> list[Submission]:
    """Every version delivered for `month` (`2025-04`), by facility and version; whatever its folder holds, archived
    ones too. `facility`: of one only."""
    listed = (found.key for prefix in delivered_folders(month, facility) for found in store.list(prefix))
    return sorted({where for key in listed if (where := version_of(key)) is not None})


def version_of(key: str) -> Submission | None:
    """The version whose folder holds `key`, at any depth; None where the key lies in no version's folder."""
    match = _VERSION.fullmatch(key)
    return Submission(match[1], match[2], int(match[3])) if match else None


def read(store: ObjectStore, submission: Submission) -> Verdict | None:
    """The stored verdict, current or not; None where there is none or it is of another schema."""
    if not store.exists(submission.verdict):
        return None
    try:
        return _parsed(json.loads(store.read(submission.verdict)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # of an older schema or cut short: the version is judged again
    except InputError:
        return None  # deleted since


def current(store: ObjectStore, submission: Submission) -> Verdict | None:
    """The stored verdict if the folder is still the one that was judged, or has been archived; else None."""
    stored = read(store, submission)
    if stored is None:
        return None
    where = folder(store, submission)
    return stored if where.archived or stored.key == where.key else None


def archived(store: ObjectStore, submission: Submission) -> bool:
    """Whether the whole version has left raw/: nothing of it is judged again."""
    return store.exists(submission.archive + MANIFEST)


def key(store: ObjectStore, submission: Submission) -> str:
    """The key that the version's verdict has or would have, as it lies in the lake now; '' where the verdict of an
    archived version is gone."""
    where = folder(store, submission)
    if not where.archived:
        return where.key
    stored = read(store, submission)
    return stored.key if stored is not None else ""


def in_use(store: ObjectStore, month: str, facility: str) -> Verdict | None:
    """The current verdict of the highest version that passed: the one that is loaded. None where there is none."""
    for submission in reversed(submissions(store, month, facility)):
        found = current(store, submission)
        if found is not None and found.passed:
            return found
    return None


def write(store: ObjectStore, verdict: Verdict) -> None:
    """Stores the verdict whole, replacing an older one of the same version."""
    document = {"schema": SCHEMA, **asdict(verdict)}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    store.write(verdict.submission.verdict, text.encode("utf-8", "backslashreplace"))


def judged(
    where: Folder,
    *,
    judged_at: str,
    created_at: str | None,
    files: tuple[FileVerdict, ...],
    problems: tuple[Problem, ...],
    more: Mapping[str, Mapping[str, int]] | None = None,
) -> Verdict:
    """The verdict of `where` from its problems: rejected where one is FATAL. Lists LISTED problems a file.

    `more`: problems by file and rule that were found beyond those in `problems`.
    """
    totals: dict[str, Counter[str]] = {name: Counter(rules) for name, rules in (more or {}).items() if rules}
    listed: Counter[str] = Counter()
    kept = []
    for found in worst_first(problems):
        totals.setdefault(found.file, Counter())[found.rule] += 1
        listed[found.file] += 1
        if listed[found.file] <= LISTED:
            kept.append(found)
    fatal = any(found.fatal for found in problems)
    return Verdict(
        facility_code=where.submission.facility,
        yyyymm=compact(where.submission.month),
        version=where.submission.version,
        key=where.key,
        verdict="rejected" if fatal else "passed",
        judged_at=judged_at,
        created_at=created_at,
        files=files,
        problems=tuple(kept),
        problem_counts={name: dict(sorted(rules.items())) for name, rules in sorted(totals.items())},
    )


def notes(verdicts: list[Verdict]) -> tuple[str, ...]:
    """Sentences for a person about these versions, worst first, at most 100."""
    told = [
        (found.fatal, f"{each.facility_code} v{each.version}: {sentence(found)}")
        for each in verdicts
        for found in each.problems
    ]
    ordered = [text for fatal, text in told if fatal] + [text for fatal, text in told if not fatal]
    return tuple(ordered if len(ordered) <= 100 else [*ordered[:99], f"and {len(ordered) - 99} more problems"])


def _parsed(document: Any) -> Verdict | None:
    if document.pop("schema") != SCHEMA:
        return None
    files = tuple(FileVerdict(**{**each, "parts": tuple(each["parts"])}) for each in document.pop("files"))
    problems = tuple(Problem(**each) for each in document.pop("problems"))
    return Verdict(files=files, problems=problems, **document)
