"""`dpc ref import`: the ministry's points table into the warehouse, then `ref/dim_dpc_code` is rebuilt."""

import argparse
import sys
from pathlib import Path

from dpc_assets.cli import home as dagster_home
from dpc_assets.cli import places, show
from dpc_assets.cli.errors import RunError, UsageError
from dpc_assets.cli.show import pick

REBUILT = "ref/dim_dpc_code"


def run(options: argparse.Namespace, home: Path) -> int:
    source = Path(options.file)
    if not source.is_file():
        raise UsageError(f"ref import: there is no file {source}; give the points table as an .xlsx file")
    warehouse = places.warehouse(options)
    options.lake = None
    places.lake(options)
    lang = options.lang or show.default_lang()

    from dpc_assets.local import lock
    from dpc_assets.ref_import import import_points
    from dpc_assets.resources import LakeResource, NotifierResource, PipelineResource, WarehouseResource
    from dpc_assets.steps import migrate
    from dpc_assets.steps.run import Run

    log = dagster_home.log_file(home, "ref-import")
    with lock.hold(warehouse, f"dpc ref import {source.name}", lambda text: print(f"dpc: {text}", file=sys.stderr)):
        ports = PipelineResource(
            lake=LakeResource(), warehouse=WarehouseResource(), notifier=NotifierResource()
        ).ports()
        migrate.run(Run("ref-import", ()), ports)
        report = import_points(source, ports.warehouse)
        failures = _rebuild(home, log, report.source, report.codes)
    if failures:
        raise RunError("\n".join(f"{step}: {why}" for step, why in failures) + f"\nThe log is {log}")
    if options.json:
        show.print_json(
            {
                "source": report.source,
                "codes": report.codes,
                "with_points": report.with_points,
                "edition_from": report.edition_from,
                "rebuilt": [REBUILT],
            }
        )
        return 0
    show.out().print(
        pick(
            lang,
            f"{report.source}: {report.codes} 分類 (点数あり {report.with_points})、{report.edition_from} から有効",
            f"{report.source}: {report.codes} codes ({report.with_points} with points) from {report.edition_from}",
        )
    )
    show.out().print(
        pick(
            lang,
            "ref.dim_dpc_code を作り直しました。マートに反映するには: dpc run --month ... --select 'group:mart'",
            "ref.dim_dpc_code is rebuilt. To take it into the marts: dpc run --month ... --select 'mart/fact_stay+'",
        )
    )
    return 0


def _rebuild(home: Path, log: Path, source: str, codes: int) -> list[tuple[str, str]]:
    """Tells Dagster of the import and materializes REBUILT with what it is made from; answers what failed and why."""
    from dagster import AssetMaterialization, AssetSelection

    from dpc_assets.assets.dbt import POINTS_IMPORT
    from dpc_assets.assets.dbt_project import ensure_dbt_manifest
    from dpc_assets.cli import execute
    from dpc_assets.cli.progress import LOGGER, Progress

    ensure_dbt_manifest()
    from dpc_assets.cli.run_months import heard_by
    from dpc_assets.definitions import defs

    graph = defs.resolve_asset_graph()
    chosen = AssetSelection.assets(REBUILT.split("/")).upstream().resolve(graph)
    runnable = {key for key in chosen if graph.get(key).is_executable and graph.get(key).group_name == "ref"}
    with Progress(log) as progress, dagster_home.instance(home) as instance:
        instance.report_runless_asset_event(
            AssetMaterialization(POINTS_IMPORT.key, metadata={"source": source, "codes": codes})
        )
        work = execute.plan(defs, runnable, ())
        with execute.printing_to(log):
            done = tuple(execute.execute(heard_by(defs, progress), instance, work, LOGGER))
    return [failure for each in done for failure in each.failures]
