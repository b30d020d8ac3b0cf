"""How the compiler grows: seconds of each pass and bytes of the machine for 10 to 1,000 synthetic assets.

    python -m tests.bench.compile_scale [--sizes 10 30 100 300 1000]

Every asset is one Lambda step with declared seconds, in four layers. Bytes are those of the definition with each hole
filled by a 100-character ARN. `growth` is what a size takes, an asset, beside the size before it (1.0 is linear).
"""

import argparse
import json
import logging
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SYNTHETIC = Path(__file__).parents[1] / "compiler"
SIZES = (10, 30, 100, 300, 1000)
ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:".ljust(100, "x")
LIMIT_S, LIMIT_BYTES, LIMIT_MACHINE = 10.0, 1000, 1_000_000


@dataclass(frozen=True)
class Measured:
    """One size: seconds by pass in their order, bytes of the filled definition."""

    assets: int
    seconds: dict[str, float]
    bytes: int
    ratio: float

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def measure(size: int, seed: int = 1, chain: bool = False) -> Measured:
    """Compiles `size` synthetic assets, in layers or one after the other, with every pass but writing."""
    if str(SYNTHETIC) not in sys.path:
        sys.path.insert(0, str(SYNTHETIC))
    import synthetic_assets

    from compiler import build, extract

    definitions = synthetic_assets.declared(
        synthetic_assets.chain(size) if chain else synthetic_assets.layered(size, seed), seed
    )
    seconds: dict[str, float] = {}
    at = time.perf_counter()

    def ended(name: str) -> None:
        nonlocal at
        now = time.perf_counter()
        seconds[name] = now - at
        at = now

    graph = extract.extract(definitions)
    ended("extract")
    draft = build.run(build.PASSES, build.Draft(graph, SYNTHETIC), ended)
    machine = draft.machines[graph.machine.name]
    filled = re.sub(r"\$\{[^}]*\}", ARN, machine)
    json.loads(filled)
    return Measured(size, seconds, len(filled.encode()), draft.plan.ratio)


def text(found: list[Measured]) -> str:
    """One row a size, one column a pass."""
    passes = list(found[0].seconds)
    columns = ["assets", *passes, "all s", "growth", "bytes", "an asset", "growth", "ratio"]
    rows = []
    for number, each in enumerate(found):
        before = found[number - 1] if number else each
        slower = (each.total / each.assets) / (before.total / before.assets)
        larger = (each.bytes / each.assets) / (before.bytes / before.assets)
        rows.append(
            [
                str(each.assets),
                *(f"{each.seconds[name]:.2f}" for name in passes),
                f"{each.total:.2f}",
                f"{slower:.2f}",
                f"{each.bytes:,}",
                f"{each.bytes / each.assets:.0f}",
                f"{larger:.2f}",
                f"{each.ratio:.3f}",
            ]
        )
    wide = [max(len(row[at]) for row in [columns, *rows]) for at in range(len(columns))]
    return "\n".join("  ".join(cell.rjust(wide[at]) for at, cell in enumerate(row)) for row in [columns, *rows])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    logging.disable(logging.WARNING)
    measure(2)  # imports
    found = [measure(size) for size in options.parse_args().sizes]
    print(text(found))
    last = found[-1]
    kept = last.total < LIMIT_S and last.bytes / last.assets < LIMIT_BYTES and last.bytes < LIMIT_MACHINE
    print(
        f"\n{last.assets:,} assets: {last.total:.2f} s (asked: under {LIMIT_S:.0f}), "
        f"{last.bytes / last.assets:.0f} bytes an asset (under {LIMIT_BYTES:,}), "
        f"{last.bytes:,} bytes (under {LIMIT_MACHINE:,}): {'kept' if kept else 'MISSED'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
