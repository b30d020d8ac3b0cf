"""One call of a step from an asset: what it raises becomes what Dagster should do, what it answers becomes metadata."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
    RetryRequested,
)

from dpc_assets.assets.partitions import months_of
from dpc_assets.steps.errors import RetryLater, StepError
from dpc_assets.steps.ports import Ports, Warehouse
from dpc_assets.steps.run import Result, Run

Step = Callable[[Run, Ports], Result]

RETRIES = 3
RETRY_SECONDS = 5.0

OWNERS = ["team:dpc"]


def call(step: Step, context: AssetExecutionContext, ports: Ports) -> Result:
    """Runs the step once. RetryLater is asked for again up to RETRIES times, nothing else is."""
    try:
        result = step(Run(context.run.run_id, months_of(context)), ports)
    except RetryLater as error:
        raise RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_SECONDS) from error
    except StepError as error:
        raise Failure(description=str(error), allow_retries=False) from error
    for note in result.notes:
        context.log.warning(note)
    return result


Figures = Callable[[AssetExecutionContext, Warehouse], Mapping[AssetKey, Mapping[str, MetadataValue]]]
"""What is shown of each key beside the step's own counts."""


def materialize(
    step: Step, context: AssetExecutionContext, ports: Ports, figures: Figures = lambda context, warehouse: {}
) -> Iterator[MaterializeResult[Any]]:
    """Calls the step and answers one result for each selected key of the asset."""
    started = time.monotonic()
    result = call(step, context, ports)
    shared = metadata(result, time.monotonic() - started)
    of_key = figures(context, ports.warehouse)
    for key in sorted(context.selected_asset_keys, key=AssetKey.to_user_string):
        version = result.versions.get(key.to_user_string())
        yield MaterializeResult(
            asset_key=key,
            metadata={**shared, **of_key.get(key, {})},
            data_version=DataVersion(version) if version else None,
        )


def metadata(result: Result, seconds: float) -> Mapping[str, MetadataValue]:
    """Counts, places and notes of a result as a person wants to see them on the asset's page."""
    shown: dict[str, MetadataValue] = {name: MetadataValue.int(count) for name, count in sorted(result.counts.items())}
    shown |= {name: MetadataValue.text(place) for name, place in sorted(result.keys.items())}
    shown["seconds"] = MetadataValue.float(round(seconds, 3))
    if result.notes:
        shown["notes"] = MetadataValue.md("\n".join(f"- {line}" for note in result.notes for line in note.splitlines()))
    return shown
