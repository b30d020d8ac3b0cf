"""Size and cold import time of each Lambda zip: `python -m tests.bench.bundles [--definitions module:attr] [--json]`.

A zip is unpacked as Lambda does, into a folder of its own without compiled files, and `index` is imported by a fresh
Python that sees only that folder and the standard library; the start of Python itself is taken off. Best of several.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

from compiler import build
from compiler.cli.settings import settings
from compiler.pack import Zip

TARGET_MS = 150.0
ROUNDS = 7


def wall_ms(folder: Path, code: str) -> float:
    """Milliseconds that a fresh Python takes for `code`, the best of some rounds."""
    first = f"import sys; sys.path.insert(0, {str(folder)!r}); "
    command = [sys.executable, "-I", "-S", "-B", "-c", first + code]
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, check=True)
        rounds.append(time.perf_counter() - started)
    return min(rounds) * 1000


def measured(packed: Zip, folder: Path) -> dict[str, float]:
    with zipfile.ZipFile(BytesIO(packed.data)) as archive:
        archive.extractall(folder)
    code = "import index; sys.exit('boto3' in sys.modules)"
    return {
        "bytes": packed.size,
        "files": len(packed.members),
        "import_ms": wall_ms(folder, code) - wall_ms(folder, "pass"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--definitions", help="module:attr; default: as pyproject.toml says")
    parser.add_argument("--json", action="store_true")
    chosen = settings(parser.parse_args(), Path.cwd())
    draft = build.read(chosen.definitions, chosen.root, chosen.prepare)
    zips = build.run(build.PASSES, draft).zips
    with tempfile.TemporaryDirectory(prefix="dpc-bench-") as place:
        figures = {each.name: measured(each, Path(place) / each.name) for each in zips}
    if parser.parse_args().json:
        print(json.dumps(figures, indent=1))
        return
    width = max(map(len, figures))
    print(f"{'':<{width}}  {'bytes':>10}  {'files':>5}  import ms (target under {TARGET_MS:.0f})")
    for name, each in figures.items():
        print(f"{name:<{width}}  {each['bytes']:>10,}  {each['files']:>5}  {each['import_ms']:>9.1f}")


if __name__ == "__main__":
    main()
