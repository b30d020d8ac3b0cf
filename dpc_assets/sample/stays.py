"""What happens to the patients of one hospital and month: stays, readmissions, deaths, transfers, ward changes.

The same arguments give the same patients, whatever is written from them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from dpc_assets.sample import dates
from dpc_assets.sample.catalog import Disease, DpcCode, comorbidities, diseases
from dpc_assets.sample.people import Facility, Person, person
from dpc_assets.sample.stay import INSURED, INSURED_AND_OTHER, NOT_CLAIMED, Stay, WardPeriod

LONGEST = 75
"""Nights of the longest stay."""


def _nights(disease: Disease, rng: Random) -> int:
    low, mode, high = disease.nights
    if low == 0 and rng.random() < 0.3:
        return 0
    if high >= 28 and rng.random() < 0.04:
        return rng.randint(min(high, 40), LONGEST)
    return round(rng.triangular(low, high, mode))


def _leaving(disease: Disease, rng: Random) -> tuple[str, str]:
    """(destination, outcome) of somebody who does not die (spec p46-52)."""
    if rng.random() < disease.transfer:
        return "4", rng.choice(("1", "1", "4", "5"))
    outcome = "3" if "cancer" in disease.tags else rng.choices(("1", "4", "9"), (92, 6, 2))[0]
    if disease.age_min >= 65 and rng.random() < 0.15:
        return rng.choice(("5", "6", "7", "a")), outcome
    return rng.choices(("1", "2", "3"), (75, 20, 5))[0], outcome


def _wards(
    facility: Facility, disease: Disease, admission: date, discharge: date, rng: Random
) -> tuple[WardPeriod, ...]:
    ward = f"W{facility.index + 1}{disease.department}"
    nights = (discharge - admission).days
    if "ward_change" in disease.tags and nights >= 14 and rng.random() < 0.45:
        moved = admission + timedelta(days=rng.randint(7, nights - 4))
        return (
            WardPeriod("general", admission, moved - timedelta(days=1), ward),
            WardPeriod("community", moved, discharge, f"C{facility.index + 1}01"),
        )
    return (WardPeriod("general", admission, discharge, ward),)


def _dpc(
    disease: Disease, admission: date, general_end: date, surgery: date | None, rng: Random
) -> tuple[DpcCode, DpcCode, date]:
    """(code at first, code at last, day from which the last is known). A stay beyond day III keeps one code."""
    first, final = disease.dpc_first, disease.dpc_final
    if disease.surgery and surgery is None:
        return first, first, admission
    if surgery is not None:
        known = surgery
    elif first is final or rng.random() < 0.6:
        return first, first, admission
    else:
        known = min(general_end, admission + timedelta(days=rng.randint(1, 25)))
    days = (general_end - admission).days + 1
    if days > final.days[2] or days > first.days[2]:
        return final, final, admission
    return first, final, known


@dataclass(frozen=True)
class _Entrance:
    """A000020: how somebody came; all but the route empty where the route is not 1, 4 or 5 (spec p43)."""

    route: str
    referred: str
    from_own_outpatient: str
    planned: str
    ambulance: str
    home_care: str


def _entrance(disease: Disease, again: bool, rng: Random) -> _Entrance:
    planned = rng.random() < disease.planned
    if "newborn" in disease.tags:
        route = "8"
    elif planned:
        route = "1"
    else:
        route = rng.choices("1459", (84, 6, 9, 1) if disease.age_min >= 55 else (96, 3, 0, 1))[0]
    if route not in ("1", "4", "5"):
        return _Entrance(route, "", "", "", "", "")
    if planned:
        how = "101" if again and "chemo" in disease.tags else "100"
    else:
        how = "200" if rng.random() < 0.3 or not disease.emergency_code else disease.emergency_code
    transferred = route == "4"
    return _Entrance(
        route=route,
        referred="1" if transferred or rng.random() < 0.45 else "0",
        from_own_outpatient="1" if not transferred and rng.random() < 0.7 else "0",
        planned=how,
        ambulance="1" if not planned and rng.random() < disease.ambulance else "0",
        home_care=rng.choices("0129", (90, 4, 5, 1))[0],
    )


def _surgery_date(disease: Disease, planned: bool, admission: date, general_end: date, rng: Random) -> date | None:
    needed = disease.surgery and (disease.dpc_first is disease.dpc_final or rng.random() < 0.93)
    if not needed:
        return None
    wanted = admission + timedelta(days=rng.randint(0, 2) if planned else rng.choice((0, 0, 1, 1, 2, 4)))
    return min(wanted, max(admission, general_end - timedelta(days=1)))


def _national_insurer(rng: Random) -> str:
    return f"{rng.randint(1, 47):02d}{rng.randint(1, 9999):04d}".rjust(8)


def make(
    key: str,
    who: Person,
    disease: Disease,
    admission: date,
    facility: Facility,
    previous: Stay | None = None,
    nights: int | None = None,
) -> Stay:
    """One stay of `who` from `admission` on; `nights`: how many it would be, were there no death."""
    rng = Random(f"{key}/stay")
    nights = _nights(disease, rng) if nights is None else nights
    died = nights > 0 and rng.random() < disease.death
    if died:
        nights = rng.randint(0, max(1, disease.nights[1]))
    discharge = admission + timedelta(days=nights)
    destination, outcome = ("8", rng.choices("67", (85, 15))[0]) if died else _leaving(disease, rng)
    entrance = _entrance(disease, previous is not None, rng)
    wards = _wards(facility, disease, admission, discharge, rng)
    general_end = wards[0].end
    surgery_date = _surgery_date(disease, entrance.planned.startswith("1"), admission, general_end, rng)
    icu = None
    if disease.icu_nights and nights > disease.icu_nights and rng.random() < 0.6:
        start = surgery_date or admission
        icu = (start, min(start + timedelta(days=disease.icu_nights), general_end))
    dpc_first, dpc_final, final_from = _dpc(disease, admission, general_end, surgery_date, rng)
    long_enough = (general_end - admission).days >= 12 and not died
    leave = general_end - timedelta(days=rng.randint(2, 4)) if long_enough and rng.random() < 0.06 else None
    known = [each for minimum, each in comorbidities() if dates.age(who.birth, admission) >= minimum]
    present = rng.sample(known, min(len(known), rng.choices((0, 1, 2, 3), (30, 35, 25, 10))[0]))
    later = [each for each in known if each not in present]
    payer_changes = nights > 5 and rng.random() < 0.01
    return Stay(
        key=key,
        person=who,
        disease=disease,
        admission=admission,
        discharge=discharge,
        same_day_number=1 if nights == 0 else 0,
        route=entrance.route,
        referred=entrance.referred,
        from_own_outpatient=entrance.from_own_outpatient,
        planned=entrance.planned,
        ambulance=entrance.ambulance,
        home_care=entrance.home_care,
        destination=destination,
        outcome=outcome,
        insurance=rng.choices((INSURED, INSURED_AND_OTHER, NOT_CLAIMED), (970, 18, 12))[0],
        wards=wards,
        surgery_date=surgery_date,
        icu=icu,
        leave=leave,
        dpc_first=dpc_first,
        dpc_final=dpc_final,
        final_from=final_from,
        comorbidities=tuple(present),
        complications=tuple(later[:1]) if later and nights > 8 and rng.random() < 0.2 else (),
        new_insurer=(admission + timedelta(days=3), _national_insurer(rng)) if payer_changes else None,
        previous=previous,
        series=None,
    )


def _again(stay: Stay, rng: Random) -> tuple[int, Disease] | None:
    """(days until the next admission, its disease), or None: most people do not come back."""
    disease = stay.disease
    if stay.died or not stay.claimed or stay.obstetric or "newborn" in disease.tags or len(stay.wards) > 1:
        return None
    if "chemo" in disease.tags and rng.random() < 0.7:
        return rng.randint(14, 24), disease
    if stay.nights == 0 and rng.random() < 0.2:
        return 0, disease
    if rng.random() > 0.15:
        return None
    others = [
        each
        for each in diseases().values()
        if each.mdc != disease.mdc and each.sex == "any" and each.age_min <= stay.age <= each.age_max
    ]
    kind = rng.choices(("series", "other", "month", "later"), (30, 12, 30, 28))[0]
    if kind == "series":
        return rng.choice((1, 2, 3, 4, 5, 6, 7, 7)), disease
    if kind == "other" and others:
        return rng.randint(1, 7), rng.choice(others)
    if kind == "month":
        return rng.choice((8, 10, 14, 20, 28, 29, 30)), disease
    return rng.randint(31, 45), disease


def _series(first: Stay, second: Stay) -> Stay | None:
    """The first stay where both make a merged 7-day record (spec p132): near, same MDC, not planned chemotherapy."""
    near = (second.admission - first.general_end).days <= 7
    if near and first.disease.mdc == second.disease.mdc and second.planned != "101" and first.series is None:
        return first
    return None


def patient(facility: Facility, month: str, number: int, seed: int) -> tuple[Stay, ...]:
    """Patient `number` of the hospital whose first admission lies in the month: 1 to 3 stays.

    Patient 1 comes early for something short, so that the smallest sample has a discharge in the month.
    """
    rng = Random(f"{seed}/{facility.code}/{month}/{number}")
    early = number == 1
    known = [each for each in diseases().values() if not early or each.nights[2] <= 12]
    disease = rng.choices(known, [each.weight for each in known])[0]
    admission = dates.first(month) + timedelta(days=rng.randrange(5 if early else dates.days_in(month)))
    if disease.planned > 0.5 and admission.weekday() >= 5 and admission.day > 2:
        admission -= timedelta(days=2)
    data_id = f"0{month[2:4]}{month[5:]}{number:05d}"
    who = person(data_id, disease, admission, facility, rng)
    key = f"{seed}/{facility.code}/{data_id}"
    begun = make(f"{key}/1", who, disease, admission, facility)
    stays = [replace(begun, insurance=INSURED) if early else begun]
    while len(stays) < 3:
        following = _following(f"{key}/{len(stays) + 1}", stays[-1], facility, rng)
        if following is None:
            break
        stays.append(following)
        if following.same_day_number > 1:
            break
    return tuple(stays)


def _following(key: str, latest: Stay, facility: Facility, rng: Random) -> Stay | None:
    """The next admission of somebody who comes back; a third stay never joins a merged series."""
    again = _again(latest, rng)
    if again is None or (again[0] <= 7 and latest.series is not None):
        return None
    gap, disease = again
    admission = latest.discharge + timedelta(days=gap)
    stay = make(key, latest.person, disease, admission, facility, latest, 0 if gap == 0 else None)
    stay = replace(stay, insurance=INSURED, new_insurer=None)
    series = _series(latest, stay)
    if series is not None and len(stay.wards) > 1:
        return None
    return replace(_same_day(stay, latest) if gap == 0 else stay, series=series)


def _same_day(stay: Stay, first: Stay) -> Stay:
    """The second stay of one day: unplanned, from home, one number higher (spec p39)."""
    return replace(
        stay,
        same_day_number=first.same_day_number + 1,
        route="1",
        referred="0",
        from_own_outpatient="1",
        planned="200",
        ambulance="0",
        home_care="0",
        dpc_first=first.dpc_first,
        dpc_final=first.dpc_final,
        final_from=first.final_from,
    )


def patients(facility: Facility, month: str, stays: int, seed: int) -> Iterator[tuple[Stay, ...]]:
    """Patients first admitted in the month, `stays` stays in all; the last patient is cut short to fit."""
    number, made = 0, 0
    while made < stays:
        number += 1
        group = patient(facility, month, number, seed)[: stays - made]
        made += len(group)
        yield group
