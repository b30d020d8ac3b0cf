"""The shapes in which services answer a task, and the one service that has to be remembered: the Redshift Data API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.interpreter.calls import Answer, Call, Failure, Pending, Silence
from compiler.interpreter.query import Json

INVOKE = "arn:aws:states:::lambda:invoke"
TOKEN = ".waitForTaskToken"
SYNC = (".sync", ".sync:2")
START = "arn:aws:states:::states:startExecution"
START_AND_WAIT = START + ".sync:2"
REDSHIFT = "arn:aws:states:::aws-sdk:redshiftdata:"
SUBMITS = (REDSHIFT + "executeStatement", REDSHIFT + "batchExecuteStatement")
DESCRIBES = REDSHIFT + "describeStatement"
NO_STATEMENT = "RedshiftData.ResourceNotFoundException"
API_CALL_S = 0.0
"""Virtual seconds that an API call of Step Functions itself takes."""


def has_token(resource: str) -> bool:
    """Whether the context holds Task.Token."""
    return resource.endswith((TOKEN, *SYNC))


def is_submitted(resource: str) -> bool:
    """Whether the history has TaskSubmitted: the request is answered before the task is."""
    return resource.endswith((TOKEN, *SYNC))


def result(resource: str, output: Json) -> Json:
    """What `$states.result` is for what the worker answered
    (https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html)."""
    if resource == INVOKE:
        return {"ExecutedVersion": "$LATEST", "Payload": output, "StatusCode": 200}
    return output


@dataclass(frozen=True)
class Statement:
    """A statement of the Data API: when it ends, and how."""

    ends: float
    error: str
    output: Json


class Statements:
    """The Data API: a statement is accepted at once and takes the seconds that the worker says for its submission."""

    def __init__(self) -> None:
        self._known: dict[str, Statement] = {}

    def submit(self, call: Call, answer: Answer | Failure | Silence | Pending) -> Answer | Pending:
        """The Id under which it can be asked after; what is done outside answers for itself."""
        if isinstance(answer, Pending):
            return answer
        id_ = f"statement-{len(self._known) + 1}"
        if isinstance(answer, Silence):
            known = Statement(float("inf"), "", None)
        elif isinstance(answer, Failure):
            known = Statement(call.time + answer.seconds, f"{answer.error}: {answer.cause}", None)
        else:
            known = Statement(call.time + answer.seconds, "", answer.output)
        self._known[id_] = known
        return Answer({"Id": id_}, API_CALL_S)

    def describe(self, call: Call) -> Answer | Failure:
        """Status STARTED until it ends, then FINISHED, or FAILED with its Error."""
        id_ = call.arguments.get("Id") if isinstance(call.arguments, Mapping) else None
        known = self._known.get(id_) if isinstance(id_, str) else None
        if known is None:
            return Failure(NO_STATEMENT, f"Query does not exist: {id_}", API_CALL_S)
        if call.time < known.ends:
            return Answer({"Id": id_, "Status": "STARTED"}, API_CALL_S)
        if known.error:
            return Answer({"Id": id_, "Status": "FAILED", "Error": known.error}, API_CALL_S)
        rows = known.output if isinstance(known.output, int) else -1
        return Answer({"Id": id_, "Status": "FINISHED", "ResultRows": rows}, API_CALL_S)
