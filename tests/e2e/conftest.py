"""A cloud for the compiled machine, in this process; and the whole platform, deployed to an AWS on this machine."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from machine_in_process import Cloud
from moto import mock_aws

sys.path[:0] = [str(Path(__file__).parents[1] / each) for each in ("local", "infra")]

from deployed import WAIT_SCALE, Deployed  # noqa: E402
from lakes import lake  # noqa: E402
from local_aws import LocalAws, why_not  # noqa: E402


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("CLAIM_BUCKET", "lake")
    monkeypatch.setenv("CLAIM_KEY", "logs/runs/_writer.json")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="lake")
        secrets = boto3.client("secretsmanager")
        folder = tmp_path / "cloud"
        folder.mkdir()
        yield Cloud(
            folder,
            {
                "DPC_LAKE": "s3://lake",
                "DPC_WORKGROUP": "dpc-learning",
                "DPC_ID_KEY_SECRET": secrets.create_secret(Name="key", SecretString="a key of the tests")["ARN"],
                "DPC_SNS_TOPIC": boto3.client("sns").create_topic(Name="dpc")["TopicArn"],
            },
        )


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The platform, applied by Terraform: one for all tests of a process, put back by `Deployed.reset`."""
    if reason := why_not():
        pytest.skip(reason)
    aws = LocalAws().start(tmp_path_factory.mktemp("deployed"), wait_scale=WAIT_SCALE)
    try:
        outputs = aws.apply().outputs()
        yield Deployed.of(aws, outputs)
    finally:
        aws.stop()


@pytest.fixture(scope="session")
def undisturbed(deployed: Deployed) -> dict[str, Any]:
    """What a run of one month of one hospital leaves when nothing goes wrong."""
    deployed.reset(lake(months=1, facilities=1))
    assert deployed.run({"partition": "2025-04"}).status == "SUCCEEDED"
    return deployed.state()
