"""Who is expected to deliver: `ref/facilities.csv` of the lake, our stand-in for Form 3 (docs/lake.md)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from dpc_assets.steps import lake
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import ObjectStore

_CODE = re.compile(r"[0-9]{9}")
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_YES_NO = {"": "", "1": "1", "true": "1", "yes": "1", "0": "0", "false": "0", "no": "0"}


@dataclass(frozen=True)
class Facility:
    """One line. `dpc_hospital`: '1', '0', or '' where what it delivers decides. Months `2025-04`, '' where open."""

    code: str
    name: str
    dpc_hospital: str
    beds_total: int | None
    valid_from: str
    valid_to: str

    def expected(self, month: str) -> bool:
        return (not self.valid_from or self.valid_from <= month) and (not self.valid_to or month <= self.valid_to)


def read(store: ObjectStore) -> tuple[Facility, ...] | None:
    """The lines of the file, None where there is no file; raises InputError that lists every bad line."""
    if not store.exists(lake.FACILITIES):
        return None
    try:
        text = store.read(lake.FACILITIES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{lake.FACILITIES}: expected UTF-8; byte {error.start} is not. Save the file as UTF-8"
        ) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if "facility_code" not in (rows.fieldnames or ()):
        raise InputError(f"{lake.FACILITIES}: line 1: expected a header with the column facility_code")
    found: list[Facility] = []
    problems: list[str] = []
    for row in rows:
        cells = {
            key: (value or "").strip()
            for key, value in row.items()
            if isinstance(key, str) and not isinstance(value, list)
        }
        if not any(cells.values()):
            continue
        wrong = _wrong(cells)
        problems += [f"{lake.FACILITIES}: line {rows.line_num}: {text}" for text in wrong]
        if not wrong:
            found.append(
                Facility(
                    code=cells["facility_code"],
                    name=cells.get("facility_name", ""),
                    dpc_hospital=_YES_NO[cells.get("dpc_hospital", "").lower()],
                    beds_total=int(cells["beds_total"]) if cells.get("beds_total") else None,
                    valid_from=cells.get("valid_from", ""),
                    valid_to=cells.get("valid_to", ""),
                )
            )
    if problems:
        raise InputError("\n".join(problems))
    return tuple(found)


def _wrong(cells: dict[str, str]) -> list[str]:
    wrong = []
    if not _CODE.fullmatch(cells["facility_code"]):
        wrong.append(f"facility_code: expected 9 digits, found {cells['facility_code']!r}")
    if cells.get("dpc_hospital", "").lower() not in _YES_NO:
        wrong.append(f"dpc_hospital: expected 1, 0 or nothing, found {cells['dpc_hospital']!r}")
    if cells.get("beds_total") and not re.fullmatch(r"[0-9]{1,6}", cells["beds_total"]):
        wrong.append(f"beds_total: expected a number or nothing, found {cells['beds_total']!r}")
    for name in ("valid_from", "valid_to"):
        if cells.get(name) and not _MONTH.fullmatch(cells[name]):
            wrong.append(f"{name}: expected YYYY-MM or nothing, found {cells[name]!r}")
    return wrong


def expected(store: ObjectStore, month: str) -> frozenset[str]:
    """Codes expected in `month`: those the file names, else the facilities with a folder for the month, archived or
    not."""
    listed = read(store)
    if listed is not None:
        return frozenset(each.code for each in listed if each.expected(month))
    keys = (each.key for prefix in lake.delivered_folders(month) for each in store.list(prefix))
    return frozenset(found[0].facility for key in keys if (found := lake.parse_delivered_key(key)))
