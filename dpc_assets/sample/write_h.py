"""Hn: TAR0010 for every patient-day, with the answers of evaluated days (spec p144-152).

The hospitals report with 必要度I, so an evaluated day has an A record; the ward decides which B record it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from random import Random

from dpc_assets.formats import registry
from dpc_assets.sample import dates
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay

_PAYLOADS = 20
_WITH_PUMP = ("stroke", "heart_failure", "myocardial_infarction", "sepsis")
EVALUATED, CHILD, OBSTETRIC, LEAVE, DISCHARGE = "0", "2", "3", "4", "5"


@cache
def versions(month: str) -> dict[str, str]:
    """Payload code -> version, as the registry has them for the month."""
    return {payload.code: payload.version for payload in registry.layout("Hn", month).payloads}


def target(stay: Stay, day: date) -> str:
    """TAR0010: the smallest value that applies (spec p152)."""
    if stay.age < 15:
        return CHILD
    if stay.obstetric:
        return OBSTETRIC
    if day == stay.leave:
        return LEAVE
    return DISCHARGE if day == stay.discharge and stay.nights else EVALUATED


def _care(stay: Stay, day: date, rng: Random) -> tuple[str, ...]:
    """ASS0013: monitoring and treatment; payloads 3 and 4 are blank."""
    since = (day - stay.admission).days
    after = (day - stay.surgery_date).days if stay.surgery_date else -1
    chest = "pneumonia" in stay.disease.key or "heart_failure" in stay.disease.tags
    yes_no = (
        0 <= after <= 7,
        chest and since <= 9,
        0 <= after <= 2 or rng.random() < (0.7 if since <= 6 and stay.disease.key in _WITH_PUMP else 0.05),
        stay.disease.key == "sepsis" and since == 1,
    )
    wound, breath, pump, blood = ("1" if each else "0" for each in yes_no)
    drain = "010" if 0 < after <= 5 and stay.disease.anesthesia in ("1", "6") else "000"
    ambulance = "1" if stay.ambulance == "1" and since <= 1 else "0"
    return (wound, breath, "", "", pump, blood, drain, ambulance)


def _state(stay: Stay, rng: Random) -> tuple[str, ...]:
    """ASS0021 and ASS0051: what the patient can do (1-7) and whether help was given (8-11)."""
    need = 0.15 if stay.age < 65 else 0.4 if stay.age < 80 else 0.65
    levels = [rng.randint(1, highest) if rng.random() < need else 0 for highest in (2, 2, 1, 2, 2)]
    confused = "1" if rng.random() < need / 4 else "0"
    risky = "1" if rng.random() < need / 6 else "0"
    helped = ["1" if level else "0" for level in levels[1:]]
    return (*(str(level) for level in levels), confused, risky, *helped)


def lines(stays: Sequence[Stay], facility: Facility, month: str) -> Iterator[str]:
    """Lines of the month's days; two stays of one day have one record."""
    stay = stays[0]
    if not stay.claimed:
        return
    known = versions(month)
    discharge = dates.known_by(stay.discharge, dates.last(month))
    for day in stay.days(month):
        ward = stay.ward_on(day)
        who = f"{stay.person.number}\t{discharge}\t{dates.ymd(stay.admission)}\t{dates.ymd(day)}"
        answers: list[tuple[str, tuple[str, ...]]] = []
        value = target(stay, day)
        if value == EVALUATED:
            rng = Random(f"{stay.key}/nursing/{day.toordinal()}")
            if stay.in_icu(day):
                answers.append(("ASS0051", _state(stay, rng)))
            else:
                answers.append(("ASS0013", _care(stay, day, rng)))
                if ward.group == "general":
                    answers.append(("ASS0021", _state(stay, rng)))
        answers.append(("TAR0010", (value,)))
        for code, payloads in answers:
            filled = payloads + ("",) * (_PAYLOADS - len(payloads))
            yield f"{facility.code}\t{ward.ward}\t{who}\t{code}\t{known[code]}\t0\t" + "\t".join(filled)
