"""Hospitals and patients. All invented: no code, name, address or number belongs to anyone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from dpc_assets.sample.catalog import Disease

_PREFECTURES = ("13", "27", "01", "40", "23", "47", "04", "34")


@dataclass(frozen=True)
class Facility:
    """A hospital: code of 9 digits, DPC hospital or not, its coefficient (1 where it is none), its wards.

    `ward_fee` is the key stem of its general ward's acts in the catalog.
    """

    index: int
    code: str
    dpc: bool
    coefficient: Decimal
    ward_fee: str


def facilities(count: int, non_dpc: int | None) -> tuple[Facility, ...]:
    """`count` hospitals; `non_dpc` is the index of the one that is no DPC hospital."""
    made = []
    for index in range(count):
        dpc = index != non_dpc
        made.append(
            Facility(
                index=index,
                code=f"{_PREFECTURES[index % len(_PREFECTURES)]}{1000123 + 333 * index:07d}",
                dpc=dpc,
                coefficient=Decimal(f"1.{(3124 + 617 * index) % 10000:04d}") if dpc else Decimal(1),
                ward_fee="ward_acute" if dpc else "ward_regional",
            )
        )
    return tuple(made)


@dataclass(frozen=True)
class Person:
    """A patient of one hospital, with the same data id for life (spec p4)."""

    number: str
    sex: str
    birth: date
    postal_code: str
    insurer: str
    symbol: str
    member: str
    branch: str
    receipt_type: str
    common_id: str

    @property
    def male(self) -> bool:
        return self.sex == "1"


def _insurance(years: int, rng: Random) -> tuple[str, str]:
    """(insurer number of 8 characters, receipt type): 4 and 6 digits are padded LEFT with spaces (spec p197)."""
    if years >= 75:
        return f"39{rng.choice(('13', '27', '01'))}{rng.randint(1, 9999):04d}", "1319"
    if years >= 65 or rng.random() < 0.25:
        return f"{rng.randint(1, 47):02d}{rng.randint(1, 9999):04d}".rjust(8), "1129" if years >= 70 else "1111"
    if rng.random() < 0.05:
        return f"{rng.randint(1, 9999):04d}".rjust(8), "1111"
    return f"06{rng.randint(1, 47):02d}{rng.randint(1, 9999):04d}", "1115" if years < 18 else "1113"


def person(number: str, disease: Disease, admission: date, facility: Facility, rng: Random) -> Person:
    """Somebody who fits the disease on the day of admission."""
    sex = rng.choice(("1", "2")) if disease.sex == "any" else "1" if disease.sex == "M" else "2"
    if "newborn" in disease.tags:
        birth, years = admission, 0
    else:
        years = round(rng.triangular(disease.age_min, disease.age_max, (disease.age_min + disease.age_max) / 2))
        birth = date(admission.year - years, admission.month, 1) - timedelta(days=rng.randint(1, 300))
    insurer, receipt_type = _insurance(years, rng)
    return Person(
        number=number,
        sex=sex,
        birth=birth,
        postal_code=f"{facility.code[:2]}{rng.randint(0, 99999):05d}" if rng.random() < 0.98 else "0000000",
        insurer=insurer,
        symbol=rng.choice(("記号・２３", "東３４", "120045", "")) if years < 75 else "",
        member=f"{rng.randint(1, 99999999):08d}",
        branch=f"{rng.randint(0, 4):02d}" if years < 75 else "",
        receipt_type=receipt_type,
        common_id=hashlib.sha256(f"{facility.code}/{number}".encode()).hexdigest(),
    )
