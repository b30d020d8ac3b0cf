"""One stay: everything that the files say about it follows from this record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dpc_assets.sample import dates
from dpc_assets.sample.catalog import Diagnosis, Disease, DpcCode
from dpc_assets.sample.people import Person

Group = Literal["general", "community"]
INSURED, INSURED_AND_OTHER, NOT_CLAIMED = "1", "4", "3"
"""Codes of FF4 (spec p140)."""


@dataclass(frozen=True)
class WardPeriod:
    """Days in one ward group; the day of the transfer belongs to the new group (spec p119)."""

    group: Group
    start: date
    end: date
    ward: str

    @property
    def ward_type(self) -> str:
        return "0" if self.group == "general" else "1"


@dataclass(frozen=True)
class Stay:
    """One admission. `same_day_number` is 0 unless admission = discharge; `previous`: the stay before, if any.

    `series`: the first stay of the merged 7-day series that this one ends (spec p132), else None.
    `insurance`: code of FF4; 3 = not claimed, such a stay is in FF4 only.
    `new_insurer`: the day from which another insurer pays, and its number (spec p153: then Kn has two rows).
    `final_from`: the day from which the final DPC code is known; earlier months claim `dpc_first`.
    """

    key: str
    person: Person
    disease: Disease
    admission: date
    discharge: date
    same_day_number: int
    route: str
    referred: str
    from_own_outpatient: str
    planned: str
    ambulance: str
    home_care: str
    destination: str
    outcome: str
    insurance: str
    wards: tuple[WardPeriod, ...]
    surgery_date: date | None
    icu: tuple[date, date] | None
    leave: date | None
    dpc_first: DpcCode
    dpc_final: DpcCode
    final_from: date
    comorbidities: tuple[Diagnosis, ...]
    complications: tuple[Diagnosis, ...]
    new_insurer: tuple[date, str] | None
    previous: Stay | None
    series: Stay | None

    @property
    def nights(self) -> int:
        return (self.discharge - self.admission).days

    @property
    def age(self) -> int:
        return dates.age(self.person.birth, self.admission)

    @property
    def died(self) -> bool:
        return self.outcome in ("6", "7")

    @property
    def died_within_24h(self) -> bool:
        return self.died and self.nights <= 1

    @property
    def claimed(self) -> bool:
        return self.insurance != NOT_CLAIMED

    @property
    def emergency(self) -> bool:
        return self.planned.startswith("3")

    @property
    def obstetric(self) -> bool:
        return "obstetric" in self.disease.tags

    @property
    def general_end(self) -> date:
        """Last day in the general ward group; the DPC period cannot go beyond it."""
        return self.wards[0].end

    @property
    def days_before(self) -> int:
        """Days of the first stay of the series: the count of DPC days goes on from there (spec p195)."""
        return 0 if self.series is None or self.same_day_number > 1 else self.series.nights + 1

    def ward_on(self, day: date) -> WardPeriod:
        return next(period for period in self.wards if period.start <= day <= period.end)

    def insurer_on(self, day: date) -> str:
        new = self.new_insurer
        return new[1] if new is not None and day >= new[0] else self.person.insurer

    def insurers(self, month: str) -> tuple[str, ...]:
        """Insurers that pay in the month, in order: one or two."""
        return tuple(dict.fromkeys(self.insurer_on(day) for day in self.days(month)))

    def in_icu(self, day: date) -> bool:
        return self.icu is not None and self.icu[0] <= day <= self.icu[1]

    def days(self, month: str) -> Iterator[date]:
        """Days of the stay inside the month, the day of discharge included."""
        day = max(self.admission, dates.first(month))
        end = min(self.discharge, dates.last(month))
        while day <= end:
            yield day
            day += timedelta(days=1)

    def touches(self, month: str) -> bool:
        return self.admission <= dates.last(month) and self.discharge >= dates.first(month)
