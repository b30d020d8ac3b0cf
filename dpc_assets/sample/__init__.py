"""Synthetic hospitals that write submissions in the official layout (FY2025 survey). Nothing in them is real.

    from dpc_assets.sample import generate, faults

    report = generate("data/lake", "2025-04", months=3, facilities=2, stays=200, seed=1)
    generate("data/lake", "2025-04", fault="wrong-sha256")
    for name, english, japanese in faults(): ...

`generate(out, month, months=1, facilities=2, stays=200, seed=1, fault=None, *, ef_lines=None, non_dpc=None,
resubmission=True) -> Report`

* out: a lake: folder, `s3://bucket/prefix` or an ObjectStore. Files go to `raw/yyyymm=<month>/<facility>/v<n>/`.
* month: first month, `2025-04`; months: how many in a row are delivered. A stay that goes on after the last one
  has no discharge date yet.
* facilities: hospitals; from three on the last is no DPC hospital (no Dn, no EFg). non_dpc: index of that one instead.
* stays: stays of a hospital that begin with a first admission in each month; readmissions count among them.
* seed: the same arguments give the same bytes on any machine.
* fault: a name from `faults()`; it is put into version 1 of the first hospital's first month, and no resubmission
  is written then.
* ef_lines: big mode: one hospital, one month, patients until EFn has that many lines; memory stays flat.
* resubmission: with two months or more, the first hospital's first month has v1 with an uncoded main disease and v2.

`faults()` -> tuple of (name, description_en, description_ja); `fault_table()` has the rule and outcome of each too.
Wrong arguments raise `SampleError`.
"""

from __future__ import annotations

from dpc_assets.sample.errors import SampleError
from dpc_assets.sample.fault import Fault
from dpc_assets.sample.faults import table as fault_table
from dpc_assets.sample.generate import Report, generate

__all__ = ["Fault", "Report", "SampleError", "fault_table", "faults", "generate"]


def faults() -> tuple[tuple[str, str, str], ...]:
    """(name, description_en, description_ja) of every fault, in the order of the table."""
    return tuple((each.name, each.description_en, each.description_ja) for each in fault_table())
