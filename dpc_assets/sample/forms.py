"""Which FF1 forms a hospital gives in a month: parents (0), ward-group periods (1, 2) and merged 7-day records (A)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dpc_assets.sample import dates
from dpc_assets.sample.stay import Stay, WardPeriod


@dataclass(frozen=True)
class Form:
    """One FF1 form. `number`: 0, 1, 2 or A (spec p40); `ended`: its period ends with the discharge.

    `stays`: the stays it is about, two for A; `wards`: the ward periods inside it.
    """

    number: str
    stays: tuple[Stay, ...]
    start: date
    end: date
    wards: tuple[WardPeriod, ...]
    ended: bool

    @property
    def first(self) -> Stay:
        return self.stays[0]

    @property
    def last(self) -> Stay:
        return self.stays[-1]

    @property
    def child(self) -> bool:
        return self.number not in ("0", "A")

    @property
    def later_child(self) -> bool:
        return self.child and self.number != "1"

    @property
    def parent(self) -> bool:
        return self.number == "0"

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(ward.group for ward in self.wards)

    @property
    def general_only(self) -> bool:
        return self.groups == {"general"}

    @property
    def died(self) -> bool:
        return self.ended and self.last.died

    def holds(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


def forms(stay: Stay, month: str) -> Iterator[Form]:
    """Forms of the stay that belong to the month's file: of the discharge, and of a transfer (formats: 5)."""
    if not stay.claimed:
        return
    discharged = dates.of(stay.discharge) == month
    if discharged:
        yield Form("0", (stay,), stay.admission, stay.discharge, stay.wards, True)
    if len(stay.wards) > 1:
        for number, ward in enumerate(stay.wards, 1):
            ended = ward is stay.wards[-1]
            given = stay.discharge if ended else stay.wards[number].start
            if dates.of(given) == month:
                yield Form(str(number), (stay,), ward.start, ward.end, (ward,), ended)
    if discharged and stay.series is not None:
        first = stay.series
        yield Form("A", (first, stay), first.admission, stay.discharge, first.wards + stay.wards, True)
