"""The fee items, acts, diseases and DPC codes that the synthetic hospitals use. Tables: `tables/*.csv`.

DPC codes with their days and points are those of the ministry's public table of 2025-05-20 (出典：厚生労働省);
receipt codes, names of drugs and prices are plausible but invented.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from dpc_assets.sample.money import drug_points, material_points

Variant = Literal["", "brought_in", "discharge", "bundled_1", "bundled_2"]
FLAGS: dict[str, str] = {
    "": "000000000000",
    "discharge": "100000000000",
    "bundled_1": "010000000000",
    "bundled_2": "020000000000",
    "brought_in": "001100000000",
}
"""EF-17 of detail lines (spec p188): digit 1 discharge, 2 bundled, 3 and 4 brought in."""


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of `tables/<name>.csv`."""
    with (files("dpc_assets.sample") / "tables" / f"{name}.csv").open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


@dataclass(frozen=True)
class Item:
    """One line of the fee tables. `kind`: act, drug, material, yen (meals, advanced care) or comment.

    `price`: points for acts, yen otherwise.
    """

    number: int
    key: str
    kind: str
    receipt_code: str
    fee_code: str
    name: str
    unit: str
    price: Decimal

    @property
    def hospital_code(self) -> str:
        return f"M{self.number:05d}"


@dataclass(frozen=True)
class Line:
    """A detail line of an act: `amount` is EF-14, `points` EF-16."""

    item: Item
    quantity: Decimal
    amount: Decimal
    points: int


@dataclass(frozen=True)
class Act:
    """An E line with its detail lines, ready to be written: `head` and `details` are columns 7 to 20 joined by tabs.

    The sums obey spec p187: without bundled and brought-in lines, EF-16 adds up to EF-18, drugs to EF-19,
    materials to EF-20.
    """

    key: str
    category: str
    variant: Variant
    lines: tuple[Line, ...]

    @property
    def main(self) -> Item:
        return self.lines[0].item

    @property
    def counted(self) -> bool:
        """False where the act's value is inside a ward fee or the patient brought the drugs."""
        return self.variant in ("", "discharge")

    def _sum(self, *kinds: str) -> int:
        return sum(line.points for line in self.lines if line.item.kind in kinds) if self.counted else 0

    @cached_property
    def points(self) -> int:
        return self._sum("act", "drug", "material", "yen")

    @cached_property
    def drug(self) -> int:
        return self._sum("drug")

    @cached_property
    def material(self) -> int:
        return self._sum("material")

    @cached_property
    def yen(self) -> str:
        return "1" if self.main.kind == "yen" else "0"

    @cached_property
    def head(self) -> str:
        item = self.main
        flags = FLAGS["bundled_1"] if self.variant.startswith("bundled") else ""
        return "\t".join(
            (
                *("000", item.hospital_code, item.receipt_code, item.fee_code, item.name, "0000000.000", "000"),
                *("00000000.000", self.yen, "00000000", flags),
                *(f"{value:08d}" for value in (self.points, self.drug, self.material)),
            )
        )

    @cached_property
    def details(self) -> tuple[str, ...]:
        zero = "00000000"
        return tuple(
            "\t".join(
                (
                    *(f"{number:03d}", line.item.hospital_code, line.item.receipt_code, line.item.fee_code),
                    *(line.item.name, f"{line.quantity:011.3f}", line.item.unit, f"{line.amount:012.3f}"),
                    *("1" if line.item.kind in ("drug", "material", "yen") else "0", f"{line.points:08d}"),
                    *(FLAGS[self.variant], zero, zero, zero),
                )
            )
            for number, line in enumerate(self.lines, 1)
        )


def _lines(text: str, items: dict[str, Item]) -> tuple[Line, ...]:
    """`infusion saline*2` -> lines; all drugs are one unit, all materials another: points on the unit's last line."""
    parts = [part.partition("*") for part in text.split()]
    wanted = [(items[key], Decimal(count or "1")) for key, _, count in parts]
    value = {
        kind: sum((item.price * count for item, count in wanted if item.kind == kind), Decimal(0))
        for kind in ("drug", "material")
    }
    unit = {"drug": drug_points(value["drug"]), "material": material_points(value["material"])}
    last = {item.kind: position for position, (item, _) in enumerate(wanted)}
    lines = []
    for position, (item, count) in enumerate(wanted):
        amount = item.price * count
        points = int(amount) if item.kind not in unit else unit[item.kind] if last[item.kind] == position else 0
        quantity = count if item.unit != "000" or count != 1 else Decimal(0)
        lines.append(Line(item, quantity, amount, points))
    return tuple(lines)


