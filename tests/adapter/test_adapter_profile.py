"""Profiles of the type: what one needs, and what has no place in it."""

from __future__ import annotations

import pytest
from dbt.adapters.contracts.connection import Credentials
from dbt.adapters.redshift_data.credentials import RedshiftDataCredentials
from dbt_common.exceptions import DbtRuntimeError

GIVEN = {"workgroup": "dpc-learning-dev", "database": "dpc", "schema": "stage"}


def credentials(**more: object) -> Credentials:
    given = {**GIVEN, **more}
    RedshiftDataCredentials.validate(given)
    return RedshiftDataCredentials.from_dict(given)


def test_three_names_are_enough() -> None:
    assert dict(credentials().connection_info()) == {
        "workgroup": "dpc-learning-dev",
        "region": "",
        "database": "dpc",
        "schema": "stage",
        "session_keep_alive": 120,
        "lazy_begin": True,
        "datasharing": False,
        "ra3_node": False,
        "allow_concurrent_drops": False,
        "drop_without_cascade": False,
    }


def test_dbname_is_the_database_too() -> None:
    assert RedshiftDataCredentials.from_dict({"workgroup": "w", "dbname": "d", "schema": "s"}).database == "d"


@pytest.mark.parametrize(
    "name",
    ["host", "port", "password", "user", "secret_arn", "access_key_id", "cluster_id", "endpoint_url", "retries"],
)
def test_nobody_is_named_and_nothing_is_secret(name: str) -> None:
    with pytest.raises(DbtRuntimeError, match=f"{name}: not of adapter type redshift_data, which connects as the call"):
        credentials(**{name: "x"})


@pytest.mark.parametrize("seconds", [0, 59, 3601])
def test_a_session_outlives_a_pause_and_not_much_more(seconds: int) -> None:
    with pytest.raises(DbtRuntimeError, match=f"session_keep_alive: expected 60 to 3600 seconds, found {seconds}"):
        credentials(session_keep_alive=seconds)
