"""Group archive: what was delivered leaves raw/ when its month is over for good."""

from collections.abc import Iterator
from typing import Any

from dagster import AssetExecutionContext, AssetKey, MaterializeResult, asset

from dpc_assets.assets import aws
from dpc_assets.assets.calls import OWNERS, materialize
from dpc_assets.assets.code_version import of_modules
from dpc_assets.assets.raw import SUBMISSIONS
from dpc_assets.resources import PipelineResource
from dpc_assets.steps import archive_raw

ARCHIVE = AssetKey(["archive", "raw"])

ARCHIVE_IN_AWS = {
    **aws.step(
        archive_raw.run,
        [
            aws.lists("raw/", "archive/", "stage/", "logs/validation/"),
            aws.reads("raw/*", "archive/*", "logs/validation/*"),
            aws.puts("archive/*"),
            aws.deletes("raw/*"),
            aws.ENCRYPTS,
        ],
        memory_mb=1024,  # a share of a processor that keeps up with reading from S3
        writes=True,
    ),
    "on": "schedule",
}
"""Of archive/ it reads checksums only, for which S3 wants the permission to read."""


@asset(
    key=ARCHIVE,
    deps=[SUBMISSIONS],
    group_name="archive",
    kinds={"python", "file"},
    owners=OWNERS,
    code_version=of_modules(archive_raw),
    metadata=aws.declared(ARCHIVE_IN_AWS, seconds=60),
    description=(
        "提出ファイルの保管。月の最後の版から13か月後に raw/ から archive/ へ移す（写し、照合してから削除）。\n\n"
        "Deliveries leave raw/ for archive/ 13 months after their month's last version: copied, compared by checksum, "
        "then deleted. Verdicts and stage/ remain: an archived month counts as delivered and can be loaded again."
    ),
)
def archived_raw(context: AssetExecutionContext, pipeline: PipelineResource) -> Iterator[MaterializeResult[Any]]:
    yield from materialize(archive_raw.run, context, pipeline.ports())
