"""`dpc-compile build`: compile the definitions and write what Terraform takes."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compiler import build, write
from compiler.build import Draft
from compiler.cli import show
from compiler.cli.graph_file import read_json
from compiler.cli.plan import answer
from compiler.cli.planned import load
from compiler.cli.settings import Settings, settings
from compiler.errors import UsageError
from compiler.write import Written


def run(options: argparse.Namespace) -> int:
    chosen = settings(options, Path.cwd())
    holes = _holes(options.holes)
    progress = show.Progress(quiet=options.json)
    draft = load(chosen)
    progress("extract")
    draft = build.run(build.PASSES, draft, progress)
    _known(holes, draft)
    layers = build.layer_zips(draft) if options.layers else ()
    files = {chosen.dist / each.file: each.data for each in (*draft.zips, *layers)}
    files |= {chosen.out / name: content for name, content in build.files(draft, holes).items()}
    written = write.write(files, build.stale(chosen.out, chosen.dist))
    progress("write")
    if options.json:
        show.print_json(_answer(draft, chosen, written))
    else:
        sys.stdout.write(_text(draft, chosen, written) + "\n")
    return 0


def _holes(given: list[str]) -> dict[str, str]:
    """NAME=VALUE, or a JSON file of them."""
    found: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if sign:
            found[name] = value
            continue
        content = read_json(each)
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise UsageError(f'--holes {each}: expected {{"NAME": "VALUE"}}')
        found |= content
    return found


def _known(holes: Mapping[str, str], draft: Draft) -> None:
    known = sorted({name for machine in draft.manifest["machines"].values() for name in machine["holes"]})
    unknown = [name for name in holes if name not in known]
    if unknown:
        raise UsageError(f"--holes: no machine has {', '.join(unknown)}; there are {', '.join(known)}")


def _answer(draft: Draft, chosen: Settings, written: Written) -> dict[str, Any]:
    assert draft.estimate is not None
    return {
        "machine": draft.graph.machine.name,
        "assets": sum(bool(asset.unit) for asset in draft.graph.assets),
        "units": len(draft.graph.units),
        "machines": {
            name: {
                "file": str(chosen.out / each["file"]),
                "bytes": each["bytes"],
                "states": _states(draft.machines[name]),
            }
            for name, each in draft.manifest["machines"].items()
        },
        "manifest": str(chosen.out / build.MANIFEST),
        "digest": draft.manifest["digest"],
        "zips": [
            {"function": each.name, "file": str(chosen.dist / each.file), "bytes": each.size, "sha256": each.sha256}
            for each in draft.zips
        ],
        **answer(draft.plan, draft.estimate),
        "written": [str(path) for path in written.written],
        "unchanged": [str(path) for path in written.unchanged],
        "removed": [str(path) for path in written.removed],
    }


def _text(draft: Draft, chosen: Settings, written: Written) -> str:
    assert draft.estimate is not None
    made = [asset for asset in draft.graph.assets if asset.unit]
    outside = len(draft.graph.assets) - len(made)
    parts = []
    if draft.zips:
        rows = [(each.file, show.size(each.size), str(len(each.members)), each.sha256[:12]) for each in draft.zips]
        rows.append(("all", show.size(sum(each.size for each in draft.zips)), "", ""))
        parts.append(show.table((str(chosen.dist), "size", "files", "sha256"), rows, numbers=(1, 2)))
    states = ", ".join(f"{name} {_states(text)}" for name, text in draft.machines.items())
    facts = [
        ("assets", f"{len(made):,}" + (f", and {outside:,} made elsewhere" if outside else "")),
        ("units", f"{len(draft.graph.units):,}"),
        ("states", states),
        ("added edges", f"{len(draft.plan.added):,}"),
    ]
    parts.append(show.facts([(f"{name:<22}", value) for name, value in facts]) + "\n" + draft.estimate.text())
    if written.written or written.removed:
        lines = [*(f"wrote   {path}" for path in written.written), *(f"removed {path}" for path in written.removed)]
        parts.append("\n".join(lines))
    if written.unchanged:
        parts.append(f"{len(written.unchanged)} files were already as they should be")
    return "\n\n".join(parts)


def _states(text: str) -> int:
    """How many states a machine has, at every depth."""
    waiting: list[Any] = [json.loads(text)]
    count = 0
    while waiting:
        scope = waiting.pop()
        count += len(scope["States"])
        for state in scope["States"].values():
            waiting += state.get("Branches", ())
            waiting += [state["ItemProcessor"]] if "ItemProcessor" in state else []
    return count
