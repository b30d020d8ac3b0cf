"""What a named fault is. The table of all faults: `tables/faults.csv`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dpc_assets.sample.delivery import Delivery

Change = Callable[[Delivery], Delivery]
Outcome = Literal["rejected", "reported", "loaded"]


@dataclass(frozen=True)
class Fault:
    """One fault in an otherwise clean delivery.

    `touches`: the file type whose bytes or presence differ from the clean delivery, `manifest`, or a file name.
    `rule`: the check that should speak, empty where none should. `outcome`: rejected (the version is not loaded),
    reported (it is loaded and the rule reports it) or loaded (an allowed variation).
    """

    name: str
    touches: str
    rule: str
    outcome: Outcome
    description_en: str
    description_ja: str
    change: Change
