"""`dpc-compile graph`: the picture of the machine."""

import argparse
import sys
import webbrowser
from pathlib import Path

from compiler import picture, write
from compiler.cli import show
from compiler.cli.planned import planned
from compiler.errors import UsageError

FORMS = {".svg": picture.svg, ".html": picture.html}


def run(options: argparse.Namespace) -> int:
    if options.out and Path(options.out).suffix.lower() not in FORMS:
        raise UsageError(f"--out {options.out}: expected a name that ends in {' or '.join(FORMS)}")
    found = planned(options)
    file = Path(options.out or f"build/{found.graph.machine.name}.html")
    scene = picture.scene(found.graph, found.plan)
    write.write({file: FORMS[file.suffix.lower()](scene).encode()})
    if options.json:
        show.print_json(
            {
                "file": str(file),
                "units": len(found.graph.units),
                "assets": sum(len(unit.keys) for unit in found.graph.units),
                "groups": list(scene.groups),
                "makespan_s": found.plan.makespan_s,
                "critical_path": list(found.plan.critical_path),
            }
        )
    else:
        sys.stdout.write(f"{file}\n")
    if options.open and not webbrowser.open(file.absolute().as_uri()):
        print("dpc-compile: no browser was found; open the file by hand", file=sys.stderr)
    return 0
