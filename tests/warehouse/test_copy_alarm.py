"""The alarm for refused loads counts a line of the log: what a failed load says has to be what the filter looks for."""

import json
import re
from pathlib import Path

import pytest
from warehouse_place import Place

from dpc_assets.steps import copy_raw, normalize, validate_manifest
from dpc_assets.steps.errors import RetryLater, StepError, WarehouseError
from dpc_assets.steps.run import Run

ALARMS = Path(__file__).parents[2] / "infra" / "terraform" / "modules" / "operations" / "alarms.tf"
MONTH, FACILITY = "2025-04", "131000123"
RUN = Run("test", (MONTH,))


def phrase() -> str:
    """The filter's phrase: CloudWatch looks for what stands between double quotes, word for word."""
    written = re.search(r'^\s*pattern\s*=\s*("(?:[^"\\]|\\.)*")$', ALARMS.read_text(encoding="utf-8"), re.MULTILINE)
    assert written
    return json.loads(json.loads(written[1]))


def logged(error: StepError) -> str:
    """The line that Lambda's runtime for Python writes of an error which a function ends with."""
    return f"[ERROR] {type(error).__name__}: {error}"


@pytest.fixture
def staged(place: Place) -> Place:
    place.migrate()
    place.deliver(MONTH, FACILITY, 1, ef_lines=3)
    for step in (validate_manifest, normalize):
        step.run(RUN, place.ports)
    return place


def load(place: Place) -> None:
    copy_raw.one(RUN, place.ports, {"month": MONTH, "facility": FACILITY})


def parts(place: Place) -> list[str]:
    return [found.key for found in place.store.list("stage/") if "/EFn_" in found.key]


def test_a_load_without_its_parts_is_counted(staged: Place) -> None:
    for key in parts(staged):
        staged.store.delete(key)
    with pytest.raises(WarehouseError) as refused:
        load(staged)
    assert phrase() in logged(refused.value)


def test_a_load_of_other_rows_than_were_judged_is_counted(staged: Place) -> None:
    (key,) = parts(staged)
    staged.store.write(key.replace("part-0000", "part-0001"), staged.store.read(key))
    with pytest.raises(WarehouseError, match="expected 3 rows as judged, loaded 6") as refused:
        load(staged)
    assert phrase() in logged(refused.value)


def test_a_statement_of_another_step_is_not_counted(staged: Place) -> None:
    with pytest.raises(WarehouseError) as refused:
        staged.ports.warehouse.fetch("SELECT * FROM raw.unheard_of", name="export-columns")
    assert phrase() not in logged(refused.value)


def test_a_load_that_is_tried_again_is_not_counted() -> None:
    assert phrase() not in logged(RetryLater(f"copy-{MONTH}-{FACILITY}: still running after 885 s; it was cancelled"))