@cache
def items() -> dict[str, Item]:
    return {
        row["key"]: Item(
            number,
            row["key"],
            row["kind"],
            row["receipt_code"],
            row["fee_table_code"],
            row["name_ja"],
            row["unit"],
            Decimal(row["price"]),
        )
        for number, row in enumerate(rows("items"), 1)
    }


@cache
def acts() -> dict[str, Act]:
    known = items()
    found: dict[str, Act] = {}
    for row in rows("acts"):
        variant: Variant = row["variant"]  # type: ignore[assignment]
        found[row["key"]] = Act(row["key"], row["category"], variant, _lines(row["items"], known))
    return found


@cache
def act(key: str, variant: Variant = "") -> Act:
    """The act; with `variant`, the same act as bundled in a ward fee."""
    plain = acts()[key]
    return Act(plain.key, plain.category, variant, plain.lines) if variant else plain


@dataclass(frozen=True)
class DpcCode:
    """A DPC code with days I, II, III and the points of a day in each period."""

    code: str
    name: str
    days: tuple[int, int, int]
    points: tuple[int, int, int]

    def day_points(self, number: int) -> int:
        """Points of day `number` (1 = first); 0 after day III."""
        for limit, points in zip(self.days, self.points, strict=True):
            if number <= limit:
                return points
        return 0


@cache
def dpc_codes() -> dict[str, DpcCode]:
    return {
        row["dpc_code"]: DpcCode(
            row["dpc_code"],
            row["name_ja"],
            (int(row["days_1"]), int(row["days_2"]), int(row["days_3"])),
            (int(row["points_1"]), int(row["points_2"]), int(row["points_3"])),
        )
        for row in rows("dpc_codes")
    }


@dataclass(frozen=True)
class Diagnosis:
    """ICD-10, receipt disease code (7 digits) and name; `additional` only for the resource disease (spec p70-75)."""

    icd10: str
    disease_code: str
    name: str
    additional: str = ""


@dataclass(frozen=True)
class Disease:
    """A kind of stay: who has it, how long it lasts, what is done. Shares are fractions of 1."""

    key: str
    weight: int
    sex: str
    age_min: int
    age_max: int
    department: str
    receipt_department: str
    diagnosis: Diagnosis
    dpc_first: DpcCode
    dpc_final: DpcCode
    nights: tuple[int, int, int]
    planned: float
    emergency_code: str
    ambulance: float
    death: float
    transfer: float
    surgery: str
    stem7: str
    side: str
    anesthesia: str
    icu_nights: int
    rehab: str
    tags: frozenset[str]

    @property
    def mdc(self) -> str:
        return self.dpc_final.code[:2]


@cache
def diseases() -> dict[str, Disease]:
    codes = dpc_codes()
    return {
        row["key"]: Disease(
            key=row["key"],
            weight=int(row["weight"]),
            sex=row["sex"],
            age_min=int(row["age_min"]),
            age_max=int(row["age_max"]),
            department=row["department"],
            receipt_department=row["receipt_department"],
            diagnosis=Diagnosis(row["icd10"], row["disease_code"], row["name_ja"], row["additional_code"]),
            dpc_first=codes[row["dpc_first"]],
            dpc_final=codes[row["dpc_final"]],
            nights=(int(row["nights_min"]), int(row["nights_mode"]), int(row["nights_max"])),
            planned=float(row["planned"]),
            emergency_code=row["emergency_code"],
            ambulance=float(row["ambulance"]),
            death=float(row["death"]),
            transfer=float(row["transfer"]),
            surgery=row["surgery"],
            stem7=row["stem7"],
            side=row["side"],
            anesthesia=row["anesthesia"],
            icu_nights=int(row["icu_nights"]),
            rehab=row["rehab"],
            tags=frozenset(tag for tag in row["tags"].split(";") if tag),
        )
        for row in rows("diseases")
    }


@cache
def comorbidities() -> tuple[tuple[int, Diagnosis], ...]:
    """(smallest age, diagnosis)."""
    return tuple(
        (int(row["minimum_age"]), Diagnosis(row["icd10"], row["disease_code"], row["name_ja"]))
        for row in rows("comorbidities")
    )
