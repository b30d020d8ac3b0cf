"""Where COPY and UNLOAD find their objects: buckets of the local S3 as the copy role, or a folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from aws_local.data_api.link import Lake
from dpc_assets.steps.store import FolderStore, S3Store


def buckets(endpoint: str, region: str, credentials: Mapping[str, str]) -> Lake:
    """Any bucket of the S3 at `endpoint`. credentials: AWS_* variables of the role that COPY and UNLOAD assume."""

    @cache
    def client() -> Any:
        return boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=credentials.get("AWS_SESSION_TOKEN") or None,
            config=Config(s3={"addressing_style": "path"}),
        )

    return lambda address: S3Store(address.removeprefix("s3://").partition("/")[0], "", client())


def folder(root: Path) -> Lake:
    """The lake of a laptop, whose addresses begin with `s3://local-lake/`."""
    store = FolderStore(root)
    return lambda address: store
