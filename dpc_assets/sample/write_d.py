"""Dn, DPC hospitals only: day points by period (93), adjustment (94), fee-for-service rows, meals, reasons (01).

Spec p193-199, 214-217; domain: 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dpc_assets.sample import dates
from dpc_assets.sample.catalog import DpcCode
from dpc_assets.sample.money import inclusive_points
from dpc_assets.sample.people import Facility
from dpc_assets.sample.plan import Done, acts
from dpc_assets.sample.stay import Stay

_BESIDE_DPC = ("11", "13", "50", "54", "80", "92", "97")
_AFTER_DAY_3 = "GR010"
_COMMUNITY_WARD = "GR011"
_NOT_IN_DPC = "\t\t\t\t"


@dataclass(frozen=True)
class Period:
    """The DPC period of a stay: first day, last day (day III, transfer or discharge), base of the count."""

    start: date
    end: date
    base: date
    first_number: int


def period(stay: Stay) -> Period:
    base = stay.series.admission if stay.series else stay.admission
    last_day = stay.admission + timedelta(days=stay.dpc_final.days[2] - stay.days_before - 1)
    return Period(stay.admission, min(stay.general_end, last_day), base, stay.days_before + 1)


def code_in(stay: Stay, month: str) -> DpcCode:
    """The code that the month's claim uses: the last one only from the month in which it is known."""
    return stay.dpc_final if stay.final_from <= dates.last(month) else stay.dpc_first


def _paid_days(stay: Stay, month: str) -> list[date]:
    span = period(stay)
    return [day for day in stay.days(month) if day <= span.end and day != stay.leave]


def _numbered(stay: Stay, day: date) -> int:
    return (day - stay.admission).days + period(stay).first_number


def adjustment(stay: Stay, facility: Facility, month: str) -> int:
    """Points of row 94: what earlier months would have been worth under the last code, less what they claimed."""
    earlier = dates.of(stay.admission)
    points = 0
    while earlier < month:
        days = [_numbered(stay, day) for day in _paid_days(stay, earlier)]
        then, now = code_in(stay, earlier), stay.dpc_final
        points += inclusive_points([now.day_points(each) for each in days], facility.coefficient)
        points -= inclusive_points([then.day_points(each) for each in days], facility.coefficient)
        earlier = dates.add(earlier, 1)
    return points


def _beside(done: Done) -> bool:
    """Whether an act inside the DPC period is claimed besides the day points."""
    if not done.act.counted or done.act.key == "advanced_care":
        return False
    if done.act.category == "92":
        return done.in_icu
    return done.act.category in _BESIDE_DPC or done.act.key == "discharge_drugs" or done.act.key.endswith("_leave")


class _Rows:
    """Renders rows of one stay; the sequence numbers go on over the stays of the same admission date."""

    def __init__(self, stay: Stay, facility: Facility, month: str, sequence: Counter[str]) -> None:
        person, disease = stay.person, stay.disease
        limit = dates.last(month)
        span = period(stay)
        self._sequence = sequence
        self._key = "\t".join(
            (facility.code, person.number, dates.known_by(stay.discharge, limit), dates.ymd(stay.admission), "")
        )
        doctor = f"D{disease.department}{int(person.number[-2:]) % 7 + 1}"
        self._who = f"{disease.receipt_department}\t{disease.department}\t{doctor}"
        self._stay = stay
        self._code = code_in(stay, month)
        self._dpc = "\t".join(
            (
                *(dates.ymd(span.start), dates.known_by(span.end, limit), dates.ymd(span.base)),
                *(self._code.code, f"{facility.coefficient:.4f}"),
            )
        )
        self._span = span

    def row(self, category: str, codes: str, points: tuple[int, int, int], yen: str, count: int, day: date) -> str:
        self._sequence[category] += 1
        ward = self._stay.ward_on(day)
        values = "\t".join(f"{value:08d}" for value in points)
        if day <= self._span.end:
            dpc = self._dpc
        elif ward.group == "general":
            dpc = f"\t\t\t{self._code.code}\t"
        else:
            dpc = _NOT_IN_DPC
        return (
            f"{self._key}{category}\t{self._sequence[category]:04d}\t{codes}\t{values}\t{yen}\t{count:03d}\t"
            f"{self._stay.insurer_on(day)}\t{self._stay.person.receipt_type}\t{dates.ymd(day)}\t{self._who}\t{ward.ward}\t{ward.ward_type}\t0\t\t{dpc}"
        )


def _stay_lines(stay: Stay, facility: Facility, month: str, sequence: Counter[str]) -> Iterator[str]:
    rows = _Rows(stay, facility, month, sequence)
    span = period(stay)
    again = stay.same_day_number > 1
    if not again:
        code = code_in(stay, month)
        for day in _paid_days(stay, month):
            number = _numbered(stay, day)
            which = "１" if number <= code.days[0] else "２" if number <= code.days[1] else "３"
            points = code.day_points(number)
            name = f"ＤＰＣ包括点数（入院期間{which}）"
            yield rows.row("93", f"B00930\t930000000\t\t{name}", (points, 0, 0), "0", 1, day)
        if dates.of(span.end) == month:
            points = adjustment(stay, facility, month)
            if points:
                yield rows.row("94", "B00940\t940000000\t\tＤＰＣ調整点数", (points, 0, 0), "0", 1, span.end)
        for day in stay.days(month):
            if day > span.end:
                reason = _AFTER_DAY_3 if stay.ward_on(day).group == "general" else _COMMUNITY_WARD
                yield rows.row("01", f"B00010\t810000001\t{reason}\t出来高算定理由", (0, 0, 0), "0", 1, day)
    for done in acts(stay, facility):
        if dates.of(done.day) != month:
            continue
        act = done.act
        if (done.day <= span.end and _beside(done)) or (done.day > span.end and act.counted):
            if act.key == "advanced_care":
                continue
            item = act.main
            codes = f"{item.hospital_code}\t{item.receipt_code}\t{item.fee_code}\t{item.name}"
            points3 = (act.points, act.drug, act.material)
            yield rows.row(act.category, codes, points3, act.yen, done.count, done.day)


def lines(stays: Sequence[Stay], facility: Facility, month: str) -> Iterator[str]:
    """The month's rows of stays that share patient and admission date, by category."""
    sequence: Counter[str] = Counter()
    for stay in stays:
        if stay.claimed:
            yield from _stay_lines(stay, facility, month, sequence)
