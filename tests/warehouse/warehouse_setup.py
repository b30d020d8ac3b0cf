"""A lake in a folder, a warehouse file beside it, and the ports over both."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dpc_assets.formats.ddl import raw_columns
from dpc_assets.formats.registry import FILE_TYPES, file_name
from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps import verdict
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import compact
from dpc_assets.steps.store import FolderStore
from dpc_assets.steps.verdict import FileVerdict, Verdict

NOW = datetime(2025, 6, 1, tzinfo=UTC)
A, B = "131000123", "271000456"


@dataclass
class Mailbox:
    """A notifier that keeps what it is given."""

    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        self.sent.append((subject, body, dict(attributes)))


def ports_over(folder: Path, store: FolderStore | None = None) -> Ports:
    lake = store or FolderStore(folder / "lake")
    api = DataApiWarehouse(DuckDBDataApi(folder / "dpc.duckdb", lake), sleep=lambda seconds: None)
    return Ports(lake, api, lambda: NOW, Mailbox(), lambda: b"k" * 32)


def part(rows: Sequence[Sequence[str]], *, members: int = 1) -> bytes:
    """Rows as one gzip object of `members` members, as `normalize` may write them."""
    lines = [("\t".join(row) + "\n").encode() for row in rows]
    size = max(1, -(-len(lines) // members))
    return b"".join(gzip.compress(b"".join(lines[i : i + size]), mtime=0) for i in range(0, len(lines), size)) or (
        gzip.compress(b"", mtime=0)
    )


def raw_row(file_type: str, month: str, facility: str, version: int, line: int, **values: str) -> list[str]:
    """One line of a part: provenance, then every column of the raw table; columns not named are ''."""
    name = file_name(file_type, facility, month)
    start = {"submission_yyyymm": compact(month), "submission_facility": facility, "submission_version": str(version)}
    given = {**start, "file_name": name, "line_no": str(line), "facility_code": facility, **values}
    return [given.get(column, "") for column, _ in raw_columns(file_type)]


def deliver(
    ports: Ports,
    where: Submission,
    lines: Mapping[str, int],
    *,
    passed: bool = True,
    content: str = "",
    counts: Mapping[str, Mapping[str, int]] | None = None,
    created_at: str | None = None,
) -> Verdict:
    """Puts a judged submission into the lake: raw files, staged parts and the verdict, `lines` data lines a type."""
    files = []
    for file_type in (each for each in FILE_TYPES if each in lines):
        name = file_name(file_type, where.facility, where.month)
        body = f"{file_type} {where.facility} {where.month} {content} {lines[file_type]}".encode()
        ports.store.write(where.raw + name, body)
        parts: tuple[str, ...] = ()
        if passed:
            rows = [
                raw_row(file_type, where.month, where.facility, where.version, n, patient_data_id=f"{n:010d}")
                for n in range(1, lines[file_type] + 1)
            ]
            parts = (where.staged(name) + "part-0000.tsv.gz",)
            ports.store.write(parts[0], part(rows))
        digest = hashlib.sha256(body).hexdigest()
        files.append(FileVerdict(name, file_type, len(body), digest, lines[file_type], False, parts))
    ports.store.write(where.manifest, json.dumps({"content": content}).encode())
    stored = Verdict(
        facility_code=where.facility,
        yyyymm=compact(where.month),
        version=where.version,
        key=verdict.folder(ports.store, where).key,
        verdict="passed" if passed else "rejected",
        judged_at="2025-05-20T00:00:00Z",
        created_at=created_at or f"2025-05-{10 + where.version}T00:00:00Z",
        files=tuple(files),
        problems=(),
        problem_counts=counts or {},
    )
    verdict.write(ports.store, stored)
    return stored
