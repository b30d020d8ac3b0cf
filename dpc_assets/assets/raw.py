"""Group raw: submissions are judged and staged, the seven types are loaded, the load is recorded."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetExecutionContext, AssetKey, AssetSpec, MaterializeResult, asset, multi_asset

from dpc_assets.assets import aws
from dpc_assets.assets.calls import OWNERS, materialize
from dpc_assets.assets.code_version import of_modules
from dpc_assets.assets.partitions import MONTHS, one_month_a_run
from dpc_assets.assets.previews import month_rows
from dpc_assets.formats.registry import FILE_TYPES, newest
from dpc_assets.resources import PipelineResource
from dpc_assets.steps import copy_raw, normalize, record_loads, validate_manifest
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run

SUBMISSIONS = AssetKey(["raw", "submissions"])
LOADS = AssetKey(["raw", "loads"])
TYPES = tuple(AssetKey(["raw", file_type.lower()]) for file_type in FILE_TYPES)

_ID_KEY = {"DPC_ID_KEY_SECRET": "${id_key_secret_arn}"}

SUBMISSIONS_IN_AWS = aws.chain(
    aws.step(
        validate_manifest.run,
        [
            aws.lists("raw/", "archive/", "logs/validation/"),
            aws.reads("raw/*", "logs/validation/*"),
            aws.puts("logs/validation/*"),
            aws.ENCRYPTS,
        ],
    ),
    aws.each_of(
        aws.function(
            normalize.pending,
            [
                aws.lists("raw/", "archive/", "stage/", "logs/validation/"),
                aws.reads("raw/*/_manifest.json", "logs/validation/*"),
                aws.deletes("stage/*"),
                aws.secret("${id_key_secret_arn}"),
                aws.DECRYPTS,
            ],
            name="dpc-normalize-pending",
            env=_ID_KEY,
        ),
        aws.function(
            normalize.one,
            [
                aws.lists("raw/", "archive/", "stage/", "logs/validation/"),
                aws.reads("raw/*", "logs/validation/*"),
                aws.puts("stage/*", "logs/validation/*"),
                aws.deletes("stage/*"),
                aws.secret("${id_key_secret_arn}"),
                aws.ENCRYPTS,
            ],
            name="dpc-normalize",
            env=_ID_KEY,
            memory_mb=2048,  # more than one processor: a file is compressed beside being read
        ),
        concurrency=10,
    ),
)
TYPES_IN_AWS = aws.each_of(
    aws.function(copy_raw.pending, [*aws.WAREHOUSE, aws.lists("raw/", "archive/")], name="dpc-copy-raw-pending"),
    aws.function(copy_raw.one, [*aws.WAREHOUSE, *aws.VERDICTS], name="dpc-copy-raw", writes=True),
    concurrency=1,
)
LOADS_IN_AWS = aws.step(
    record_loads.run, [*aws.WAREHOUSE, *aws.VERDICTS, aws.lists("ref/"), aws.reads("ref/facilities.csv")], writes=True
)


def receive(run: Run, ports: Ports) -> Result:
    """validate_manifest, then normalize: together they judge every version of the month that has no verdict yet."""
    judged = validate_manifest.run(run, ports)
    staged = normalize.run(run, ports)
    return Result(
        step="submissions",
        counts={**judged.counts, **staged.counts},
        versions={**judged.versions, **staged.versions},
        notes=(*judged.notes, *staged.notes)[:100],
        keys={**judged.keys, **staged.keys},
    )


@one_month_a_run
@asset(
    key=SUBMISSIONS,
    group_name="raw",
    kinds={"python", "file"},
    owners=OWNERS,
    partitions_def=MONTHS,
    code_version=of_modules(validate_manifest, normalize),
    metadata=aws.declared(SUBMISSIONS_IN_AWS, seconds=120),
    description=(
        "提出データの受付。月の全施設・全版を検査し、合格した版を UTF-8 に変換して stage/ に置く。\n\n"
        "Submissions of the month: every version of every facility is judged (manifest, names, sizes, every line), "
        "and what passes is written to stage/ as UTF-8 with provenance columns. Verdicts: logs/validation/."
    ),
)
def submissions(context: AssetExecutionContext, pipeline: PipelineResource) -> Iterator[MaterializeResult[Any]]:
    yield from materialize(receive, context, pipeline.ports())


@one_month_a_run
@multi_asset(
    name="raw_types",
    specs=[
        AssetSpec(
            key,
            deps=[SUBMISSIONS],
            group_name="raw",
            kinds={"sql", "table"},
            owners=OWNERS,
            code_version=of_modules(copy_raw),
            metadata=aws.declared(TYPES_IN_AWS, seconds=60),
            description=(
                f"{newest(file_type).title_ja}（提出されたままの文字列）。粒度: ファイルの1行。\n\n"
                f"{newest(file_type).title_en}, as delivered, all text. Grain: one line of a file. "
                "One transaction a facility and month replaces all seven types."
            ),
        )
        for file_type, key in zip(FILE_TYPES, TYPES, strict=True)
    ],
    partitions_def=MONTHS,
)
def raw_types(context: AssetExecutionContext, pipeline: PipelineResource) -> Iterator[MaterializeResult[Any]]:
    yield from materialize(copy_raw.run, context, pipeline.ports(), month_rows)


@asset(
    key=LOADS,
    deps=[SUBMISSIONS, *TYPES],
    group_name="raw",
    kinds={"sql", "table"},
    owners=OWNERS,
    code_version=of_modules(record_loads),
    metadata=aws.declared(LOADS_IN_AWS, seconds=15),
    description=(
        "読込状況。粒度: 対象施設 × 月 × 様式の1行（未提出・不合格も含む）。\n\n"
        "What was loaded: one row per expected facility, month and file type, rejected and missing ones too. "
        "Its data version is the digest of everything loaded, which makes the marts stale when a month changes."
    ),
)
def loads(context: AssetExecutionContext, pipeline: PipelineResource) -> Iterator[MaterializeResult[Any]]:
    yield from materialize(record_loads.run, context, pipeline.ports())
