"""Statements of the Data API: what runs, how far it is, and what it answered.

API_DescribeStatement.html, API_SubStatementData.html, API_CancelStatement.html. Not measured here: ResultSize (-1).
"""

from __future__ import annotations

import base64
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_local.data_api.sessions import Session
from aws_local.errors import AwsError
from dpc_assets.local.execute import Answer
from dpc_assets.local.fields import page

ENDED = ("FINISHED", "FAILED", "ABORTED")
_INTERRUPT_AGAIN = 0.02
_STOPS_WITHIN = 10.0


@dataclass
class Part:
    """One SQL text of a statement. started, ended: seconds since the epoch, 0 before."""

    id: str
    sql: str
    number: int
    status: str = "SUBMITTED"
    error: str = ""
    answer: Answer = field(default_factory=Answer)
    started: float = 0.0
    ended: float = 0.0

    def told(self) -> dict[str, Any]:
        """Its half of a description."""
        done = self.status == "FINISHED"
        return {
            "Id": self.id,
            "QueryString": self.sql,
            "Status": self.status,
            "Duration": int(max(0.0, self.ended - self.started) * 1e9) if self.ended else -1,
            "HasResultSet": done and bool(self.answer.columns),
            "ResultRows": self.answer.affected if done else -1,
            "ResultSize": -1,
            "RedshiftQueryId": self.number if self.started else 0,
            **({"Error": self.error} if self.error else {}),
        }


class Statement:
    """A statement or a batch. Changed by the thread that runs it, read by any."""

    def __init__(self, sqls: Sequence[str], *, batch: bool, made: float, name: str, numbers: Sequence[int]) -> None:
        self.id = str(uuid.uuid4())
        self.batch = batch
        self.made = made
        self.updated = made
        self.name = name
        self.status = "SUBMITTED"
        self.error = ""
        self.session: Session | None = None
        self.shown_session = False
        self.stopped = threading.Event()
        self._done = threading.Event()
        self._guard = threading.Lock()
        self._in_session = False
        ids = [f"{self.id}:{number}" for number in range(1, len(sqls) + 1)] if batch else [self.id]
        self.parts = [Part(*each) for each in zip(ids, sqls, numbers, strict=True)]

    @property
    def running(self) -> bool:
        return self.status not in ENDED

    def wait(self, seconds: float) -> None:
        self._done.wait(seconds)

    def begin(self, now: float) -> None:
        """Its first part runs."""
        with self._guard:
            self._in_session = True
        self.status = self.parts[0].status = "STARTED"
        self.parts[0].started = now

    def leave(self) -> None:
        """It has no more to do in its session: from here on nothing of it may be interrupted."""
        with self._guard:
            self._in_session = False

    def end(self, status: str, error: str, now: float) -> None:
        """How it ended; parts that did not run are aborted, and nothing of a failed batch was kept."""
        for part in self.parts:
            if part.status not in ENDED:
                failed = part.status == "STARTED"
                part.status, part.error = (status, error) if failed else ("ABORTED", "")
                part.ended = now if failed else 0.0
            if status != "FINISHED":
                part.answer = Answer(part.answer.affected)
        self.error, self.updated, self.status = error, now, status
        self._done.set()

    def stop(self) -> bool:
        """Interrupts it until it has ended; True if that was why it ended."""
        self.stopped.set()
        give_up = time.monotonic() + _STOPS_WITHIN
        while self.running and time.monotonic() < give_up:  # an interrupt between two steps is not felt
            with self._guard:
                if self._in_session and self.session is not None:
                    self.session.link.interrupt()
            self._done.wait(_INTERRUPT_AGAIN)
        return self.status == "ABORTED"

    def described(self, part_id: str) -> dict[str, Any]:
        """What DescribeStatement answers about it or about one part of its batch."""
        session = self.session
        told: dict[str, Any] = {"CreatedAt": round(self.made, 3), "UpdatedAt": round(self.updated, 3)}
        if part_id != self.id:
            return told | self._part(part_id).told()
        if session is not None:
            told["RedshiftPid"] = session.link.pid
            told["DbUser"] = session.link.user
            given = {"Database": session.database, "WorkgroupName": session.workgroup, "SecretArn": session.secret}
            told |= {key: value for key, value in given.items() if value}
            told |= {"SessionId": session.id} if self.shown_session else {}
        if not self.batch:
            alone = self.parts[0].told()
            # Its one part ends a moment before it does, and only then there is a result to fetch.
            return told | alone | ({"Status": self.status, "HasResultSet": False} if self.running else {})
        last = self.parts[-1].told()
        return told | {
            "Id": self.id,
            "Status": self.status,
            "Duration": sum(max(0, part.told()["Duration"]) for part in self.parts),
            "HasResultSet": any(part.told()["HasResultSet"] for part in self.parts),
            "ResultRows": last["ResultRows"],
            "ResultSize": -1,
            "RedshiftQueryId": 0,
            "SubStatements": [self._told_as_part(part) for part in self.parts],
            **({"Error": self.error} if self.error else {}),
        }

    def result(self, part_id: str, token: str) -> Mapping[str, Any]:
        """A page of GetStatementResult; of a batch without a suffix, the last result set."""
        answers = [part.answer for part in ([self._part(part_id)] if part_id != self.id else self.parts)]
        answers = [answer for answer in answers if answer.columns]
        if self.status != "FINISHED" or not answers:
            raise AwsError(
                "ResourceNotFoundException",
                "Query does not have result. Please check query status with DescribeStatement.",
            )
        if token and not (token.isascii() and token.isdigit() and int(token) < len(answers[-1].rows)):
            raise AwsError("ValidationException", "NextToken is invalid.")
        found = page(answers[-1].columns, answers[-1].rows, int(token or 0))
        for record in found["Records"]:
            for value in record:
                if "blobValue" in value:
                    value["blobValue"] = base64.b64encode(value["blobValue"]).decode()
        return found

    def _told_as_part(self, part: Part) -> dict[str, Any]:
        started, ended = part.started or self.made, part.ended or self.updated
        return part.told() | {"CreatedAt": round(started, 3), "UpdatedAt": round(ended, 3)}

    def _part(self, part_id: str) -> Part:
        for part in self.parts:
            if part.id == part_id:
                return part
        raise AwsError("ResourceNotFoundException", "Query does not exist.")
