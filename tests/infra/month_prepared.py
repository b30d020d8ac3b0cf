"""Two small months as hospitals deliver them: one version passes, one is refused for its manifest; a month is held."""

from __future__ import annotations

from collections.abc import Sequence

from dpc_assets.sample import generate
from dpc_assets.steps.store import S3Store

WAIVERS = (
    "facility_code,yyyymm,rule_id,reason,who,until\n999999999,202504,A01,of another hospital,Data office,2099-12-31\n"
)
LATE = "139999999"
FAULT = "ff1-duplicate"
"""A finding that holds the export of the first month."""


def prepare(store: S3Store, months: Sequence[str]) -> None:
    """Writes them into an empty lake, with waivers and the hospitals that are expected."""
    generate(store, months[0], months=len(months), facilities=1, stays=6, seed=3, fault=FAULT)
    for each in list(store.list(f"raw/yyyymm={months[0]}/")):
        manifest = each.key.endswith("_manifest.json")
        store.write(each.key.replace("/v1/", "/v2/"), b"{}" if manifest else store.read(each.key))
    store.write("ref/waivers.csv", WAIVERS.encode())
    store.write("ref/facilities.csv", f"facility_code\n131000123\n{LATE}\n".encode())


def deliver_late(store: S3Store, month: str) -> None:
    """A version of one more hospital, whose manifest says nothing."""
    store.write(f"raw/yyyymm={month}/{LATE}/v1/_manifest.json", b"{}")
