from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from dbt.adapters.redshift_data.handle import Handle
from dbt.adapters.redshift_data.sessions import Sessions
from dbt.adapters.redshift_data.statements import Statements, client
from scripted_data_api import PLACE, DataApi, data_api


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[DataApi]:
    """The service, where the SDK finds it by itself. At the end: every answer was asked for, no request was wrong."""
    with data_api() as here:
        monkeypatch.setenv("AWS_ENDPOINT_URL", here.address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield here
    assert here.wrong == []
    assert here.unasked() == []


@pytest.fixture
def statements(api: DataApi) -> Statements:
    return Statements(client("ap-northeast-1"), PLACE)


@pytest.fixture
def connect(statements: Statements) -> Callable[..., Handle]:
    """A new connection as dbt opens one for every node; all share one pool of sessions."""
    sessions = Sessions(PLACE.keep_alive)

    def connected(*, lazy_begin: bool = False) -> Handle:
        return Handle(statements, sessions, lazy_begin)

    return connected


@pytest.fixture
def handle(connect: Callable[..., Handle]) -> Handle:
    return connect()
