"""The last step of an execution: says that the months are done, sends the summary, fails where a month is held."""

from __future__ import annotations

from collections.abc import Collection

from dpc_assets.steps import export, find_work, notify
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run

_EXPORT = "export/"


def run(run: Run, ports: Ports, *, full: bool, selected: Collection[str]) -> Result:
    """Records `done.json` of each month where the execution was `full` (nothing left out), then notifies.

    It runs after everything else has ended well, so quality is recorded by then, and a held month is done too. Then
    raises DataHeld, as `export.run` does on a laptop, where the export was `selected` (asset keys) and left months
    out. Safe to repeat: a redrive sends the summary again.
    """
    taken_in = 0
    if full:
        for month in run.months:
            taken_in += find_work.record(ports.store, month, run.run_id, ports.clock())
    told = notify.run(run, ports)
    if any(key.startswith(_EXPORT) for key in selected):
        export.refuse_held(run, ports)
    return Result("finish", counts={**told.counts, "versions_done": taken_in}, notes=told.notes)
