"""A cloud for the compiled machine."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from machine_in_process import Cloud
from moto import mock_aws


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
