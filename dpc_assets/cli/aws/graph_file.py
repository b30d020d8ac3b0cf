"""The committed graph of the compiled machine: which assets there are, and which unit runs each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dpc_assets.cli.home import PROJECT

MANIFEST = PROJECT / "infra" / "terraform" / "generated" / "manifest.json"


def units_of_assets() -> Mapping[str, str]:
    """Asset key -> unit; empty where there is no manifest that can be read (the machine then judges alone)."""
    try:
        assets = json.loads(MANIFEST.read_text(encoding="utf-8"))["graph"]["assets"]
        return {str(key): str(asset.get("unit") or "") for key, asset in assets.items()}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}


def assets_of(unit: str, known: Mapping[str, str], selected: Sequence[str] | None) -> list[str]:
    """The assets that a unit runs: those selected, all of them where nothing is known of a selection."""
    return sorted(key for key, name in known.items() if name == unit and (selected is None or key in selected))
