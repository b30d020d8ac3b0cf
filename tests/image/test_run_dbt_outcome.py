"""Which errors of the warehouse the machine tries again, in the words of the adapter redshift_data."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[2] / "infra" / "image" / "run_dbt.py"
NODE = "model.dpc.fact_stay"


@pytest.fixture(scope="module")
def run_dbt() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_dbt", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_dbt"] = module
    spec.loader.exec_module(module)
    return module


FOR_LATER = (
    "ThrottlingException: Rate exceeded",
    "TooManyRequestsException: slow down",
    "InternalServerException: ",
    "ServiceUnavailableException: ",
    "ActiveStatementsExceededException: Exceeded the maximum of 500 active statements.",
    "ActiveSessionsExceededException: Exceeded the maximum of 500 active sessions.",
    "ExpiredTokenException: The security token included in the request is expired",
    "the Redshift Data API was not reached: Read timeout on endpoint URL",
    "the session ended, and its transaction with it: ValidationException: Session is not available.",
    "the session ended, and its temporary tables with it: ValidationException: Session is expired.",
    "statement 00000001-aaaa-aaaa-aaaa-aaaaaaaaaaaa was aborted",
    "ERROR: 1023 DETAIL: Serializable isolation violation on table in Redshift",
    "ERROR: table 108 dropped by concurrent transaction",
    "ERROR: could not open relation with OID 108",
)
FOR_PEOPLE = (
    'ERROR: relation "nowhere" does not exist',
    "ERROR: Value too long for character type",
    "ValidationException: 1 validation error detected",
    "a statement of 100001 bytes: the Redshift Data API takes 100000. Split the model",
    "AccessDeniedException: not authorized to perform redshift-data:ExecuteStatement",
)


@pytest.mark.parametrize("message", FOR_LATER)
def test_tried_again(run_dbt: ModuleType, message: str) -> None:
    told = f"Database Error in model fact_stay (models/mart/fact_stay.sql)\n  {message}"
    results = {"results": [{"unique_id": NODE, "status": "error", "message": told}]}
    assert run_dbt.outcome(1, results, [])[0] == "RetryLater"
    assert run_dbt.outcome(2, None, ["Encountered an error:", f"Database Error\n  {message}"])[0] == "RetryLater"


@pytest.mark.parametrize("message", FOR_PEOPLE)
def test_not_tried_again(run_dbt: ModuleType, message: str) -> None:
    results = {"results": [{"unique_id": NODE, "status": "error", "message": message}]}
    assert run_dbt.outcome(1, results, []) == ("DbtFailed", f"{NODE}: {message}")
