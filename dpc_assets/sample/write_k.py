"""Kn as submitted: the stays that EFn of the month has, with a made-up common id (spec p153-155)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dpc_assets.sample import dates
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay


def lines(stays: Sequence[Stay], facility: Facility, month: str) -> Iterator[str]:
    """One row for the stays of one patient and admission date, or two where the insurer changed in the month."""
    stay = stays[0]
    if not stay.claimed:
        return
    person = stay.person
    discharge = dates.known_by(stay.discharge, dates.last(month))
    birth_month = f"{person.birth.year:04d}{person.birth.month:02d}"
    for insurer in stay.insurers(month):
        yield "\t".join(
            (
                *(facility.code, person.number, dates.ymd(stay.admission), discharge),
                *(dates.compact(month), birth_month, person.common_id),
                *(insurer, person.symbol, person.member, person.branch),
            )
        )
