"""A lake and a warehouse in a temporary folder, and the smallest submissions that pass."""

import gzip
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps import copy_raw, migrate, normalize, record_loads, validate_manifest
from dpc_assets.steps.channels import TerminalNotifier
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Ports, Row
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import FolderStore

NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A lake, its warehouse and the ports over both."""

    root: Path
    store: FolderStore
    database: Path
    ports: Ports

    def rows(self, sql: str) -> list[Row]:
        return self.ports.warehouse.fetch(sql, name="test")

    def migrate(self) -> Result:
        return migrate.run(Run("test", ()), self.ports)

    def load(self, *months: str) -> None:
        for month in months:
            for step in (validate_manifest, normalize, copy_raw):
                step.run(Run("test", (month,)), self.ports)
        record_loads.run(Run("test", months), self.ports)

    def deliver(
        self,
        month: str,
        facility: str,
        version: int,
        *,
        ef_lines: int = 1,
        text: str = "初診料",
        spoil: bool = False,
        ff4: bool = False,
    ) -> None:
        """A submission of FF1 and EFn, and FF4 if asked for.

        `spoil`: the manifest's digest of EFn is wrong, so the version is rejected.
        """
        day = month.replace("-", "") + "02"
        header = "\t".join(f"c{i}" for i in range(17))
        ff1 = (
            f"{header}\r\n{facility}\t0000000001\t{day}\t0\t0\tA000010\t20140401\t0\t19500101\t1\t1000001"
            + "\t" * 6
            + "\r\n"
        )
        line = (
            f"{facility}\t0000000001\t00000000\t{day}\t90\t%04d\t000\t190000001\t190000001\tA100\t{text}\t"
            f"0000000.000\t000\t00000000.000\t0\t00000000\t\t00001000\t00000000\t00000000\t001\t  138057\t1111\t"
            f"{day}\t01\t010\t\tW1\t0\t0\t\r\n"
        )
        contents = {"FF1": ff1, "EFn": "".join(line % (i + 1) for i in range(ef_lines))}
        if ff4:
            contents["FF4"] = f"{facility}\t0000000001\t{day}\t{day}\t1\r\n"
        folder = self.root / "lake" / "raw" / f"yyyymm={month}" / facility / f"v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for kind, content in contents.items():
            data = content.encode("cp932")
            name = f"{kind}_{facility}_{month[2:4]}{month[5:7]}.txt"
            (folder / name).write_bytes(data)
            digest = "0" * 64 if spoil and kind == "EFn" else hashlib.sha256(data).hexdigest()
            records = ef_lines if kind == "EFn" else 1
            files.append({"name": name, "type": kind, "bytes": len(data), "records": records, "sha256": digest})
        manifest = {
            "schema": "dpc-manifest/1",
            "facility_code": facility,
            "yyyymm": month.replace("-", ""),
            "version": version,
            "created_at": f"2025-05-{version:02d}T09:00:00+09:00",
            "files": files,
        }
        (folder / "_manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    def part(self, key: str, *lines: str) -> str:
        """A gzip part of these lines; answers the address of its folder."""
        self.store.write(key, gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0))
        return self.store.uri(key.rsplit("/", 1)[0] + "/")


def packed(rows: Sequence[Sequence[str]], *, members: int = 1) -> bytes:
    """Rows as one gzip object of up to `members` members."""
    lines = [("\t".join(row) + "\n").encode() for row in rows]
    size = max(1, -(-len(lines) // members))
    return b"".join(
        gzip.compress(b"".join(lines[start : start + size]), mtime=0) for start in range(0, max(1, len(lines)), size)
    )


def make_place(tmp_path: Path) -> Place:
    """An empty lake and a warehouse file that is made on first use."""
    store = FolderStore(tmp_path / "lake")
    database = tmp_path / "dpc.duckdb"
    warehouse = DataApiWarehouse(DuckDBDataApi(database, store))
    ports = Ports(store, warehouse, lambda: NOW, TerminalNotifier(sys.stdout), lambda: b"k" * 32)
    return Place(tmp_path, store, database, ports)
