"""EFg, DPC hospitals only: the outpatient visit before a planned admission and its disease row (spec p201-207)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from dpc_assets.sample import dates
from dpc_assets.sample.catalog import Act, act
from dpc_assets.sample.people import Facility
from dpc_assets.sample.stay import Stay

_VISITED = ("blood_test", "chemistry", "chest_photo")
_PLACE = "9999999999\t9"
_ZERO = "00000000"


def _visit_date(stay: Stay) -> date | None:
    """Some days before a first, planned admission; nobody is an inpatient then."""
    if stay.planned != "100" or stay.previous is not None or stay.from_own_outpatient != "1":
        return None
    return stay.admission - timedelta(days=3 + stay.admission.day % 5)


def _flags(sex: str, outcome: str = "0", main: str = "0") -> str:
    return f"00{sex}{outcome}{main}0000000"


def lines(stays: Sequence[Stay], facility: Facility, month: str) -> Iterator[str]:
    """Lines of the month in which the patient came; the visit may lie in the month before the admission."""
    for stay in stays:
        visit = _visit_date(stay)
        if visit is None or not stay.claimed or dates.of(visit) != month:
            continue
        person, disease = stay.person, stay.disease
        who = f"{facility.code}\t{person.number}\t{dates.ymd(person.birth)}\t"
        payer = f"{person.insurer}\t{int(person.receipt_type) + 1}"
        doctor = f"D{disease.department}1"
        where = f"{disease.department}\t{doctor}\t{_PLACE}"
        day = dates.ymd(visit)
        sequence: dict[str, int] = {}
        for key in _VISITED:
            found: Act = act(key)
            sequence[found.category] = sequence.get(found.category, 0) + 1
            start = f"{who}{day}\t{found.category}\t{sequence[found.category]:04d}\t"
            yield f"{start}{found.head}\t001\t{payer}\t{day}\t{disease.receipt_department}\t{where}\t1\t"
            for detail in found.details:
                columns = detail.split("\t")
                columns[10] = _flags(person.sex)
                yield start + "\t".join(columns) + f"\t001\t\t\t{day}\t\t{where}\t\t"
        diagnosis = disease.diagnosis
        start = f"{who}{day[:6]}00\tSY\t0001\t"
        codes = f"\tS{diagnosis.disease_code}\t{diagnosis.disease_code}\t\t{diagnosis.name}"
        named = f"{codes}\t0000000.000\t000\t00000000.000\t0\t{_ZERO}\t"
        money = f"\t{_ZERO}\t{_ZERO}\t{_ZERO}\t001\t"
        yield f"{start}000{named}{money}{payer}\t{day}\t{disease.receipt_department}\t{where}\t1\t"
        yield f"{start}001{named}{_flags(person.sex, '1', '1')}{money}\t\t{day}\t\t{where}\t\t"
