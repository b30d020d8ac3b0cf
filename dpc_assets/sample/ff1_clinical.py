"""FF1 records that depend on who the patient is and what the illness is: profile, surgery, ADL, cancer, scores.

Conditions: the ※ rules of spec p21-38.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dpc_assets.sample import dates
from dpc_assets.sample.catalog import act
from dpc_assets.sample.ff1_records import Record, record
from dpc_assets.sample.forms import Form

_ADL_HIGHEST = (2, 3, 1, 2, 1, 3, 2, 2, 2, 2)
_ADULT = 15
_OLD = 65


def _adl(rng: Random, help_needed: float) -> str:
    return "".join(str(highest if rng.random() > help_needed else rng.randint(0, highest)) for highest in _ADL_HIGHEST)


def _body(age: int, newborn: bool, small: bool, male: bool, rng: Random) -> tuple[int, float]:
    """(height in cm, weight in kg)."""
    if newborn:
        return (rng.randint(42, 46), rng.uniform(1.8, 2.4)) if small else (rng.randint(47, 51), rng.uniform(2.6, 3.6))
    if age < _ADULT:
        return 72 + age * 6 + rng.randint(-4, 4), 9 + age * 2.6 + rng.uniform(-1, 2)
    height = (168 if male else 155) - max(0, age - 60) // 5 + rng.randint(-7, 7)
    return height, (62 if male else 51) + rng.uniform(-12, 14)


def _profile(form: Form, rng: Random) -> Iterator[Record]:
    stay = form.first
    newborn, age = "newborn" in stay.disease.tags, stay.age
    height, weight = _body(age, newborn, "small" in stay.disease.tags, stay.person.male, rng)
    after = "000" if form.died else f"{weight - rng.uniform(0, 1.5):.1f}"
    yield record("A001010", 0, (2, str(height)), (3, f"{weight:.1f}"), (4, after))
    smoked = 0 if age < 20 else rng.choice((0, 0, 0, 200, 400, 600, 1040, 9999))
    yield record("A001020", 0, (2, str(smoked)))
    pregnant = ((2, "1"), (3, str(rng.randint(41, 42)))) if stay.obstetric else ((2, "0"),)
    yield record("A002010", 0, *pregnant)
    if newborn:
        yield record("A003010", 0, (2, str(round(weight * 1000))), (3, "35" if "small" in stay.disease.tags else "38"))
    if age >= _OLD:
        yield record("A004010", 0, (2, rng.choice("0001123")))
        yield record("A004020", 0, (2, rng.choice("000123456789")))
    frail = age >= 75
    swallowing = "1" if stay.disease.key in ("aspiration_pneumonia", "stroke") else "0"
    assessed = "1" if rng.random() < 0.8 else "0"
    yield record(
        "A004030",
        0,
        (3, rng.choice(("000000", "111110")) if frail else "000000"),
        (4, swallowing),
        (5, "000000"),
        (6, swallowing),
        (7, "00100" if not newborn else "10000"),
        (8, "00000"),
        (9, assessed if form.parent and age >= _OLD else ""),
    )
    if form.parent:
        ulcer = "1200000" if frail and rng.random() < 0.05 else "0000000"
        yield record("A001040", 0, (3, "0000000"), (4, ulcer), (5, ulcer), (6, _ulcer_day(form, ulcer)))
        falls = 1 if frail and rng.random() < 0.06 else 0
        yield record("A004040", 0, (2, str(falls)), (3, "0"))
        yield record("A004050", 0, (2, str(min(2, stay.nights)) if frail and rng.random() < 0.05 else "0"))


def _ulcer_day(form: Form, ulcer: str) -> str:
    return dates.NONE if ulcer == "0000000" else dates.ymd(form.end)


def _surgery(form: Form) -> Iterator[Record]:
    done = [stay for stay in form.stays if form.holds(stay.surgery_date) and stay.same_day_number < 2]
    done.sort(key=lambda stay: -act(stay.disease.surgery).points)
    for number, stay in enumerate(done, 1):
        disease = stay.disease
        rng = Random(f"{stay.key}/surgery")
        item = act(disease.surgery).main
        assert stay.surgery_date is not None
        yield record(
            "A007010",
            number,
            (1, dates.ymd(stay.surgery_date)),
            (2, item.fee_code),
            (3, disease.stem7),
            (4, "1"),
            (5, rng.choice("12") if disease.side == "one" else "0"),
            (6, disease.anesthesia),
            (7, "1" if disease.anesthesia in ("1", "6") else ""),
            (9, item.name),
        )


def _consciousness(form: Form, rng: Random) -> Iterator[Record]:
    stay = form.first
    score = rng.choice(("0", "1", "2", "10", "30", "3RI")) if stay.disease.key in ("stroke", "sepsis") else "0"
    arrival = score if stay.emergency and not form.later_child else ""
    yield record("JCS0010", 0, (2, score), (3, arrival), (4, arrival))
    if not form.died:
        yield record("JCS0020", 0, (2, "0" if score in ("0", "1") else "1"))


def _daily_living(form: Form, rng: Random) -> Iterator[Record]:
    stay = form.first
    if stay.age < _ADULT or stay.obstetric:
        return
    help_needed = 0.1 if stay.age < _OLD else 0.35 if stay.age < 80 else 0.6
    yield record("ADL0010", 0, (2, _adl(rng, help_needed)))
    if not form.died:
        yield record("ADL0020", 0, (2, _adl(rng, help_needed * 0.7)))
    if "community" in form.groups:
        yield record("ADL0030", 1, (2, _adl(rng, help_needed)))
        if not form.died:
            yield record("ADL0040", 1, (2, _adl(rng, help_needed * 0.7)))


def _cancer(form: Form, rng: Random) -> Iterator[Record]:
    stay = form.last
    tags = stay.disease.tags
    yield record("CAN0040", 0, (3, "3" if "chemo" in tags else "0"))
    if "cancer" not in tags or not form.general_only:
        return
    again = rng.random() < 0.2
    yield record("CAN0010", 0, (3, "1" if again else "0"))
    if not again:
        yield record(
            "CAN0020", 0, (3, rng.choice(("T1a", "T2", "T3"))), (4, rng.choice(("N0", "N1"))), (5, "M0"), (6, "8")
        )
        if "colorectal" in tags:
            yield record("CAN0030", 0, (3, rng.choice(("1", "2A", "3B"))))


def _pneumonia_and_lungs(form: Form, rng: Random) -> Iterator[Record]:
    stay = form.last
    tags = stay.disease.tags
    if "mdc04" in tags:
        yield record("M040010", 0, (2, "0" if stay.age < 6 else rng.choice("12345")))
    if "pneumonia" in tags:
        yield record("M040020", 0, (2, "1100005"), (3, "0"))


def _heart(form: Form, rng: Random) -> Iterator[Record]:
    stay = form.last
    tags = stay.disease.tags
    emergency = stay.emergency and not form.later_child
    if "heart_failure" in tags:
        degree, pressure = rng.choice("234"), rng.choice("123")
        yield record("M050011", 0, (3, degree if emergency else ""), (4, degree))
        early = pressure if emergency else ""
        yield record("M050041", 0, (2, early), (3, "0" if emergency else ""), (4, pressure), (5, "0"))
        yield record("M050090", 0, (2, rng.choice("123")))
    if "angina" in tags:
        yield record("M050020", 0, (2, rng.choice("123")))
    if "ami" in tags:
        yield record("M050030", 0, (2, rng.choice("1123")))
        yield record("M050051", 0, (2, rng.choice("112")))


def _stroke(form: Form, rng: Random) -> Iterator[Record]:
    if "stroke" in form.last.disease.tags:
        yield record("M010010", 0, (2, rng.choice("0012")), (3, "1"))
        yield record("M010020", 0, (2, "6" if form.died else rng.choice("12345")))


def _sofa(form: Form, rng: Random) -> Iterator[Record]:
    """M180010 for stays in an ICU (from 15 years), M180011 for sepsis."""
    stay = form.last
    if stay.icu is not None and form.holds(stay.icu[0]) and stay.age >= _ADULT:
        start, end = stay.icu
        scores = ["".join(rng.choice("01123") for _ in range(6)) for _ in range(3)]
        following = dates.ymd(start.fromordinal(start.toordinal() + 1))
        yield record(
            "M180010",
            1,
            (2, dates.ymd(start)),
            (3, following),
            (4, dates.ymd(end)),
            (6, scores[0]),
            (7, scores[1]),
            (8, scores[2]),
        )
    if "sepsis" in stay.disease.tags:
        start = form.start
        following = dates.ymd(start.fromordinal(start.toordinal() + 1)) if form.end > start else dates.NONE
        second = "112101" if form.end > start else ""
        yield record("M180011", 1, (2, dates.ymd(start)), (3, following), (6, "223112"), (7, second))


def _delivery(form: Form, rng: Random) -> Iterator[Record]:
    if form.last.obstetric:
        yield record("M120010", 0, (2, "2"), (3, str(rng.randint(300, 1400))))


def clinical_records(form: Form) -> Iterator[Record]:
    """Everything but the frame of a form; the same for the same stay, whatever else is written."""
    for name, make in (
        ("profile", _profile),
        ("consciousness", _consciousness),
        ("adl", _daily_living),
        ("cancer", _cancer),
        ("lungs", _pneumonia_and_lungs),
        ("heart", _heart),
        ("stroke", _stroke),
        ("sofa", _sofa),
        ("delivery", _delivery),
    ):
        yield from make(form, Random(f"{form.first.key}/{name}"))
    yield from _surgery(form)
