"""A written submission in memory, so that a fault can be put into it: its files and its manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpc_assets.formats.registry import file_name
from dpc_assets.sample.errors import SampleError
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import ObjectStore

Row = list[str]
Entry = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """`files`: name -> bytes; `manifest`: parsed, or None once it is raw; `raw_manifest`: bytes to store as they are.

    With both None there is no manifest.
    """

    submission: Submission
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any] | None
    raw_manifest: bytes | None = None

    def name(self, file_type: str) -> str:
        name = file_name(file_type, self.submission.facility, self.submission.month)
        if name not in self.files:
            raise SampleError(f"fault: expected a {file_type} file in {self.submission.raw}, found none")
        return name

    def data(self, file_type: str) -> bytes:
        return self.files[self.name(file_type)]

    def entries(self) -> list[Entry]:
        assert self.manifest is not None
        return [dict(entry) for entry in self.manifest["files"]]

    def with_manifest(self, **changed: Any) -> Delivery:
        assert self.manifest is not None
        return replace(self, manifest={**self.manifest, **changed})

    def with_entry(self, file_type: str, **changed: Any) -> Delivery:
        """The manifest says something else of one file; the file stays."""
        entries = [{**entry, **changed} if entry["type"] == file_type else entry for entry in self.entries()]
        return self.with_manifest(files=entries)

    def without(self, file_type: str) -> Delivery:
        """Neither file nor entry."""
        name = self.name(file_type)
        files = {known: data for known, data in self.files.items() if known != name}
        return replace(self, files=files).with_manifest(files=[e for e in self.entries() if e["name"] != name])

    def with_data(self, file_type: str, data: bytes, name: str | None = None) -> Delivery:
        """Other bytes, and another name where given, in one file; its manifest entry agrees with them."""
        old = self.name(file_type)
        new = name or old
        files = dict((new, data) if known == old else (known, kept) for known, kept in self.files.items())
        fresh = {"name": new, "bytes": len(data), "records": count(data), "sha256": hashlib.sha256(data).hexdigest()}
        entries = [{**entry, **fresh} if entry["name"] == old else entry for entry in self.entries()]
        return replace(self, files=files).with_manifest(files=entries)

    def rows(self, file_type: str) -> list[Row]:
        """Columns of every line, a header line included."""
        return [line.split("\t") for line in self.data(file_type).decode("cp932").split("\r\n")[:-1]]

    def with_rows(self, file_type: str, rows: Iterable[Row]) -> Delivery:
        text = "".join("\t".join(row) + "\r\n" for row in rows)
        return self.with_data(file_type, text.encode("cp932"))

    def edited(self, file_type: str, chosen: Callable[[Row], bool], change: Callable[[Row], list[Row]]) -> Delivery:
        """The first line that is chosen becomes the lines that `change` answers."""
        rows = self.rows(file_type)
        at = found(rows, chosen, file_type)
        return self.with_rows(file_type, [*rows[:at], *change(list(rows[at])), *rows[at + 1 :]])


def found(rows: list[Row], chosen: Callable[[Row], bool], file_type: str) -> int:
    """Index of the first line that is chosen; SampleError where the sample has none."""
    for index, row in enumerate(rows):
        if row[0].isdigit() and chosen(row):
            return index
    raise SampleError(f"fault: this sample has no {file_type} line to put it into; ask for more stays")


def count(data: bytes) -> int:
    """Data lines as a manifest counts them: without a header line, an end mark and a last empty line."""
    lines = [line for line in data.rstrip(b"\x1a").replace(b"\r\n", b"\n").split(b"\n") if line]
    header = bool(lines) and not re.split(b"[\t,]", lines[0])[0].isdigit()
    return len(lines) - header


def load(store: ObjectStore, submission: Submission) -> Delivery:
    manifest = json.loads(store.read(submission.manifest))
    files = {entry["name"]: store.read(submission.raw + entry["name"]) for entry in manifest["files"]}
    return Delivery(submission, files, manifest)


def save(store: ObjectStore, clean: Delivery, changed: Delivery) -> None:
    """Writes what differs; the manifest comes last."""
    folder = clean.submission.raw
    for name in sorted(clean.files.keys() - changed.files.keys()):
        store.delete(folder + name)
    for name, data in changed.files.items():
        if clean.files.get(name) != data:
            store.write(folder + name, data)
    store.delete(clean.submission.manifest)
    if changed.raw_manifest is not None:
        store.write(clean.submission.manifest, changed.raw_manifest)
    elif changed.manifest is not None:
        text = json.dumps(changed.manifest, ensure_ascii=False, indent=2) + "\n"
        store.write(clean.submission.manifest, text.encode())
