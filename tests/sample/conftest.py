"""One clean lake for all tests of the sample: three hospitals (the last no DPC hospital), three months."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_lake import Lake

from dpc_assets.sample import generate


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    root: Path = tmp_path_factory.mktemp("sample")
    generate(root, "2025-04", months=3, facilities=3, stays=80, seed=5)
    return Lake(root)
