"""Who called what: one JSON line in calls.jsonl for each request that reached the server, in the order of the answers.

    {"at": seconds since 1970, "caller": ARN of a role or "person", "service": IAM's prefix, "operation", "given",
     "status": HTTP status, "via": ""}

`via` names the service that called on the role's behalf without a request over HTTP, as Lambda does to write logs;
status is then 200. `given` has boto3's names, without bodies and without sensitive values.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_local import front
from aws_local.settings import Settings
from aws_local.wire import Asked

FILE = "calls.jsonl"

_places: list[Path] = []
_lock = threading.Lock()


def install(settings: Settings) -> None:
    settings.folder.mkdir(parents=True, exist_ok=True)
    place = settings.folder / FILE
    place.write_bytes(b"")
    _places[:] = [place]
    front.stand().told.append(_tell)


def note(caller: str, service: str, operation: str, given: Mapping[str, Any], via: str) -> None:
    """For what a service does in a role's name inside the server. Nothing is kept where nobody installed this."""
    _write(caller, service, operation, given, 200, via)


def _tell(asked: Asked, status: int) -> None:
    _write(asked.caller, asked.service, asked.operation, asked.given, status, "")


def _write(caller: str, service: str, operation: str, given: Mapping[str, Any], status: int, via: str) -> None:
    line = {
        "at": round(time.time(), 3),
        "caller": caller,
        "service": service,
        "operation": operation,
        "given": given,
        "status": status,
        "via": via,
    }
    for place in _places:
        with _lock, place.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
