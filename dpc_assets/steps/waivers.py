"""Waivers: findings that a person has accepted for a time, so that they no longer hold the export of their month.

`ref/waivers.csv` in the lake, UTF-8 (a byte order mark is fine), with a header line:

    facility_code,yyyymm,rule_id,reason,who,until
    131000123,202504,E01,"repeated line 12 confirmed with the hospital",Sato,2025-12-31

`until` is the last day (Japan) on which the waiver counts. A line that cannot be read is a problem with its line and
column and waives nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from dpc_assets.steps import lake, rules
from dpc_assets.steps.ports import Clock, ObjectStore

COLUMNS = ("facility_code", "yyyymm", "rule_id", "reason", "who", "until")

_JAPAN = timezone(timedelta(hours=9))
_FACILITY = re.compile(r"[0-9]{9}")
_MONTH = re.compile(r"(20[0-9]{2})-?(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Waiver:
    """One accepted finding: facility of 9 digits, month as `202504`, rule id, and who said why until when."""

    facility_code: str
    yyyymm: str
    rule_id: str
    reason: str
    who: str
    until: date
    line: int


@dataclass(frozen=True)
class WaiverProblem:
    """A line or header that waives nothing. `line` and `column` count from 1; column 0 where it is the whole line."""

    line: int
    column: int
    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{lake.WAIVERS} line {self.line}" + (f" column {self.column} ({self.field})" if self.column else "")
        return (
            f"{place}: expected {self.expected}, found {self.found}; the line waives nothing until it is mended"
            " / この行は修正されるまで無効です"
        )


@dataclass(frozen=True)
class Waivers:
    """The readable lines and what is wrong with the others."""

    entries: tuple[Waiver, ...] = ()
    problems: tuple[WaiverProblem, ...] = ()

    def in_force(self, day: date) -> tuple[Waiver, ...]:
        """The waivers that count on `day`; of several for one finding, the one that lasts longest."""
        kept: dict[tuple[str, str, str], Waiver] = {}
        for each in sorted(self.entries, key=lambda each: (each.until, -each.line)):
            if each.until >= day:
                kept[each.yyyymm, each.facility_code, each.rule_id] = each
        return tuple(kept[key] for key in sorted(kept))

    def expired(self, day: date) -> tuple[Waiver, ...]:
        return tuple(each for each in self.entries if each.until < day)

    def covering(self, facility_code: str, yyyymm: str, rule_id: str, day: date) -> Waiver | None:
        """The waiver of this finding (month as `202504`) that counts on `day`, or None."""
        wanted = (facility_code, yyyymm, rule_id)
        found = [each for each in self.in_force(day) if (each.facility_code, each.yyyymm, each.rule_id) == wanted]
        return found[0] if found else None


def today(clock: Clock) -> date:
    """The day in Japan, where the hospitals are."""
    now: datetime = clock()
    return now.astimezone(_JAPAN).date()


def read(store: ObjectStore) -> Waivers:
    """The waivers of the lake; none where the file is missing."""
    return parse(store.read(lake.WAIVERS)) if store.exists(lake.WAIVERS) else Waivers()


def parse(data: bytes) -> Waivers:
    """Reads the file's bytes. Never raises: what cannot be read is a problem."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Waivers(problems=(WaiverProblem(line, 0, "", "text in UTF-8", f"byte 0x{data[error.start]:02x}"),))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries: list[Waiver] = []
    problems: list[WaiverProblem] = []
    position: dict[str, int] | None = None
    start = 1
    try:
        for row in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if position is None:
                position = {name.strip(): index for index, name in reversed(list(enumerate(row)))}
                missing = [name for name in COLUMNS if name not in position]
                if missing:
                    wanted = f"a header line with the columns {', '.join(COLUMNS)}"
                    return Waivers(problems=(WaiverProblem(line, 0, "", wanted, f"no {', '.join(missing)}"),))
                continue
            wrong = _problems(line, row, position)
            problems += wrong
            if not wrong:
                entries.append(_waiver(line, row, position))
    except csv.Error as error:
        problems.append(WaiverProblem(start, 0, "", "a CSV line", str(error)))
    return Waivers(tuple(entries), tuple(problems))


def _cell(row: list[str], position: Mapping[str, int], name: str) -> str:
    index = position[name]
    return row[index].strip() if index < len(row) else ""


def _problems(line: int, row: list[str], position: Mapping[str, int]) -> list[WaiverProblem]:
    found = []

    def expect(name: str, held: bool, expected: str) -> None:
        if not held:
            value = _cell(row, position, name)
            found.append(WaiverProblem(line, position[name] + 1, name, expected, repr(value) if value else "nothing"))

    known = {rule.id for rule in rules.catalog()}
    expect(
        "facility_code", bool(_FACILITY.fullmatch(_cell(row, position, "facility_code"))), "a facility code of 9 digits"
    )
    expect("yyyymm", bool(_MONTH.fullmatch(_cell(row, position, "yyyymm"))), "a month such as 202504")
    expect("rule_id", _cell(row, position, "rule_id") in known, "the id of a quality rule such as E01")
    expect("reason", bool(_cell(row, position, "reason")), "the reason why the finding is accepted")
    expect("who", bool(_cell(row, position, "who")), "who accepts it")
    expect("until", _day(_cell(row, position, "until")) is not None, "a last day such as 2025-12-31")
    return found


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _waiver(line: int, row: list[str], position: Mapping[str, int]) -> Waiver:
    month = _MONTH.fullmatch(_cell(row, position, "yyyymm"))
    until = _day(_cell(row, position, "until"))
    assert month is not None and until is not None
    return Waiver(
        facility_code=_cell(row, position, "facility_code"),
        yyyymm=month[1] + month[2],
        rule_id=_cell(row, position, "rule_id"),
        reason=_cell(row, position, "reason"),
        who=_cell(row, position, "who"),
        until=until,
        line=line,
    )
