"""Deliveries written by hand, byte by byte, and lakes made of them: nothing here uses the product's own generator."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dpc_assets.steps.ports import Ports
from dpc_assets.steps.store import FolderStore

FACILITY = "131000123"
OTHER = "271000456"
MONTH = "2025-04"
KEY = b"k" * 32
NOW = datetime(2025, 5, 12, 3, 0, tzinfo=UTC)


def tabbed(*values: str) -> str:
    return "\t".join(values)


FF1_HEADER = tabbed(*(f"項目{n}" for n in range(1, 18)))


def ff1(facility: str, code: str = "A000010", *payloads: str) -> str:
    given = payloads or ("19500101", "1", "1600001")
    key = (facility, "0000000001", "20250401", "0", "0", code, "20140401", "0")
    return tabbed(*key, *given, *[""] * (9 - len(given)))


def ff4(facility: str) -> str:
    return tabbed(facility, "0000000001", "20250401", "20250410", "1")


def efn(facility: str, sequence: str = "0001", name: str = "静脈内注射", date: str = "20250402") -> str:
    head = (facility, "0000000001", "00000000", "20250401", "33", sequence, "000", "160000410", "130003510", "G001")
    points = ("0", "000", "0", "0", "0", "", "00000034", "00000000", "00000000", "001", "  123456", "1111", date)
    return tabbed(*head, name, *points, "01", "010", "1234567", "W1", "0", "0", "")


def efg(facility: str) -> str:
    head = (facility, "0000000002", "19600101", "20250407", "12", "0001", "000", "112007410", "112007410", "A001")
    points = ("0", "000", "0", "0", "0", "", "00000075", "00000000", "00000000", "001", "06123456", "1112", "20250407")
    return tabbed(*head, "再診料", *points, "01", "010", "1234567", "9999999999", "9", "1", "")


def dn(facility: str) -> str:
    head = (facility, "0000000001", "00000000", "20250401", "93", "0001", "930000000", "930000000", "", "包括評価")
    rest = ("00002753", "00000000", "00000000", "0", "001", "  123456", "1111", "20250401", "01", "010", "1234567")
    return tabbed(*head, *rest, "W1", "0", "0", "", "20250401", "00000000", "20250401", "040080x099x0xx", "1.1234")


HN_HEADER = tabbed(*(f"列{n}" for n in range(1, 30)))


def hn(facility: str) -> str:
    key = (facility, "W1", "0000000001", "00000000", "20250401", "20250402", "TAR0010", "20240601", "0")
    return tabbed(*key, "0", *[""] * 19)


def kn(facility: str, common_id: str = "ABCDEF0123456789") -> str:
    key = (facility, "0000000001", "20250401", "00000000", "202504", "195001")
    return tabbed(*key, common_id, "  123456", "記号", "番号", "01")


def kana_row(facility: str, by: str = ",") -> str:
    """A row of the K source file, with a name that no message may repeat."""
    key = (facility, "0000000001", "20250401", "00000000", "202504", "ヤマダハナコ", "2", "19500101")
    return by.join((*key, "  123456", "記号", "番号", "01"))


def text(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(line + end for line in lines).encode("cp932")


def official(file_type: str, facility: str = FACILITY) -> str:
    return f"{file_type}_{facility}_2504.txt"


@dataclass
class Delivery:
    """One version to be put into a lake; its manifest follows its files unless told otherwise."""

    files: dict[str, bytes]
    facility: str = FACILITY
    version: int = 1
    created_at: str = "2025-05-10T09:00:00+09:00"

    @property
    def folder(self) -> str:
        return f"raw/yyyymm={MONTH}/{self.facility}/v{self.version}"

    def manifest(self) -> dict[str, Any]:
        return {
            "schema": "dpc-manifest/1",
            "facility_code": self.facility,
            "yyyymm": "202504",
            "version": self.version,
            "created_at": self.created_at,
            "files": [entry(name, data) for name, data in self.files.items()],
        }

    def put(self, lake: Path, manifest: Any = None) -> None:
        folder = lake / self.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        (folder / "_manifest.json").write_text(json.dumps(self.manifest() if manifest is None else manifest))


def entry(name: str, data: bytes) -> dict[str, Any]:
    lines = [line for line in data.rstrip(b"\x1a").split(b"\n") if line.strip(b"\r")]
    headed = bool(lines) and not lines[0].split(b"\t")[0].isdigit()
    return {
        "name": name,
        "type": name.split("_")[0],
        "bytes": len(data),
        "records": len(lines) - headed,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def delivery(facility: str = FACILITY, version: int = 1, **replaced: bytes | None) -> Delivery:
    """All seven types, right in everything; `EFn=b"..."` replaces a file, `Kn=None` leaves it out."""
    whole: dict[str, bytes | None] = {
        "FF1": text(FF1_HEADER, ff1(facility)),
        "FF4": text(ff4(facility)),
        "EFn": text(efn(facility, "0001"), efn(facility, "0002")),
        "EFg": text(efg(facility)),
        "Dn": text(dn(facility)),
        "Hn": text(HN_HEADER, hn(facility)),
        "Kn": text(kn(facility)),
    }
    whole.update(replaced)
    files = {official(kind, facility): data for kind, data in whole.items() if data is not None}
    return Delivery(files, facility, version)


class NoWarehouse:
    """The steps of the lake touch no warehouse."""

    def execute(self, statements: Any, *, name: str) -> tuple[int, ...]:
        raise AssertionError(f"{name}: no step of the lake runs SQL")

    def fetch(self, statement: str, *, name: str) -> list[Any]:
        raise AssertionError(f"{name}: no step of the lake runs SQL")

    def send(self, subject: str, body: str, attributes: Any) -> None:
        raise AssertionError("no step of the lake notifies")


def ports(lake: Path, id_key: bytes = KEY) -> Ports:
    nothing = NoWarehouse()
    return Ports(FolderStore(lake), nothing, lambda: NOW, nothing, lambda: id_key)
