"""The record layouts of the DPC survey, effective-dated. Every fact about a column stands in `layouts/` once.

Source: the survey specification of 2025-05-30; each field names its PDF page. Widths are bytes in cp932.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

FILE_TYPES = ("FF1", "FF4", "EFn", "EFg", "Dn", "Hn", "Kn")
"""The seven types of a submission, in the order of the board."""

REQUIRED_TYPES = ("FF1", "EFn")
"""A submission without one of these is refused."""

UNBOUNDED = 3000
"""VARCHAR bytes of a column whose layout gives no width."""

_NAME = re.compile(r"(FF1|FF4|EFn|EFg|Dn|Hn|Kn)_([0-9]{9})_([0-9]{2})(0[1-9]|1[0-2])\.txt")


class UnknownLayout(LookupError):
    """No layout of this file type is known for the month."""


@dataclass(frozen=True)
class Field:
    """One column. `kind`: char, date8 (YYYYMMDD), ym6 (YYYYMM), int, decimal; `max_bytes` in cp932, None if open."""

    position: int
    name: str
    name_ja: str
    kind: str
    max_bytes: int | None
    fixed: bool
    required: str
    unit: str
    null_rule: str
    codes: str
    source_page: str

    @property
    def varchar(self) -> int:
        """Bytes in UTF-8 that the warehouse keeps: 3 for each byte of the layout (a kanji is 2 there and 3 here)."""
        return 3 * self.max_bytes if self.max_bytes else UNBOUNDED


@dataclass(frozen=True)
class Payload:
    """One payload field of a code of FF1 or H. `max_sequence` 0: the code has no sequence."""

    code: str
    code_name_ja: str
    version: str
    max_sequence: int
    number: int
    name: str
    name_ja: str
    kind: str
    max_bytes: int | None
    required: str
    codes: str
    record_required: str
    record_condition: str
    source_page: str


@dataclass(frozen=True)
class Layout:
    """One file type as valid in some months. `header`: the official file has a header line; `pad`: short lines are."""

    file_type: str
    title_en: str
    title_ja: str
    valid_from: str
    valid_to: str
    header: bool
    pad: bool
    sort_key: tuple[str, ...]
    hashed: frozenset[str]
    fields: tuple[Field, ...]
    raw_fields: tuple[Field, ...]
    payloads: tuple[Payload, ...]
    source_page: str

    @property
    def table(self) -> str:
        return f"raw.{self.file_type.lower()}"

    def valid(self, month: str) -> bool:
        return self.valid_from <= month and (not self.valid_to or month <= self.valid_to)


PROVENANCE = ("submission_yyyymm", "submission_facility", "submission_version", "file_name", "line_no")
"""First columns of every raw table and of every part under stage/."""


def _rows(folder: Traversable, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def _field(row: dict[str, str]) -> Field:
    return Field(
        position=int(row["position"]),
        name=row["name_en"],
        name_ja=row["name_ja"],
        kind=row["type"],
        max_bytes=int(row["max_bytes"]) if row["max_bytes"] else None,
        fixed=row["fixed"] == "yes",
        required=row["required"],
        unit=row["unit"],
        null_rule=row["null_rule"],
        codes=row["codes"],
        source_page=row["source_page"],
    )


def _payload(row: dict[str, str]) -> Payload:
    return Payload(
        code=row["code"],
        code_name_ja=row["name_ja"],
        version=row["version"],
        max_sequence=int(row["max_sequence"]),
        number=int(row["payload_no"]),
        name=row["name_en"],
        name_ja=row["payload_name_ja"],
        kind=row["type"],
        max_bytes=int(row["max_length"]) if row["max_length"].isdigit() and row["max_length"] != "0" else None,
        required=row["required"],
        codes=row["codes"],
        record_required=row["record_required"],
        record_condition=row["record_condition"],
        source_page=row["source_page"],
    )


def read_layouts(folder: Traversable) -> tuple[Layout, ...]:
    """Reads `index.toml` and the files it names; layouts in the order of the index."""
    index = tomllib.loads((folder / "index.toml").read_text(encoding="utf-8"))
    layouts = []
    for entry in index["layout"]:
        fields = tuple(_field(row) for row in _rows(folder, entry["columns"]))
        kept = entry.get("kept")
        layouts.append(
            Layout(
                file_type=entry["file_type"],
                title_en=entry["title_en"],
                title_ja=entry["title_ja"],
                valid_from=entry["valid_from"],
                valid_to=entry.get("valid_to", ""),
                header=entry.get("header", False),
                pad=entry.get("pad", False),
                sort_key=tuple(entry["sort_key"]),
                hashed=frozenset(entry.get("hashed", ())),
                fields=fields,
                raw_fields=tuple(f for f in fields if kept is None or f.name in kept),
                payloads=tuple(_payload(row) for row in _rows(folder, entry["payloads"]))
                if "payloads" in entry
                else (),
                source_page=entry["source_page"],
            )
        )
    return tuple(layouts)


@cache
def layouts() -> tuple[Layout, ...]:
    """Every layout of the project's own registry."""
    return read_layouts(files("dpc_assets.formats") / "layouts")


def layout(file_type: str, month: str) -> Layout:
    """The layout of `file_type` (one of FILE_TYPES) valid in `month` (`2025-04`); raises UnknownLayout."""
    known = [each for each in layouts() if each.file_type == file_type]
    for each in known:
        if each.valid(month):
            return each
    spans = ", ".join(f"{each.valid_from}..{each.valid_to}" for each in known) or "none"
    raise UnknownLayout(f"{file_type}: no record layout is known for {month}; known: {spans}")


def newest(file_type: str) -> Layout:
    """The layout that the warehouse's tables are made from: the one valid last."""
    return max((each for each in layouts() if each.file_type == file_type), key=lambda each: each.valid_from)


@dataclass(frozen=True)
class FileName:
    """An official file name taken apart: type, facility (9 digits), month as `2025-04`."""

    file_type: str
    facility: str
    month: str


def parse_file_name(name: str) -> FileName | None:
    """`EFn_131000123_2504.txt` -> FileName; None where the name is not official (spec p17)."""
    found = _NAME.fullmatch(name)
    return FileName(found[1], found[2], f"20{found[3]}-{found[4]}") if found else None


def file_name(file_type: str, facility: str, month: str) -> str:
    """The official name (spec p17): `EFn_131000123_2504.txt`."""
    return f"{file_type}_{facility}_{month[2:4]}{month[5:7]}.txt"
