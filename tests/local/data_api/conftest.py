import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "infra" / "local"))

from local_data_api_place import Api, made


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An empty warehouse and lake; closed at the end."""
    place = made(tmp_path)
    yield place
    place.api.close()
