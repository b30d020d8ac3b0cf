"""Small machines and workers for the interpreter's tests."""

from collections.abc import Mapping
from typing import Any

from compiler.interpret import Answer, Call, Execution, Failure, Silence

INVOKE = "arn:aws:states:::lambda:invoke"
TOKEN = "arn:aws:states:::ecs:runTask.waitForTaskToken"

Json = Any
Outcome = Answer | Failure | Silence


def machine(start: str, states: Mapping[str, Json], **fields: Json) -> dict[str, Json]:
    return {"QueryLanguage": "JSONata", "StartAt": start, "States": dict(states), **fields}


def scope(start: str, **states: Json) -> dict[str, Json]:
    return {"StartAt": start, "States": states}


def task(name: str = "f", **fields: Json) -> dict[str, Json]:
    """A Lambda task that ends its scope unless `Next` is given; its payload is the answer."""
    found = {
        "Type": "Task",
        "Resource": INVOKE,
        "Arguments": {"FunctionName": name, "Payload": {}},
        "Output": "{% $states.result.Payload %}",
        **fields,
    }
    return found if "Next" in found else {**found, "End": True}


class Script:
    """Answers the tries of each state in order, the last one again and again; what is not named answers at once."""

    def __init__(self, **answers: Outcome | list[Outcome]) -> None:
        self._answers = {name: each if isinstance(each, list) else [each] for name, each in answers.items()}
        self._asked: dict[str, int] = {}
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Outcome:
        self.calls.append(call)
        answers = self._answers.get(call.state, [Answer()])
        count = self._asked.get(call.state, 0)
        self._asked[call.state] = count + 1
        return answers[min(count, len(answers) - 1)]

    def asked(self) -> list[tuple[float, str]]:
        return [(call.time, call.state) for call in self.calls]


def told(execution: Execution) -> list[tuple[float, str, str]]:
    """The history as (time, type, state)."""
    return [(event.time, event.type, event.state) for event in execution.history]
