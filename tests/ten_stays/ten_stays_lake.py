"""Delivers the hand-written submissions: encodes lines, names files, adds the manifest. It computes nothing."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data" / "ten_stays"
MONTHS = ("2025-05", "2025-06", "2025-07")
FACILITY = "139990011"
OTHER = "139990022"
_WITH_HEADER = ("FF1", "Hn")


@dataclass(frozen=True)
class Delivery:
    """One version as it stands in deliveries.csv; `created_at` is its manifest's."""

    yyyymm: str
    facility: str
    version: int
    created_at: str

    @property
    def month(self) -> str:
        return f"{self.yyyymm[:4]}-{self.yyyymm[4:]}"


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def deliveries() -> list[Delivery]:
    """All versions, in the order in which they arrived."""
    found = [Delivery(r["yyyymm"], r["facility"], int(r["version"]), r["created_at"]) for r in rows("deliveries.csv")]
    return sorted(found, key=lambda each: (each.version, each.yyyymm, each.facility))


def expect_facilities(lake: Path) -> None:
    """ref/facilities.csv: both hospitals, every month."""
    target = lake / "ref" / "facilities.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((DATA / "facilities.csv").read_bytes())


def deliver(lake: Path, wanted: Callable[[Delivery], bool] = lambda _: True) -> None:
    """Puts the wanted versions under raw/, their manifests last."""
    for each in deliveries():
        if wanted(each):
            _deliver(lake, each)


def _deliver(lake: Path, delivery: Delivery) -> None:
    source = DATA / "raw" / delivery.yyyymm / delivery.facility / f"v{delivery.version}"
    target = lake / "raw" / f"yyyymm={delivery.month}" / delivery.facility / f"v{delivery.version}"
    target.mkdir(parents=True)
    files = []
    for tsv in sorted(source.glob("*.tsv")):
        lines = tsv.read_text(encoding="utf-8").split("\n")[:-1]
        data = "".join(line + "\r\n" for line in lines).encode("cp932")
        name = f"{tsv.stem}_{delivery.facility}_{delivery.yyyymm[2:]}.txt"
        (target / name).write_bytes(data)
        header = tsv.stem in _WITH_HEADER and not lines[0][0].isdigit()
        files.append(
            {
                "name": name,
                "type": tsv.stem,
                "bytes": len(data),
                "records": len(lines) - header,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    manifest = {
        "schema": "dpc-manifest/1",
        "facility_code": delivery.facility,
        "yyyymm": delivery.yyyymm,
        "version": delivery.version,
        "created_at": delivery.created_at,
        "files": files,
    }
    (target / "_manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
