"""What a container that runs many words remembers: which of them succeeded, so that a retry or redrive runs the rest.

One JSON object an execution and unit, `{"succeeded": ["fact_stay", ...]}`; a redrive has the same execution ARN.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any


def key(prefix: str, execution: str, unit: str) -> str:
    """Where it is stored: `<prefix>/<machine>/<execution name>/<unit>-<8 hex>.json`. `execution` is an ARN."""
    parts = execution.split(":")
    where = "/".join(parts[6:8]) if len(parts) >= 8 else execution.replace("/", "_")
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in unit)
    mark = hashlib.sha256(unit.encode()).hexdigest()[:8]
    return f"{prefix.strip('/')}/{where}/{name[:80]}-{mark}.json".lstrip("/")


def stored(succeeded: Iterable[str]) -> bytes:
    """The object's bytes."""
    return (json.dumps({"succeeded": sorted(set(succeeded))}, ensure_ascii=False) + "\n").encode()


def succeeded(body: bytes | None) -> frozenset[str]:
    """The words of an object; none where there is no object or it cannot be read: then everything runs again."""
    if body is None:
        return frozenset()
    try:
        words = json.loads(body)["succeeded"]
    except (ValueError, KeyError, TypeError):
        return frozenset()
    if not isinstance(words, list):
        return frozenset()
    return frozenset(word for word in words if isinstance(word, str))


def remaining(words: Sequence[str], done: Iterable[str]) -> tuple[str, ...]:
    """The words that have not succeeded yet, in their order."""
    known = frozenset(done)
    return tuple(word for word in words if word not in known)


def load(s3: Any, bucket: str, name: str) -> frozenset[str]:
    """What succeeded in earlier attempts. `s3` is boto3's client, which may list the keys that begin like this one.

    It is asked for by a list: a GET of what is not there is answered 403 where listing is allowed by prefix only.
    """
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=name, MaxKeys=1).get("Contents", ())
    if not any(found["Key"] == name for found in listed):
        return frozenset()
    return succeeded(s3.get_object(Bucket=bucket, Key=name)["Body"].read())


def store(s3: Any, bucket: str, name: str, words: Iterable[str]) -> frozenset[str]:
    """Adds words that succeeded to what is stored, and answers all of them. To be called after every attempt."""
    together = load(s3, bucket, name) | frozenset(words)
    s3.put_object(Bucket=bucket, Key=name, Body=stored(together), ContentType="application/json")
    return together
