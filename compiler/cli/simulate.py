"""`dpc-compile simulate`: the machine run in virtual time."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from compiler import emit, gantt, lower, simulate, write
from compiler.cli import show
from compiler.cli.graph_file import read_durations
from compiler.cli.planned import planned
from compiler.seconds import in_words
from compiler.simulate import Simulation


def run(options: argparse.Namespace) -> int:
    durations = read_durations(options.durations) if options.durations else {}
    options.durations = None  # seconds of this run; the machine stays as it was planned
    found = planned(options)
    machine = emit.emit(lower.lower(found.graph, found.plan))
    failures = [simulate.failing(each, found.whole) for each in options.fail]
    simulation = simulate.simulate(
        machine,
        found.whole,
        durations,
        failures=failures,
        select=options.select,
        partition=options.partition,
        redrive=options.redrive,
        now=datetime.now(UTC),
    )
    if options.html:
        write.write({Path(options.html): gantt.html(simulation).encode()})
    if options.json:
        show.print_json(simulation.to_json())
    else:
        sys.stdout.write(_text(simulation) + "\n")
    return 0 if simulation.status == "SUCCEEDED" else 1


def _text(found: Simulation) -> str:
    counts: dict[str, int] = {}
    for end in found.assets.values():
        counts[end] = counts.get(end, 0) + 1
    facts = [
        ("status", found.status + (f": {found.error}: {found.cause}" if found.error else "")),
        ("took", in_words(found.seconds)),
        ("assets", ", ".join(f"{count} {end}" for end, count in sorted(counts.items())) or "none"),
        ("transitions", f"{found.transitions:,}"),
        ("history events", f"{found.events:,} of 25,000"),
        ("waited for", " -> ".join(found.critical)),
    ]
    return gantt.text(found) + "\n\n" + show.facts(facts)
