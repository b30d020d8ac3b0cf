"""Data versions: an unchanged resubmission leaves everything fresh that the contract does not name; a changed one
changes its month of raw and stage, and the marts."""

from pathlib import Path

import pytest
from dagster import AssetKey, AssetRecordsFilter, DagsterInstance
from dpc_process import Surrounding

from dpc_assets.sample import generate
from dpc_assets.steps.store import FolderStore

MONTHS = ("2025-04", "2025-05")
FACILITY = "131000123"

Versions = dict[tuple[str, str], str]


def versions(place: Surrounding, monkeypatch: pytest.MonkeyPatch) -> Versions:
    """(asset, month or '') -> data version of its newest materialization."""
    monkeypatch.setenv("DAGSTER_HOME", str(place.home))
    found: Versions = {}
    with DagsterInstance.get() as instance:
        for key in instance.get_asset_keys():
            for month in ("", *MONTHS):
                version = newest(instance, key, month)
                if version is not None:
                    found[key.to_user_string(), month] = version
    return found


def newest(instance: DagsterInstance, key: AssetKey, month: str) -> str | None:
    records = instance.fetch_materializations(
        AssetRecordsFilter(key, asset_partitions=[month] if month else None), limit=1
    ).records
    if not records or (records[0].partition_key or "") != month:
        return None
    tags = records[0].asset_materialization.tags
    return tags["dagster/data_version"]


def resubmit(place: Surrounding, month: str, change: bool) -> None:
    store = FolderStore(place.lake)
    old = f"raw/yyyymm={month}/{FACILITY}/v1/"
    folder = place.folder / f"delivery-{month}-{change}"
    folder.mkdir()
    for each in store.list(old):
        name = Path(each.key).name
        if name.startswith("_"):
            continue
        lines = store.read(each.key).splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:-1] if change and name.startswith("FF4") else lines))
    place.call("submit", str(folder))


def differing(before: Versions, after: Versions) -> set[tuple[str, str]]:
    assert before.keys() == after.keys()
    return {key for key in before if before[key] != after[key]}


@pytest.mark.soak
def test_versions_follow_the_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Surrounding(tmp_path)
    generate(str(place.lake), MONTHS[0], months=2, facilities=1, stays=4, seed=7, resubmission=False)
    place.call("run", "--month", "..".join(MONTHS))
    first = versions(place, monkeypatch)

    resubmit(place, MONTHS[0], change=False)
    place.call("run", "--month", MONTHS[0])
    second = versions(place, monkeypatch)
    named = {("raw/submissions", MONTHS[0]), ("raw/loads", ""), ("mart/submission_board", "")}
    assert differing(first, second) <= named

    resubmit(place, MONTHS[0], change=True)
    place.call("run", "--month", MONTHS[0])
    third = versions(place, monkeypatch)
    changed = differing(second, third)
    assert {("raw/submissions", MONTHS[0]), ("raw/ff4", MONTHS[0]), ("stage/stg_ff4", MONTHS[0])} <= changed
    assert ("raw/loads", "") in changed
    assert {key for key in third if key[0].startswith("mart/")} <= changed
    assert not {key for key in changed if key[1] == MONTHS[1]}
    assert not {key for key in changed if key[0] in ("raw/efn", "stage/stg_efn", "stage/stg_stay_month_efn")}
    assert not {key for key in changed if key[0] in ("ref/dim_date", "ref/dim_icd10", "ref/departments")}
