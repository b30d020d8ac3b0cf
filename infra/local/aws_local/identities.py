"""Who calls: every role gets credentials of its own, so that each request can be told to come from it.

The keys are made from the ARN and are worth nothing outside this server. Requests signed with any other key are those
of the person at the keyboard.
"""

from __future__ import annotations

import base64
import hashlib
from contextvars import ContextVar

PERSON = "person"
"""The caller whose key belongs to no role."""

CALLING: ContextVar[str] = ContextVar("calling", default=PERSON)
"""Caller of the request that is being answered; set where requests come in."""

_ROLES: dict[str, str] = {}


def credentials(role_arn: str) -> dict[str, str]:
    """The AWS_* variables under which a process acts as the role."""
    digest = hashlib.sha256(role_arn.encode()).digest()
    key = "AKIA" + base64.b32encode(digest)[:16].decode()
    _ROLES[key] = role_arn
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": digest.hex(), "AWS_SESSION_TOKEN": ""}


def caller(access_key: str) -> str:
    """ARN of the role that the key was made for, or `PERSON`."""
    return _ROLES.get(access_key, PERSON)


def calling() -> str:
    """ARN of the role that sent the request which is being answered, or `PERSON`."""
    return CALLING.get()
