"""The lake in S3: the same run, the same export."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DATASETS = ("cost_monthly", "dpc_monthly", "facility_monthly", "fact_stay", "submission_board")


@pytest.mark.soak
def test_a_month_of_a_lake_in_s3_is_run_and_exported(tmp_path: Path) -> None:
    invented = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run_on_s3.py")), str(tmp_path / "dpc.duckdb")],
        env=os.environ | invented | {"DAGSTER_HOME": str(tmp_path / "home"), "DPC_ID_KEY": "a key of the tests"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["status"] == 0
    assert set(outcome["keys"]) == {
        "lake/processed/_success/month=2025-04",
        *(f"lake/processed/{name}/month=2025-04/000.parquet" for name in DATASETS),
        "lake/processed/metadata/data_dictionary.json",
        "lake/processed/metadata/data_dictionary.md",
    }
