"""From yen to points, and from points to a claim. All arithmetic is exact (Decimal)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

ONE = Decimal(1)
TEN = Decimal(10)
_SMALLEST = Decimal(15)


def drug_points(yen: Decimal) -> int:
    """Points of one unit of drugs: 1 up to 15 yen, else yen / 10 where a rest of one half is dropped."""
    if yen <= 0:
        return 0
    return 1 if yen <= _SMALLEST else int((yen / TEN).quantize(ONE, ROUND_HALF_DOWN))


def material_points(yen: Decimal) -> int:
    """Points of one unit of materials: yen / 10, half up."""
    return int((yen / TEN).quantize(ONE, ROUND_HALF_UP))


def inclusive_points(day_points: Sequence[int], coefficient: Decimal) -> int:
    """What a month of category 93 rows is worth: round(sum x coefficient), half up (spec p214)."""
    return int((sum(day_points) * coefficient).quantize(ONE, ROUND_HALF_UP))
