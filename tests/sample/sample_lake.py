"""A generated lake, read back by columns for the tests of the sample."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dpc_assets.formats.registry import layout

FACILITY, PERSON = "facility_code", "patient_data_id"
Row = dict[str, str]


@dataclass(frozen=True)
class Folder:
    """One submission on disk: month, facility, version and its path."""

    month: str
    facility: str
    version: int
    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.path / "_manifest.json").read_text(encoding="utf-8"))

    def data(self, file_type: str) -> bytes:
        return self.name(file_type).read_bytes()

    def name(self, file_type: str) -> Path:
        return self.path / f"{file_type}_{self.facility}_{self.month[2:4]}{self.month[5:]}.txt"

    def has(self, file_type: str) -> bool:
        return self.name(file_type).exists()

    def lines(self, file_type: str) -> list[list[str]]:
        """Data lines by columns, without the header line."""
        rows = [line.split("\t") for line in self.data(file_type).decode("cp932").split("\r\n")[:-1]]
        return rows[1:] if layout(file_type, self.month).header else rows

    def rows(self, file_type: str) -> list[Row]:
        """Data lines by the registry's names."""
        names = [field.name for field in layout(file_type, self.month).fields]
        return [dict(zip(names, row, strict=True)) for row in self.lines(file_type)]


@dataclass(frozen=True)
class Lake:
    root: Path

    def folders(self) -> Iterator[Folder]:
        for manifest in sorted(self.root.glob("raw/yyyymm=*/*/v*/_manifest.json")):
            month, facility, version = manifest.parts[-4:-1]
            yield Folder(month.removeprefix("yyyymm="), facility, int(version.removeprefix("v")), manifest.parent)

    def in_use(self) -> list[Folder]:
        """The highest version of every month and facility."""
        newest = {(folder.month, folder.facility): folder for folder in self.folders()}
        return list(newest.values())

    def rows(self, file_type: str, facility: str | None = None) -> list[Row]:
        """Rows of all months, in order of the months; `month` is added."""
        return [row for row in _rows(self, file_type) if facility in (None, row[FACILITY])]


@cache
def _rows(lake: Lake, file_type: str) -> list[Row]:
    return [
        {**row, "month": folder.month}
        for folder in lake.in_use()
        if folder.has(file_type)
        for row in folder.rows(file_type)
    ]


Form = tuple[str, str, str, str, str]


def forms(rows: list[Row]) -> dict[Form, dict[str, list[list[str]]]]:
    """FF1 rows by form (facility, person, admission, same-day number, record number), code and payloads 1-9."""
    found: dict[Form, dict[str, list[list[str]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        key = (row[FACILITY], row[PERSON], row["admission_date"], *numbers(row))
        found[key][row["payload_code"]].append([row[f"payload_{number}"] for number in range(1, 10)])
    return found


def numbers(row: Row) -> tuple[str, str]:
    return row["same_day_stay_number"], row["record_summary_number"]
