"""`_manifest.json`, version `dpc-manifest/1`: read and checked without a library.

The published schema is `manifest.schema.json` beside this module; a test proves that `breaches` refuses exactly what
the schema refuses.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.steps.problems import Problem, problem
from dpc_assets.steps.verdict import MANIFEST, MANIFEST_LIMIT

SCHEMA = "dpc-manifest/1"
LARGEST = 2**53 - 1
"""Largest count of bytes or records: what every JSON reader keeps exactly."""
NEWEST_VERSION = 999_999_999

_FACILITY = re.compile(r"[0-9]{9}")
_MONTH = re.compile(r"20[0-9]{2}(0[1-9]|1[0-2])")
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f]{1,255}")
_YEAR = r"(19|20)[0-9]{2}"
_LEAP = r"(19|20)(0[48]|[2468][048]|[13579][26])|2000"
_DAY = (
    rf"(({_YEAR})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    rf"|02-(0[1-9]|1[0-9]|2[0-8]))|({_LEAP})-02-29)"
)
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
CREATED_AT = rf"{_DAY}[Tt]{_CLOCK}([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
"""RFC 3339 with a real calendar day of 1900-2099 and an offset."""
_CREATED_AT = re.compile(CREATED_AT)


@dataclass(frozen=True)
class Entry:
    """One listed file: size in bytes, data lines without a header line, SHA-256 in lower-case hex."""

    name: str
    type: str
    bytes: int
    records: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What of a manifest is usable: all of it where there are no problems, else the parts that hold.

    `listed`: every file name that it gives, those of unusable entries too. None stands for an unusable value.
    """

    facility_code: str | None
    yyyymm: str | None
    version: int | None
    created_at: str | None
    entries: tuple[Entry, ...]
    listed: frozenset[str]


@dataclass(frozen=True)
class Breach:
    """One place where a value breaks the schema; `path` such as `files[0].sha256`, '' for the whole."""

    path: str
    expected: str
    found: str


Check = Callable[[Any], bool]


def _is_int(value: Any, low: int, high: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        return False
    return bool(low <= value <= high)


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_notes(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


_TOP: dict[str, tuple[str, Check]] = {
    "schema": (f'"{SCHEMA}"', lambda value: isinstance(value, str) and value == SCHEMA),
    "facility_code": ("a text of 9 digits", _matches(_FACILITY)),
    "yyyymm": ('a text such as "202504"', _matches(_MONTH)),
    "version": ("an integer from 1", lambda value: _is_int(value, 1, NEWEST_VERSION)),
    "created_at": ('an RFC 3339 time with offset such as "2025-05-10T09:00:00+09:00"', _matches(_CREATED_AT)),
    "files": ("a list", lambda value: isinstance(value, list)),
    "notes": ("a text or a list of texts", _is_notes),
}
_ENTRY: dict[str, tuple[str, Check]] = {
    "name": ("a file name without a path", _matches(_FILE_NAME)),
    "type": (f"one of {', '.join(FILE_TYPES)}", lambda value: isinstance(value, str) and value in FILE_TYPES),
    "bytes": ("an integer from 0", lambda value: _is_int(value, 0, LARGEST)),
    "records": ("an integer from 0", lambda value: _is_int(value, 0, LARGEST)),
    "sha256": ("64 hexadecimal digits", _matches(_SHA256)),
}


def breaches(value: Any) -> tuple[Breach, ...]:
    """Every place where a parsed JSON value breaks the schema, in its order; () where it is valid."""
    if not isinstance(value, dict):
        return (Breach("", "an object", _shown(value)),)
    found = list(_object("", value, _TOP, optional=("notes",)))
    files = value.get("files")
    for index, entry in enumerate(files if isinstance(files, list) else ()):
        path = f"files[{index}]"
        if isinstance(entry, dict):
            found += _object(f"{path}.", entry, _ENTRY)
        else:
            found.append(Breach(path, "an object", _shown(entry)))
    return tuple(found)


def _object(
    path: str, value: dict[str, Any], rules: dict[str, tuple[str, Check]], optional: tuple[str, ...] = ()
) -> list[Breach]:
    found = []
    for key, (expected, holds) in rules.items():
        if key not in value:
            if key not in optional:
                found.append(Breach(path + key, expected, "nothing"))
        elif not holds(value[key]):
            found.append(Breach(path + key, expected, _shown(value[key])))
    only = f"only the keys {', '.join(rules)}"
    return found + [Breach(path + key, only, f"the key {_shown(key)}") for key in value if key not in rules]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        return "a number beyond 2^53"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:80] + "..."


def read(data: bytes | None) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """The manifest and every problem of it (M01, M02); None where it cannot be read at all.

    UTF-8 with or without a byte order mark. A key given twice in one object is M02; NaN and Infinity are M01.
    """
    if data is None:
        return None, (problem("M01", MANIFEST, expected=f"a file {MANIFEST}", found="no such file"),)
    if len(data) > MANIFEST_LIMIT:
        return None, (problem("M01", MANIFEST, expected=f"at most {MANIFEST_LIMIT} bytes", found="a larger file"),)
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in pairs:
            if key in kept:
                repeated.append(key)
            kept[key] = value
        return kept

    def constant(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=unique, parse_constant=constant)
    except UnicodeDecodeError as error:
        why = f"byte {error.start + 1} is not UTF-8"
    except json.JSONDecodeError as error:
        why = f"{error.msg} at line {error.lineno} column {error.colno}"
    except RecursionError:
        why = "values nested too deeply"
    except ValueError as error:
        why = str(error) if "not JSON" in str(error) else "a number too long to read"
    else:
        twice = [Breach(key, "each key once", "the key given again") for key in repeated]
        found = (*twice, *breaches(value))
        problems = tuple(
            problem("M02", MANIFEST, field=each.path or None, expected=each.expected, found=each.found)
            for each in found
        )
        return _usable(value), problems
    return None, (problem("M01", MANIFEST, expected="JSON in UTF-8", found=why),)


def utc(created_at: str) -> str:
    """An RFC 3339 time (as CREATED_AT matches) as RFC 3339 in UTC with whole seconds or microseconds: `...Z`."""
    clock, fraction, offset = _split(created_at.upper())
    moment = datetime.fromisoformat(clock + (f".{fraction[:6].ljust(6, '0')}" if fraction else "") + offset)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _split(text: str) -> tuple[str, str, str]:
    clock, rest = text[:19], text[19:]
    digits = re.match(r"(?:\.([0-9]+))?", rest)
    fraction = digits[1] or "" if digits else ""
    offset = rest[len(fraction) + 1 :] if fraction else rest
    return clock, fraction, "+00:00" if offset == "Z" else offset


def _usable(value: Any) -> Manifest | None:
    if not isinstance(value, dict):
        return None
    top = {key: value.get(key) if holds(value.get(key)) else None for key, (_, holds) in _TOP.items()}
    files = [entry for entry in top["files"] or () if isinstance(entry, dict)]
    entries = tuple(
        Entry(
            name=entry["name"],
            type=entry["type"],
            bytes=int(entry["bytes"]),
            records=int(entry["records"]),
            sha256=entry["sha256"].lower(),
        )
        for entry in files
        if all(key in entry and holds(entry[key]) for key, (_, holds) in _ENTRY.items())
    )
    return Manifest(
        facility_code=top["facility_code"],
        yyyymm=top["yyyymm"],
        version=None if top["version"] is None else int(top["version"]),
        created_at=None if top["created_at"] is None else utc(top["created_at"]),
        entries=entries,
        listed=frozenset(entry["name"] for entry in files if _ENTRY["name"][1](entry.get("name"))),
    )
