"""A server with every plug-in and nothing deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from local_aws import LocalAws, why_not


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    if reason := why_not(deployed=False):
        pytest.skip(reason)
    server = LocalAws().start(tmp_path_factory.mktemp("aws"))
    yield server
    server.stop()
