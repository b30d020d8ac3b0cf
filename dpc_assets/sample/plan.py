"""What is done for a patient each day, as acts of the catalog. Both EF and D are written from this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from dpc_assets.sample import dates
from dpc_assets.sample.catalog import Act, Variant, act
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay, WardPeriod

_IN_ICU_FEE = ("33", "40", "60")
_IN_COMMUNITY_FEE = ("21", "22", "23", "24", "27", "31", "32", "33", "60", "70", "80")


@dataclass(frozen=True)
class Done:
    """An act done `count` times on a day in a ward."""

    day: date
    act: Act
    count: int
    ward: WardPeriod
    in_icu: bool


def _ward_fee(stay: Stay, day: date, facility: Facility) -> str:
    ward = stay.ward_on(day)
    if ward.group == "community":
        return "ward_community"
    if stay.in_icu(day):
        return "ward_icu"
    if day == stay.leave:
        return f"{facility.ward_fee}_leave"
    number = (day - stay.admission).days + 1
    return facility.ward_fee + ("_early" if number <= 14 else "_middle" if number <= 30 else "")


def _first_day(stay: Stay, rng: Random) -> Iterator[tuple[str, int]]:
    if stay.planned in ("200", "") or stay.emergency:
        yield rng.choice(("first_visit", "first_visit", "first_visit_night")), 1
    yield "ecg", 1
    yield "chest_photo", 1
    if stay.emergency or rng.random() < 0.3:
        yield "ct_contrast" if rng.random() < 0.3 else "ct", 1
        yield "ct_reading", 1
    if stay.age >= 60 and rng.random() < 0.45:
        yield "brought_in", rng.randint(3, 14)
    if stay.insurance == "4":
        yield "advanced_care", 1
    if stay.disease.key in ("sepsis", "pyelonephritis", "cholangitis"):
        yield "blood_culture", 1
    if "heart_failure" in stay.disease.tags or "ami" in stay.disease.tags:
        yield "bnp", 1
        yield "echo", 1


def _monthly(stay: Stay) -> Iterator[tuple[str, int]]:
    yield "blood_judgement", 1
    yield "chemistry_judgement", 1
    yield "dispensing_base", 1
    if stay.age >= 15:
        yield "drug_guidance", 1


def _drips(stay: Stay, number: int, rng: Random) -> Iterator[tuple[str, int]]:
    key = stay.disease.key
    if stay.age < 15:
        if number <= 3:
            yield "fluids_child", 1
    elif key == "sepsis" and number <= 10:
        yield "meropenem", 1
        yield "central_infusion", 1
        if number <= 3:
            yield "ventilator", 1
        if number == 2:
            yield "transfusion", 1
    elif key == "stroke" and number <= 10:
        yield "edaravone", 1
    elif "pneumonia" in key and number <= 8:
        yield "fluids_sulbactam", 1
    elif stay.disease.surgery and number <= 3:
        yield "fluids", 1
    elif number <= 6 and key not in ("cataract", "hearing_loss"):
        yield "fluids_antibiotic", 1
    if "chemo" in stay.disease.tags and number == 2:
        yield "chemotherapy", 1
        yield "sterile_chemo", 1
    if "heart_failure" in stay.disease.tags and number <= 5:
        yield "furosemide", 1
        yield "oxygen", 1
    if key == "aspiration_pneumonia" and number <= 9:
        yield "suction", rng.randint(1, 4)
        yield "oxygen", 1


def _operation(stay: Stay, rng: Random) -> Iterator[tuple[str, int]]:
    yield stay.disease.surgery, 1
    if stay.disease.anesthesia in ("1", "6"):
        yield "general_anesthesia", 1
    elif stay.disease.anesthesia == "3":
        yield "spinal_anesthesia", 1
    if stay.disease.key in ("hip_fracture", "colon_cancer"):
        yield "urinary_catheter", 1
        if rng.random() < 0.3:
            yield "transfusion", 1


def _tablets(stay: Stay, day: date, rng: Random) -> Iterator[tuple[str, int]]:
    """A week's tablets in one act, counted by days."""
    days = min(7, (stay.discharge - day).days + 1)
    if stay.age < 15:
        yield "syrup", days
        return
    yield "oral_stomach", days
    if stay.age >= 60:
        yield rng.choice(("oral_heart", "oral_aspirin", "oral_bowel")), days
    if rng.random() < 0.3:
        yield "as_needed", rng.randint(1, 4)
    if "bone_rehab" in stay.disease.rehab:
        yield "tape", 1


