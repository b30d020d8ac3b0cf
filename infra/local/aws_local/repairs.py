"""What ministack answers otherwise than AWS, so that Terraform would wait in vain or plan a change where there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app

from aws_local.settings import Settings

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]

_SIZE = "x-amz-transition-default-minimum-object-size"


def install(settings: Settings) -> None:
    """Mends what is known to be wrong."""
    app.SERVICE_HANDLERS["s3"] = _lifecycle(app.SERVICE_HANDLERS["s3"])


def _lifecycle(handler: Handler) -> Handler:
    """The header of PutBucketLifecycleConfiguration is answered by GetBucketLifecycleConfiguration, as the API reference
    of both says; ministack answers its default. The provider waits until both are the same."""
    sizes: dict[str, str] = {}

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        status, told, content = await handler(method, path, headers, body, query)
        if "lifecycle" in query and status < 300:
            if method == "PUT":
                sizes[path] = headers.get(_SIZE, "all_storage_classes_128K")
            if method in ("GET", "PUT"):
                told = {**told, _SIZE: sizes[path]}
        return status, told, content

    return handle
