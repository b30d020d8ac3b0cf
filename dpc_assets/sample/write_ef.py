"""EFn: one E line (detail number 000) per act and its detail lines (spec p200; formats: 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dpc_assets.sample import dates
from dpc_assets.sample.people import Facility
from dpc_assets.sample.plan import acts
from dpc_assets.sample.stay import Stay


def lines(stays: Sequence[Stay], facility: Facility, month: str) -> Iterator[str]:
    """The month's lines of stays that share patient and admission date: they share the sequence numbers too."""
    sequence: Counter[str] = Counter()
    limit = dates.last(month)
    for stay in stays:
        person, disease = stay.person, stay.disease
        prefix = "\t".join(
            (facility.code, person.number, dates.known_by(stay.discharge, limit), dates.ymd(stay.admission), "")
        )
        doctor = f"D{disease.department}{int(person.number[-2:]) % 7 + 1}"
        for done in acts(stay, facility):
            if done.day > limit:
                break
            if dates.of(done.day) != month:
                continue
            act, ward = done.act, done.ward
            sequence[act.category] += 1
            key = f"{prefix}{act.category}\t{sequence[act.category]:04d}\t"
            day = dates.ymd(done.day)
            place = f"{disease.department}\t{doctor}\t{ward.ward}\t{ward.ward_type}\t"
            yield (
                f"{key}{act.head}\t{done.count:03d}\t{stay.insurer_on(done.day)}\t{person.receipt_type}\t{day}\t"
                f"{disease.receipt_department}\t{place}0\t"
            )
            tail = f"\t{done.count:03d}\t\t\t{day}\t\t{place}\t"
            for detail in act.details:
                yield f"{key}{detail}{tail}"
