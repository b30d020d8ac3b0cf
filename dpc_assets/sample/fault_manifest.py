"""Faults of the manifest and of the folder: every data file that is there is clean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dpc_assets.sample.delivery import Delivery
from dpc_assets.sample.fault import Change

_OTHER_FACILITY = "139999999"


def _says(**changed: Any) -> Change:
    return lambda clean: clean.with_manifest(**changed)


def _raw(data: bytes | None) -> Change:
    """Other bytes in place of the manifest, or none at all."""
    return lambda clean: replace(clean, manifest=None, raw_manifest=data)


def _without_created_at(clean: Delivery) -> Delivery:
    assert clean.manifest is not None
    return replace(clean, manifest={name: value for name, value in clean.manifest.items() if name != "created_at"})


def _file_twice(clean: Delivery) -> Delivery:
    entries = clean.entries()
    return clean.with_manifest(files=[*entries, entries[0]])


def _one_more(key: str) -> Change:
    def change(clean: Delivery) -> Delivery:
        entry = next(each for each in clean.entries() if each["type"] == "EFn")
        return clean.with_entry("EFn", **{key: entry[key] + 1})

    return change


def _unlisted_file(clean: Delivery) -> Delivery:
    return replace(clean, files={**clean.files, "memo.txt": "提出メモ\r\n".encode("cp932")})


def _missing_file(clean: Delivery) -> Delivery:
    name = clean.name("FF4")
    return replace(clean, files={known: data for known, data in clean.files.items() if known != name})


CHANGES: Mapping[str, Change] = {
    "manifest-missing": _raw(None),
    "manifest-bad-json": _raw(b'{"schema": "dpc-manifest/1", "files": ['),
    "manifest-not-utf8": _raw('{"schema": "dpc-manifest/1", "notes": "再提出"}'.encode("cp932")),
    "manifest-other-schema": _says(schema="dpc-manifest/9"),
    "manifest-unknown-key": _says(operator="A"),
    "manifest-missing-key": _without_created_at,
    "manifest-bad-date": _says(created_at="2025/05/18"),
    "manifest-other-facility": _says(facility_code=_OTHER_FACILITY),
    "manifest-other-month": _says(yyyymm="209912"),
    "manifest-other-version": lambda clean: clean.with_manifest(version=clean.submission.version + 1),
    "manifest-file-twice": _file_twice,
    "wrong-sha256": lambda clean: clean.with_entry("EFn", sha256="0" * 64),
    "wrong-bytes": _one_more("bytes"),
    "wrong-records": _one_more("records"),
    "unlisted-file": _unlisted_file,
    "missing-file": _missing_file,
    "no-ff1": lambda clean: clean.without("FF1"),
    "no-efn": lambda clean: clean.without("EFn"),
}
"""Fault name -> what it does to a clean delivery."""
