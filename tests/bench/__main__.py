"""Speed and memory, side by side in one run: `make bench` (LINES=1000000 by default).

1. normalize of one EFn file beside `sha256sum` of the same file, and its memory beside that of its start-up.
2. `dpc run` of the month beside plain DuckDB SQL doing the same work: the parts under stage/ read by read_csv, the same
   compiled models, Parquet written; no Dagster, no dbt, no checks.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MONTH = "2025-04"
MB = 1_000_000

NORMALIZE = """
import resource, sys
from datetime import UTC, datetime
from dpc_assets.steps import normalize, validate_manifest
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ports = Ports(FolderStore(sys.argv[1]), None, lambda: datetime.now(UTC), None, lambda: b"bench" * 8)
validate_manifest.run(Run("bench", (sys.argv[2],)), ports)
normalize.run(Run("bench", (sys.argv[2],)), ports)
print(start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@dataclass(frozen=True)
class Timed:
    """Wall seconds and the output of a command; `peak` is the most memory of its process group in MB (Linux only)."""

    seconds: float
    output: str
    peak: float


def timed(command: Sequence[str], **environment: str) -> Timed:
    """Runs a command in a process group of its own and watches the group's memory."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | environment,
    )
    peak = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            peak[0] = max(peak[0], group_memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, errors = process.communicate()
    ended.set()
    watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{output[-3000:]}{errors[-3000:]}")
    return Timed(time.perf_counter() - started, output, peak[0])


def group_memory(group: int) -> float:
    """Resident MB of all processes of a session, shared pages counted once a process; 0 without /proc."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == group:
                pages += int(stat.with_name("statm").read_text().split()[1])
        except OSError:
            continue  # the process has ended
    return pages * resource.getpagesize() / MB


def plain_sql(lake: Path, database: Path, parquet: Path) -> None:
    """The same work in one DuckDB process, without any check: raw tables from the parts, the models, Parquet."""
    import duckdb

    from dpc_assets.formats.ddl import raw_columns
    from dpc_assets.formats.registry import FILE_TYPES
    from dpc_assets.local import compiled
    from dpc_assets.local.translate import translate
    from dpc_assets.steps.migrate import migrations

    project = compiled.compiled()
    started = time.perf_counter()
    with duckdb.connect(str(database), config={"memory_limit": "1GB"}) as connection:
        for migration in migrations():
            for statement in migration.statements:
                connection.execute(translate(statement.rstrip("; \n")))
        for file_type in FILE_TYPES:
            parts = sorted(str(part) for part in (lake / "stage").rglob(f"{file_type}_*/part-*.tsv.gz"))
            if parts:
                names = ", ".join(f"'{name}': 'VARCHAR'" for name, _ in raw_columns(file_type))
                connection.execute(
                    f"INSERT INTO raw.{file_type.lower()} SELECT * FROM read_csv({parts}, auto_detect=false, "
                    f"delim='\t', quote='', escape='', header=false, columns={{{names}}}, nullstr='\\0', "
                    "hive_partitioning=false)"
                )
        compiled.build_with(connection, project, None)
        parquet.mkdir()
        for table in ("fact_stay", "facility_monthly", "dpc_monthly", "cost_monthly", "submission_board"):
            connection.execute(f"COPY mart.{table} TO '{parquet}/{table}.parquet' (FORMAT parquet)")
    print(time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=int(os.environ.get("LINES_EF", "1000000")), help="EFn lines")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plain-sql", nargs=3, metavar=("LAKE", "DATABASE", "PARQUET"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.plain_sql:
        lake, database, parquet = (Path(each) for each in chosen.plain_sql)
        plain_sql(lake, database, parquet)
        return
    with tempfile.TemporaryDirectory(prefix="dpc-bench-") as folder:
        figures = measure(Path(folder), chosen.lines)
    print(json.dumps(figures, indent=1) if chosen.json else table(figures))


def measure(root: Path, lines: int) -> dict[str, float]:
    from dpc_assets.sample import generate

    lake = root / "lake"
    generate(str(lake), MONTH, facilities=1, ef_lines=lines)
    efn = max((lake / "raw").rglob("EFn_*.txt"), key=lambda path: path.stat().st_size)
    delivered = sum(path.stat().st_size for path in (lake / "raw").rglob("*.txt"))
    ef_bytes = efn.stat().st_size

    checksum = min(timed([shutil.which("sha256sum") or "shasum", str(efn)]).seconds for _ in range(3))
    alone = root / "alone"
    shutil.copytree(lake / "raw", alone / "raw")
    normal = timed([sys.executable, "-c", NORMALIZE, str(alone), MONTH])
    start, most = (int(each) * 1024 / MB for each in normal.output.split())

    dpc = [str(Path(sys.executable).with_name("dpc")), "run", "--lake", str(lake), "--month", MONTH]
    whole = timed([*dpc, "--warehouse", str(root / "run.duckdb")], DAGSTER_HOME=str(root / "dagster"))
    plain = timed(
        [
            sys.executable,
            "-m",
            "tests.bench",
            "--plain-sql",
            str(lake),
            str(root / "plain.duckdb"),
            str(root / "parquet"),
        ]
    )
    plain_seconds = float(plain.output.split()[-1])
    return {
        "ef_lines": lines,
        "ef_mb": ef_bytes / MB,
        "delivered_mb": delivered / MB,
        "sha256sum_mb_per_s": ef_bytes / MB / checksum,
        "normalize_mb_per_s": delivered / MB / normal.seconds,
        "normalize_over_sha256sum": (normal.seconds / delivered) / (checksum / ef_bytes),
        "normalize_start_mb": start,
        "normalize_peak_mb": most,
        "normalize_above_start_mb": most - start,
        "run_seconds": whole.seconds,
        "run_group_peak_mb": whole.peak,
        "plain_sql_seconds": plain_seconds,
        "run_over_plain_sql": whole.seconds / plain_seconds,
    }


def table(figures: dict[str, float]) -> str:
    width = max(map(len, figures))
    return "\n".join(f"{name:<{width}}  {value:>14,.2f}" for name, value in figures.items())


if __name__ == "__main__":
    main()
