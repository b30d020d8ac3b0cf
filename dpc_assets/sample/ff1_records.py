"""One FF1 record: code, sequence and nine payloads."""

from __future__ import annotations

from dataclasses import dataclass

_PAYLOADS = 9


@dataclass(frozen=True)
class Record:
    code: str
    sequence: int
    payloads: tuple[str, ...]


def record(code: str, sequence: int, *values: tuple[int, str]) -> Record:
    """`record("A000040", 0, (2, "110"), (3, "0"))`: values by payload number 1-9, the others empty."""
    payloads = [""] * _PAYLOADS
    for number, value in values:
        payloads[number - 1] = value
    return Record(code, sequence, tuple(payloads))
