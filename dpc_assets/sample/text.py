"""Lines as the official files have them: tabs, CRLF, cp932 (formats: 2), counted and hashed while they are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from dpc_assets.formats import registry

_BATCH = 2000


def header(file_type: str, month: str) -> str | None:
    """The Japanese column names where the official file has a header line (FF1 and Hn, spec p17), else None."""
    layout = registry.layout(file_type, month)
    return "\t".join(each.name_ja for each in layout.fields) if layout.header else None


@dataclass(frozen=True)
class Delivered:
    """What the manifest says of one file: size in bytes, data lines without the header, SHA-256 in hex."""

    name: str
    file_type: str
    size: int
    records: int
    sha256: str


class Sink:
    """Writes lines of one file to a stream; holds at most a batch of them."""

    def __init__(self, name: str, file_type: str, stream: BinaryIO, head: str | None) -> None:
        self.name = name
        self.file_type = file_type
        self.records = 0
        self._stream = stream
        self._size = 0
        self._digest = hashlib.sha256()
        self._waiting: list[str] = [head] if head is not None else []

    def write(self, lines: Iterable[str]) -> None:
        before = len(self._waiting)
        self._waiting.extend(lines)
        self.records += len(self._waiting) - before
        if len(self._waiting) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            data = ("\r\n".join(self._waiting) + "\r\n").encode("cp932")
            self._stream.write(data)
            self._digest.update(data)
            self._size += len(data)
            self._waiting.clear()

    def finish(self) -> Delivered:
        self._flush()
        return Delivered(self.name, self.file_type, self._size, self.records, self._digest.hexdigest())
