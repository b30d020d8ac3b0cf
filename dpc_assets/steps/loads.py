"""The rows of `raw.loads` for one facility and month, from the verdicts of its versions."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.steps import verdict
from dpc_assets.steps.data_api import inserts, sql_text
from dpc_assets.steps.ports import ObjectStore
from dpc_assets.steps.run import compact
from dpc_assets.steps.verdict import Verdict

COLUMNS = (
    "submission_yyyymm, submission_facility, file_type, version, newest_version, status, verdict, records, sha256, "
    "created_at, findings, findings_count"
)
_FINDINGS_BYTES = 2900


@dataclass(frozen=True)
class Load:
    """One row: a file type of a facility's month. `version` is the one in use, None where none passed."""

    month: str
    facility: str
    file_type: str
    version: int | None
    newest_version: int | None
    status: str
    verdict: str | None
    records: int | None
    sha256: str | None
    created_at: str | None
    findings: str
    findings_count: int

    def values(self) -> str:
        """The row as a tuple of SQL literals, in the order of COLUMNS."""
        stamp = f"TIMESTAMP '{self.created_at.removesuffix('Z').replace('T', ' ')}'" if self.created_at else "NULL"
        return (
            f"({sql_text(compact(self.month))}, {sql_text(self.facility)}, {sql_text(self.file_type)}, "
            f"{_number(self.version)}, {_number(self.newest_version)}, {sql_text(self.status)}, "
            f"{sql_text(self.verdict)}, {_number(self.records)}, {sql_text(self.sha256)}, {stamp}, "
            f"{sql_text(self.findings)}, {self.findings_count})"
        )


def _number(value: int | None) -> str:
    return "NULL" if value is None else str(value)


def loads(store: ObjectStore, month: str, facility: str, used: Verdict | None) -> tuple[Load, ...]:
    """Seven rows, in the order of FILE_TYPES. `used`: the verdict of the version that is loaded, if one is."""
    newest = max(verdict.submissions(store, month, facility), default=None)
    judged = verdict.current(store, newest) if newest else None
    rejected = judged if judged is not None and not judged.passed else None
    delivered = frozenset(each.type for each in rejected.files) if rejected else frozenset()
    latest = judged.verdict if judged else None
    return tuple(
        _load(month, facility, file_type, used, rejected, delivered, newest.version if newest else None, latest)
        for file_type in FILE_TYPES
    )


def _load(
    month: str,
    facility: str,
    file_type: str,
    used: Verdict | None,
    rejected: Verdict | None,
    delivered: frozenset[str],
    newest_version: int | None,
    latest: str | None,
) -> Load:
    own = next((each for each in used.files if each.type == file_type), None) if used else None
    found: list[str] = []
    count = 0
    if used and own:
        rules = used.problem_counts.get(own.name, {})
        found += [f"{rule} x{number}" for rule, number in sorted(rules.items())]
        count += sum(rules.values())
    if rejected and (used is None or rejected.version > used.version):
        total: Counter[str] = Counter()
        for by_rule in rejected.problem_counts.values():
            total.update(by_rule)
        found.append(f"v{rejected.version} rejected: " + ", ".join(f"{rule} x{n}" for rule, n in sorted(total.items())))
        count += total.total()
    if own:
        status = "warned" if found else "loaded"
    else:
        status = "rejected" if used is None and file_type in delivered else "missing"
    stamp = used or rejected
    failed = next((each for each in rejected.files if each.type == file_type), None) if rejected and not used else None
    return Load(
        month=month,
        facility=facility,
        file_type=file_type,
        version=used.version if used else None,
        newest_version=newest_version,
        status=status,
        verdict=latest,
        records=own.records if own else failed.records if failed else None,
        sha256=own.sha256 if own else None,
        created_at=stamp.created_at if stamp else None,
        findings="; ".join(found).encode()[:_FINDINGS_BYTES].decode(errors="ignore"),
        findings_count=count,
    )


def insert(rows: Iterable[Load]) -> list[str]:
    """The INSERTs of the rows, each short enough for one statement."""
    return inserts(f"raw.loads ({COLUMNS})", (row.values() for row in rows))


def digest(parts: Iterable[tuple[str, ...]]) -> str:
    """A data version: SHA-256 in hex over the sorted parts."""
    return hashlib.sha256("\n".join("\t".join(part) for part in sorted(parts)).encode()).hexdigest()
