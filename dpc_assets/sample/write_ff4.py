"""FF4: every discharge of the month with its kind of insurance, self-pay only included (spec p7, p140)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dpc_assets.sample import dates
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay


def lines(stays: Sequence[Stay], facility: Facility, month: str) -> Iterator[str]:
    """One line a discharge: two of one day give two equal lines."""
    for stay in stays:
        if dates.of(stay.discharge) == month:
            period = (dates.ymd(stay.admission), dates.ymd(stay.discharge))
            yield "\t".join((facility.code, stay.person.number, *period, stay.insurance))
