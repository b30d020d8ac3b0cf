"""FF1: the records of every form, with exact versions, ascending by code and sequence (spec p19-20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from dpc_assets.formats import registry
from dpc_assets.sample import dates
from dpc_assets.sample.catalog import Diagnosis
from dpc_assets.sample.ff1_clinical import clinical_records
from dpc_assets.sample.ff1_records import Record, record
from dpc_assets.sample.forms import Form, forms
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay

_UNCODED = "0000999"


@cache
def versions(month: str) -> dict[str, str]:
    """Payload code -> version, as the registry has them for the month."""
    return {payload.code: payload.version for payload in registry.layout("FF1", month).payloads}


def _admission(form: Form) -> Iterator[Record]:
    stay = form.first
    started = dates.ymd(stay.admission)
    if form.later_child:
        yield record("A000020", 0, (1, started), (2, "0"))
    else:
        yield record(
            "A000020",
            0,
            (1, started),
            (2, stay.route),
            (3, stay.referred),
            (4, stay.from_own_outpatient),
            (5, stay.planned),
            (6, stay.ambulance),
            (7, stay.home_care),
        )


def _discharge(form: Form) -> Record:
    stay = form.last
    if not form.ended:
        return record("A000030", 0, (1, dates.NOT_YET), (2, "0"), (3, "4"), (4, "0"))
    within = "1" if stay.died_within_24h else "0"
    care = "0" if stay.died or stay.destination == "4" else "1" if stay.age > 85 else "0"
    return record(
        "A000030", 0, (1, dates.ymd(stay.discharge)), (2, stay.destination), (3, stay.outcome), (4, within), (5, care)
    )


def _previous(form: Form) -> Iterator[Record]:
    """A000070 always; A000080 where a general group is left and entered again within 4 weeks (spec p56-58)."""
    stay = form.first
    before = stay.previous
    if before is None:
        rng = Random(f"{stay.key}/before")
        last_year = f"{stay.admission.year - 1}{rng.randint(1, 12):02d}00"
        earlier = rng.choices((dates.NONE, dates.NOT_YET, last_year), (90, 4, 6))[0] if stay.age else dates.NONE
        yield record("A000070", 0, (1, earlier), (2, dates.NONE))
        return
    planned = stay.planned in ("100", "101")
    same = not planned and before.disease.mdc == stay.disease.mdc
    discharged = dates.ymd(before.discharge)
    yield record("A000070", 0, (1, discharged), (2, discharged if same else dates.NONE))
    near = (stay.admission - before.general_end).days <= 28
    if near and form.general_only and form.number in ("0", "1"):
        if planned:
            yield record("A000080", 0, (2, "1"), (3, "1"))
        else:
            reason = "1" if same else "7"
            yield record("A000080", 0, (2, "2"), (3, reason), (9, "" if same else "前回と異なる疾患による入院（髙齢）"))


def _diagnosis(code: str, sequence: int, found: Diagnosis, additional: str = "", uncoded: bool = False) -> Record:
    return record(
        code,
        sequence,
        (2, found.icd10),
        (3, additional),
        (4, _UNCODED if uncoded else found.disease_code),
        (9, found.name),
    )


def _diagnoses(form: Form, draft: bool) -> Iterator[Record]:
    stay = form.last
    found = stay.disease.diagnosis
    yield _diagnosis("A006010", 0, found, uncoded=draft)
    yield _diagnosis("A006020", 0, form.first.disease.diagnosis)
    yield _diagnosis("A006030", 0, found, found.additional)
    rng = Random(f"{stay.key}/coding")
    for number, each in enumerate(stay.comorbidities, 1):
        yield _diagnosis("A006040", number, each, uncoded=rng.random() < 0.008)
    for number, each in enumerate(stay.complications, 1):
        yield _diagnosis("A006050", number, each)


def _frame(form: Form) -> Iterator[Record]:
    stay, person = form.first, form.first.person
    yield record("A000010", 0, (1, dates.ymd(person.birth)), (2, person.sex), (3, person.postal_code))
    yield from _admission(form)
    yield _discharge(form)
    yield record("A000031", 0, (1, dates.ymd(form.start)), (2, dates.ymd(form.end)))
    yield record("A000040", 0, (2, stay.disease.department), (3, "0"))
    community = "1" if "community" in form.groups else "0"
    yield record("A000050", 0, (2, "1" if "general" in form.groups else "0"), (3, "0"), (4, community))
    yield record("A000060", 0, (2, "3" if "chemo" in stay.disease.tags else "4"), (3, "0"))
    yield from _previous(form)


def _lines(form: Form, facility: Facility, month: str, draft: bool) -> Iterator[str]:
    stay = form.first
    same_day = str(stay.same_day_number) if form.parent else "0"
    key = f"{facility.code}\t{stay.person.number}\t{dates.ymd(stay.admission)}\t{same_day}\t{form.number}\t"
    known = versions(month)
    records = [*_frame(form), *_diagnoses(form, draft), *clinical_records(form)]
    for each in sorted(records, key=lambda one: (one.code, one.sequence)):
        yield f"{key}{each.code}\t{known[each.code]}\t{each.sequence}\t" + "\t".join(each.payloads)


def lines(stays: Sequence[Stay], facility: Facility, month: str, draft: bool = False) -> Iterator[str]:
    """Lines of all forms that belong to the month. `draft`: the main disease of the parents is not coded yet."""
    for stay in stays:
        for form in forms(stay, month):
            yield from _lines(form, facility, month, draft and form.parent)
