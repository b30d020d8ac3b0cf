"""Faults of what the records say: the file is well formed and its manifest agrees with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dpc_assets.sample import dates
from dpc_assets.sample.delivery import Delivery, Row, found
from dpc_assets.sample.fault import Change

_FF1_CODE, _FF1_P1 = 5, 8
_EF_CATEGORY, _EF_DETAIL, _EF_DATE = 4, 6, 23
Chosen = Callable[[Row], bool]


def _payload(number: int) -> int:
    """Column (from 0) of an FF1 payload."""
    return _FF1_P1 + number - 1


def _is(code: str, record: str = "0") -> Chosen:
    return lambda row: row[_FF1_CODE] == code and row[4] == record


def _set(file_type: str, chosen: Chosen, column: int, value: str) -> Change:
    def change(row: Row) -> list[Row]:
        row[column] = value
        return [row]

    return lambda clean: clean.edited(file_type, chosen, change)


def _drop(file_type: str, chosen: Chosen) -> Change:
    return lambda clean: clean.edited(file_type, chosen, lambda row: [])


def _repeat(file_type: str, chosen: Chosen) -> Change:
    return lambda clean: clean.edited(file_type, chosen, lambda row: [row, list(row)])


def _filled(code: str, number: int) -> Chosen:
    return lambda row: row[_FF1_CODE] == code and row[4] == "0" and row[_payload(number)] != ""


def _day_before(day: str) -> str:
    return dates.ymd((datetime.strptime(day, "%Y%m%d") - timedelta(days=1)).date())


def _every(file_type: str, chosen: Chosen, change: Callable[[Row, int], None]) -> Change:
    """Changes all chosen lines in place; they are numbered from 0."""

    def apply(clean: Delivery) -> Delivery:
        rows = clean.rows(file_type)
        picked = [row for row in rows if row[0].isdigit() and chosen(row)]
        for number, row in enumerate(picked):
            change(row, number)
        return clean.with_rows(file_type, rows)

    return apply


def _discharge_before_admission(clean: Delivery) -> Delivery:
    rows = clean.rows("FF1")
    stay = rows[found(rows, _is("A000030"), "FF1")][:5]
    for row in rows:
        if row[:5] == stay and row[_FF1_CODE] == "A000030":
            row[_payload(1)] = _day_before(row[2])
        elif row[:5] == stay and row[_FF1_CODE] == "A000031":
            row[_payload(2)] = _day_before(row[2])
    return clean.with_rows("FF1", rows)


def _child_gap(clean: Delivery) -> Delivery:
    def change(row: Row) -> list[Row]:
        late = datetime.strptime(row[_payload(1)], "%Y%m%d") + timedelta(days=1)
        row[_payload(1)] = dates.ymd(late.date())
        return [row]

    return clean.edited("FF1", _is("A000031", "2"), change)


def _death_at_home(clean: Delivery) -> Delivery:
    """Somebody who went home is said to have died, without the assessments that only the living have."""
    rows = clean.rows("FF1")
    stay = rows[found(rows, lambda row: _is("A000030")(row) and row[_payload(2)] == "1", "FF1")][:5]
    for row in rows:
        if row[:5] == stay and row[_FF1_CODE] == "A000030":
            row[_payload(3)] = "6"
    at_exit = ("ADL0020", "JCS0020", "ADL0040")
    return clean.with_rows("FF1", [row for row in rows if not (row[:5] == stay and row[_FF1_CODE] in at_exit)])


def _icd_with_dot(row: Row) -> list[Row]:
    code = row[_payload(2)]
    row[_payload(2)] = f"{code[:3]}.{code[3:]}"
    return [row]


def _year_earlier(row: Row) -> list[Row]:
    day = row[_payload(1)]
    row[_payload(1)] = f"{int(day[:4]) - 1}{day[4:]}"
    return [row]


def _no_route_details(row: Row) -> list[Row]:
    row[_payload(5)] = ""
    return [row]


def _two_act_lines(row: Row) -> list[Row]:
    return [row, list(row)]


def _ten_more(row: Row) -> list[Row]:
    row[17] = f"{int(row[17]) + 10:08d}"
    return [row]


def _is_act(row: Row) -> bool:
    return row[_EF_DETAIL] == "000" and row[_EF_CATEGORY] == "60" and row[16] == ""


def _category_99(clean: Delivery) -> Delivery:
    rows = clean.rows("EFn")
    act = rows[found(rows, _is_act, "EFn")][:6]
    for row in rows:
        if row[:6] == act:
            row[_EF_CATEGORY], row[5] = "99", "0001"
    return clean.with_rows("EFn", rows)


def _after_the_month(clean: Delivery) -> Delivery:
    rows = clean.rows("EFn")
    act = rows[found(rows, _is_act, "EFn")][:6]
    following = dates.ymd(dates.first(dates.add(clean.submission.month, 1)))
    for row in rows:
        if row[:6] == act:
            row[_EF_DATE] = following
    return clean.with_rows("EFn", rows)


def _other_coefficient(clean: Delivery) -> Delivery:
    rows = clean.rows("Dn")
    at = max(index for index, row in enumerate(rows) if row[29])
    rows[at][29] = "1.9999" if rows[at][29] != "1.9999" else "1.0001"
    return clean.with_rows("Dn", rows)


def _not_claimed(clean: Delivery) -> Delivery:
    present = {(row[1], row[3]) for row in clean.rows("EFn")}

    def change(row: Row) -> list[Row]:
        row[4] = "3"
        return [row]

    return clean.edited("FF4", lambda row: row[4] == "1" and (row[1], row[2]) in present, change)


def _unknown_stay(row: Row) -> list[Row]:
    stranger = list(row)
    stranger[1] = "0999999999"
    return [row, stranger]


def _month_before(clean: Delivery) -> Delivery:
    before = dates.compact(dates.add(clean.submission.month, -1))
    return _set("Kn", lambda row: True, 4, before)(clean)


def _other_birth_month(clean: Delivery) -> Delivery:
    """Of a patient whose FF1 is in the delivery, for only there the two can be compared."""
    known = {row[1] for row in clean.rows("FF1") if row[_FF1_CODE] == "A000010" and row[4] == "0"}
    return _set("Kn", lambda row: row[1] in known, 5, "189901")(clean)


def _two_births(clean: Delivery) -> Delivery:
    """The second form of a patient who has two says another birth date."""
    rows = clean.rows("FF1")
    seen: dict[str, Row] = {}

    def second(row: Row) -> bool:
        if row[_FF1_CODE] != "A000010":
            return False
        return row[1] in seen or seen.setdefault(row[1], row) is not row

    at = found(rows, second, "FF1")
    rows[at][_payload(1)] = "19000101"
    return clean.with_rows("FF1", rows)


def _uncode(row: Row, number: int) -> None:
    if number % 3 == 0:
        row[_payload(4)] = "0000999"


def _unspecified(row: Row, number: int) -> None:
    row[_payload(2)], row[_payload(3)], row[_payload(9)] = "I509", "30109", "心不全"


def _disease(row: Row) -> bool:
    return row[_FF1_CODE].startswith("A0060") and row[_FF1_CODE] != "A006060"


def _surgery_missing(clean: Delivery) -> Delivery:
    """No form of the stay has it: a readmission series repeats it in its A record."""
    rows = clean.rows("FF1")
    first = rows[found(rows, _is("A007010"), "FF1")]
    return clean.with_rows("FF1", [row for row in rows if not (row[1:3] == first[1:3] and row[_FF1_CODE] == "A007010")])


def _same_day(row: Row) -> bool:
    return row[4] == "0" and row[3] == "1"


def _no_number(clean: Delivery) -> Delivery:
    rows = clean.rows("FF1")
    stay = rows[found(rows, _same_day, "FF1")][:5]
    for row in rows:
        if row[:5] == stay:
            row[3] = "0"
    return clean.with_rows("FF1", rows)


CHANGES: Mapping[str, Change] = {
    "ff1-duplicate": _repeat("FF1", _is("A000060")),
    "ff1-old-version": _set("FF1", _is("A004030"), 6, "20140401"),
    "ff1-missing-code": _drop("FF1", _is("JCS0010")),
    "blank-payload-filled": _set("FF1", _is("A006010"), _payload(3), "10100"),
    "discharge-before-admission": _discharge_before_admission,
    "child-gap": _child_gap,
    "route-not-asked": lambda clean: clean.edited("FF1", _filled("A000020", 5), _no_route_details),
    "death-destination": _death_at_home,
    "icd-with-dot": lambda clean: clean.edited("FF1", lambda r: _is("A006030")(r) and len(r[9]) > 3, _icd_with_dot),
    "surgery-outside": lambda clean: clean.edited("FF1", _is("A007010"), _year_earlier),
    "weight-without-decimal": _set("FF1", _is("A001010"), _payload(3), "53"),
    "two-act-lines": lambda clean: clean.edited("EFn", _is_act, _two_act_lines),
    "no-act-line": _drop("EFn", _is_act),
    "sum-differs": lambda clean: clean.edited("EFn", _is_act, _ten_more),
    "flags-short": _set("EFn", lambda row: row[_EF_DETAIL] == "001" and row[16] == "0" * 12, 16, "0" * 11),
    "unknown-category": _category_99,
    "two-coefficients": _other_coefficient,
    "yen-outside-meals": _set("Dn", lambda row: row[4] == "50", 13, "1"),
    "two-day-points": _repeat("Dn", lambda row: row[4] == "93"),
    "ff4-missing": _drop("FF4", lambda row: row[4] == "1"),
    "ff4-not-claimed": _not_claimed,
    "kn-missing": _drop("Kn", lambda row: True),
    "kn-unknown": lambda clean: clean.edited("Kn", lambda row: True, _unknown_stay),
    "kn-other-month": _month_before,
    "kn-birth-month": _other_birth_month,
    "dn-unknown-stay": lambda clean: clean.edited("Dn", lambda row: True, _unknown_stay),
    "date-outside": _after_the_month,
    "surgery-not-in-ff1": _surgery_missing,
    "transfusion-in-ff1": _set("FF1", _is("A007010"), _payload(2), "K9202"),
    "admission-differs": _set("FF1", _is("A000020"), _payload(1), "20250101"),
    "hn-missing": _drop("Hn", lambda row: row[6] == "TAR0010" and row[9] == "2"),
    "hn-twice": _repeat("Hn", lambda row: row[6] == "TAR0010"),
    "many-uncoded": _every("FF1", _disease, _uncode),
    "many-unspecified": _every("FF1", lambda row: row[_FF1_CODE] == "A006030", _unspecified),
    "same-day-number": _no_number,
    "two-birth-dates": _two_births,
}
"""Fault name -> what it does to a clean delivery."""
