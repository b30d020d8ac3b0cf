"""`normalize` holds start-up RSS + 64 MB, whatever the file: long, of one endless line, or wrong in every line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from deliveries import FACILITY, MONTH, Delivery, delivery, efn, official, text

BOUND_MB = 64
ROOT = Path(__file__).parents[2]

# Runs the step alone and prints its peak RSS over that of the imported program, in kB, and the version's verdict.
PROGRAM = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from deliveries import ports
from dpc_assets.formats.registry import FILE_TYPES, layout
from dpc_assets.steps import normalize, verdict
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.run import Run
from pathlib import Path
[layout(each, "{MONTH}") for each in FILE_TYPES]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = peak()
world = ports(Path(sys.argv[1]))
normalize.run(Run("run-1", ("{MONTH}",)), world)
print(peak() - started, verdict.read(world.store, Submission("{MONTH}", "{FACILITY}", 1)).verdict)
"""


def over_start_up(lake: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(lake)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kilobytes, judged = done.stdout.split()
    return int(kilobytes) // 1024, judged


def put_large(lake: Path, block: bytes, times: int, records: int) -> None:
    """The delivery with an EFn of `block` many times over, written and digested without holding it."""
    whole = delivery(EFn=b"")
    whole.put(lake)
    digest = hashlib.sha256()
    with (lake / whole.folder / official("EFn")).open("wb") as stream:
        for _ in range(times):
            stream.write(block)
            digest.update(block)
    document = whole.manifest()
    listed = next(each for each in document["files"] if each["type"] == "EFn")
    listed.update(bytes=len(block) * times, records=records, sha256=digest.hexdigest())
    (lake / Delivery({}).folder / "_manifest.json").write_text(json.dumps(document))


LINE = text(efn(FACILITY, name="静脈内注射"))
SIZES = [pytest.param(60, id="60MB"), pytest.param(1000, id="1GB", marks=pytest.mark.soak)]


@pytest.mark.parametrize("megabytes", SIZES)
def test_a_long_file(tmp_path: Path, megabytes: int) -> None:
    lines = 5_000
    times = megabytes * 1_000_000 // (lines * len(LINE))
    put_large(tmp_path, LINE * lines, times, lines * times)

    used, judged = over_start_up(tmp_path)

    assert judged == "passed"
    assert used <= BOUND_MB


@pytest.mark.parametrize("megabytes", SIZES)
@pytest.mark.parametrize(
    "unit",
    [b"x", b"\t", b"\x1a", b"\0", b"\r"],
    ids=["one value", "tabs", "0x1A", "NUL", "CR"],
)
def test_one_endless_line(tmp_path: Path, unit: bytes, megabytes: int) -> None:
    put_large(tmp_path, unit * 1_000_000, megabytes, 1)

    used, judged = over_start_up(tmp_path)

    assert judged == "rejected"
    assert used <= BOUND_MB


@pytest.mark.parametrize(
    "unit",
    [b"\n", b"a\n", LINE.replace(b"\t", b",", 1), LINE.replace("静".encode("cp932"), b"\xff\xff")],
    ids=["blank lines", "short lines", "a column missing", "not cp932"],
)
def test_a_file_wrong_in_every_line(tmp_path: Path, unit: bytes) -> None:
    put_large(tmp_path, unit * (200_000 // len(unit)), 10, 1)

    used, judged = over_start_up(tmp_path)

    assert judged == "rejected"
    assert used <= BOUND_MB
