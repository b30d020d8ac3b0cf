"""`dpc run` on a lake in S3, against moto, in a process of its own: prints its status and the export's keys."""

import json
import sys

import boto3
from moto import mock_aws

BUCKET, REGION = "dpc-lake", "ap-northeast-1"


def main(warehouse: str) -> None:
    """`warehouse`: the DuckDB file; DAGSTER_HOME and invented AWS credentials stand in the environment."""
    from dpc_assets.cli.main import main as dpc
    from dpc_assets.sample import generate

    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        generate(f"s3://{BUCKET}/lake", "2025-04", stays=6, facilities=1)
        status = dpc(["run", "--lake", f"s3://{BUCKET}/lake", "--warehouse", warehouse, "--month", "2025-04", "--json"])
        listed = client.list_objects_v2(Bucket=BUCKET, Prefix="lake/processed/")["Contents"]
    sys.stdout.write("\n" + json.dumps({"status": status, "keys": [each["Key"] for each in listed]}))


if __name__ == "__main__":
    main(sys.argv[1])
