"""Code page 932 as the delivered files use it: strict decoding, and the characters the survey warns of.

Python's codec also accepts the bytes 80, A0, FD, FE and FF, which the code page does not define; here they are errors.
Gaiji and vendors' rows decode (spec p182 forbids gaiji; check W10 reports both).
"""

from __future__ import annotations

import re
from functools import cache

_UNDEFINED = re.compile("[\x80\uf8f0-\uf8f3]")
_ASCII = bytes(range(128))
_LEADLESS = b"\x80\xa0\xfd\xfe\xff"


def decoded(data: bytes) -> str | None:
    """The text, or None where `data` is not code page 932."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return None
    suspect = any(byte in data for byte in _LEADLESS)  # they may also stand second in a character
    return None if suspect and _UNDEFINED.search(_others(text)) else text


def broken_byte(data: bytes) -> int:
    """Offset of the first byte of `data` that is no character; `data` is what `decoded` answers None for."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError as error:
        return error.start
    undefined = _UNDEFINED.search(text)
    return len(text[: undefined.start()].encode("cp932")) if undefined else len(data)


def first_unusual(text: str) -> int | None:
    """Offset of the first gaiji or vendor character (NEC row 13, NEC selected IBM, IBM extension), None without."""
    found = _unusual().search(text)
    return found.start() if found else None


def has_unusual(text: str) -> bool:
    """The same for a long text, where most characters are ASCII: those are dropped first, which is faster."""
    return _unusual().search(_others(text)) is not None


def _others(text: str) -> str:
    return text.encode("utf-8").translate(None, _ASCII).decode("utf-8")


@cache
def _unusual() -> re.Pattern[str]:
    trails = [*range(0x40, 0x7F), *range(0x80, 0xFD)]

    def row(lead: int) -> set[str]:
        pairs = (bytes((lead, trail)).decode("cp932", "replace") for trail in trails)
        return {pair for pair in pairs if len(pair) == 1 and pair != "\ufffd"}

    standard = set().union(*map(row, (*range(0x81, 0x85), *range(0x88, 0xA0), *range(0xE0, 0xEB))))
    vendor = set().union(*map(row, (0x87, 0xED, 0xEE, 0xFA, 0xFB, 0xFC))) - standard
    return re.compile(f"[{''.join(sorted(vendor))}\ue000-\ue757]")