def _meals(stay: Stay, day: date) -> int:
    if stay.age < 1 or stay.in_icu(day):
        return 0
    if stay.nights == 0:
        return 1
    if day == stay.admission:
        return 2
    return 1 if day in (stay.discharge, stay.surgery_date) else 3


def _last_day(stay: Stay, rng: Random) -> Iterator[tuple[str, int]]:
    if stay.died:
        return
    if stay.destination == "4":
        yield "referral_letter", 1
    elif stay.age >= 15:
        yield "discharge_drugs", rng.choice((7, 14, 28))
        yield "discharge_guidance", 1


def _keys(stay: Stay, day: date, facility: Facility, seen: set[str], rng: Random) -> Iterator[tuple[str, int]]:
    """(act, count) of one day, the ward fee first. `seen` holds what is done once a month."""
    again = stay.same_day_number > 1
    if not again:
        yield _ward_fee(stay, day, facility), 1
    if day == stay.leave:
        return
    number = (day - stay.admission).days + 1
    if number == 1:
        yield from _first_day(stay, rng)
    month = dates.of(day)
    if month not in seen and not again:
        seen.add(month)
        yield from _monthly(stay)
    if number in (1, 2, 4) or number % 7 == 0:
        yield "blood_test", 1
        yield "chemistry", 1
    if number % 7 == 1:
        yield from _tablets(stay, day, rng)
        if number > 1:
            yield "chest_photo", 1
    if number == 8 and rng.random() < 0.3:
        yield "ct_second" if dates.of(stay.admission) == month and stay.emergency else "ct", 1
    yield "dispensing", 1
    yield from _drips(stay, number, rng)
    if stay.age >= 65 and number % 3 == 0:
        yield "insulin", 1
    if day == stay.surgery_date and not again:
        yield from _operation(stay, rng)
    elif stay.surgery_date and stay.surgery_date < day <= stay.surgery_date + timedelta(days=4):
        yield "wound", 1
    if stay.disease.rehab and number > 2 and day.weekday() != 6:
        yield stay.disease.rehab, rng.randint(1, 6)
    meals = 0 if again else _meals(stay, day)
    if meals:
        yield "meal_special" if "heart_failure" in stay.disease.tags else "meal", meals
    if day == stay.discharge:
        yield from _last_day(stay, rng)


def _variant(key: str, category: str, ward: WardPeriod, in_icu: bool) -> Variant:
    if ward.group == "community" and category in _IN_COMMUNITY_FEE and key not in ("brought_in", "discharge_drugs"):
        return "bundled_2"
    return "bundled_1" if in_icu and category in _IN_ICU_FEE else ""


def acts(stay: Stay, facility: Facility) -> Iterator[Done]:
    """Everything done in the stay, day by day; nothing for a stay that is not claimed."""
    if not stay.claimed:
        return
    rng = Random(f"{stay.key}/acts")
    seen: set[str] = set()
    day = stay.admission
    while day <= stay.discharge:
        ward, in_icu = stay.ward_on(day), stay.in_icu(day)
        for key, count in _keys(stay, day, facility, seen, rng):
            plain = act(key)
            variant = _variant(key, plain.category, ward, in_icu)
            yield Done(day, act(key, variant) if variant else plain, count, ward, in_icu)
        day += timedelta(days=1)
