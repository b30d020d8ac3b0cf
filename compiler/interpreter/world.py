"""What the executions of one simulation share: clock, worker, machines that can be started, services."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jsonata.functions import Functions

from compiler.interpreter.calls import Worker
from compiler.interpreter.clock import Clock
from compiler.interpreter.definition import Machine
from compiler.interpreter.failing import DATA_LIMIT, PAYLOAD_LIMIT, StateFailed
from compiler.interpreter.query import Json
from compiler.interpreter.services import Statements

ACCOUNT = "us-east-1:123456789012"
"""Region and account in the ARNs that the context shows, where nothing else is said."""


@dataclass
class World:
    """`began` is the date and time (UTC) of virtual second 0; `machines` by the StateMachineArn that names them.

    `salt` is what tokens and UUIDs are made from. `pace`: seconds that pass in a second of a Wait or before a retry.
    """

    clock: Clock
    worker: Worker
    machines: Mapping[str, Machine]
    jitter: Callable[[float], float]
    began: datetime
    salt: str
    statements: Statements = field(default_factory=Statements)
    serial: int = 0
    account: str = ACCOUNT
    pace: float = 1.0

    def __post_init__(self) -> None:
        self.calls: dict[str, Callable[..., Any]] = {
            "now": self._now,
            "millis": lambda: self._millis(),
            "uuid": lambda: self.unique(),
            "random": self._random,
        }

    def iso(self, seconds: float) -> str:
        """The date and time of a virtual second, as the context shows it."""
        return (self.began + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def unique(self) -> str:
        """A UUID that no other call answers; the same in every run of the same simulation."""
        self.serial += 1
        text = hashlib.sha256(f"{self.salt} {self.serial}".encode()).hexdigest()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"

    def _millis(self) -> int:
        return round((self.began + timedelta(seconds=self.clock.now)).timestamp() * 1000)

    def _now(self, picture: str | None = None, timezone: str | None = None) -> Any:
        if picture is None:
            return self.iso(self.clock.now)
        return Functions.datetime_from_millis(self._millis(), picture, timezone)

    def _random(self, seed: float | None = None) -> float:
        text = self.unique() if seed is None else repr(float(seed))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def within_limit(value: Json, what: str) -> Json:
    """The value. Raises `StateFailed` (States.DataLimitExceeded) where its JSON has more bytes than a payload may."""
    if isinstance(value, dict | list | str) and value:
        size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
        if size > PAYLOAD_LIMIT:
            raise StateFailed(DATA_LIMIT, f"{what} has {size} bytes; the limit is {PAYLOAD_LIMIT}.")
    return value
