"""What a task does: the request that Step Functions makes for it, to the server itself, under the machine's role.

Which integrations there are, their names of errors and the shapes of their results follow the Step Functions Developer
Guide: "Discover service integration patterns", "Invoke Lambda", "Run Amazon ECS tasks", "Start workflow executions from
a task state", "Handling errors in workflows". Anything else is States.Runtime.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws_local import identities
from aws_local.settings import Settings
from aws_local.states.engine import Job
from aws_local.states.recorded import Start
from aws_local.states.shapes import from_pascal, to_pascal
from compiler.interpreter.calls import Answer, Call, Failure
from compiler.interpreter.failing import RUNTIME, TASK_FAILED
from compiler.interpreter.query import Json

FUNCTION = "arn:aws:lambda:"
OPTIMIZED = "arn:aws:states:::"
TOKEN, SYNC = ".waitForTaskToken", ".sync:2"
LONGEST_ANSWER_S = 3600
"""A function may run for 15 minutes; a request that is not answered for longer is lost."""


class Refused(Exception):
    """The request failed: what the state's Retry and Catch see."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.failure = Failure(error, cause)


@dataclass(frozen=True)
class Service:
    """A service as one role calls it. `prefix` stands before its errors, `unknown` is one that its model has not."""

    client: Any
    prefix: str
    unknown: str

    def call(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(**given)
            return answer
        except ClientError as error:
            raise Refused(self._error(error), self._cause(error)) from error
        except BotoCoreError as error:
            raise Refused(f"{self.prefix}.SdkClientException", str(error)) from error

    def _error(self, error: ClientError) -> str:
        code = error.response.get("Error", {}).get("Code", "")
        service = self.client.meta.service_model
        known = {each.error_code for each in service.error_shapes} | {each.name for each in service.error_shapes}
        if code not in known and "Throttl" not in code:
            return f"{self.prefix}.{self.unknown}"
        return f"{self.prefix}.{code}" + ("" if code.endswith("Exception") else "Exception")

    def _cause(self, error: ClientError) -> str:
        about = error.response.get("ResponseMetadata", {})
        said = error.response.get("Error", {}).get("Message", "")
        name = self.client.meta.service_model.service_id
        status, request = about.get("HTTPStatusCode"), about.get("RequestId")
        return f"{said} (Service: {name}, Status Code: {status}, Request ID: {request})"


@dataclass
class Work:
    """Begins the work of tasks, each in a thread of its own. `settings`: where the server itself answers."""

    settings: Settings
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, call: Call, start: Start, job: Job) -> None:
        threading.Thread(target=self._do, args=(call, start.role, job), name=call.state, daemon=True).start()

    def _do(self, call: Call, role: str, job: Job) -> None:
        try:
            self._integrate(call, role, job)
        except Refused as refused:
            job.end(refused.failure)
        except Exception as error:
            job.end(Failure(RUNTIME, f"{call.resource} failed here: {error!r}"))

    def _integrate(self, call: Call, role: str, job: Job) -> None:
        if call.resource.startswith(FUNCTION):
            given = {"FunctionName": call.resource, "Payload": call.arguments}
            return job.end(Answer(invoke(self._service("lambda", role), given)))
        pattern = next((each for each in (TOKEN, SYNC) if call.resource.endswith(each)), "")
        name = call.resource.removeprefix(OPTIMIZED).removesuffix(pattern)
        if name == "lambda:invoke" and pattern != SYNC:
            answer = invoke(self._service("lambda", role), call.arguments)
        elif name == "ecs:runTask" and pattern != SYNC:
            answer = run_task(self._service("ecs", role), call.arguments)
        elif name == "states:startExecution":
            service = self._service("stepfunctions", role)
            answer = start_execution(service, call.arguments)
            if pattern == SYNC:
                return self._follow(service, answer, job)
        else:
            raise Refused(RUNTIME, f"{call.resource} is not run on the laptop")
        return job.accept(answer) if pattern == TOKEN else job.end(Answer(answer))

    def _follow(self, service: Service, started: Mapping[str, Any], job: Job) -> None:
        """The child that was started is waited for; it is stopped where the task is not waited for any more."""
        arn = started["ExecutionArn"]
        ended = threading.Event()

        def end() -> None:
            ended.set()
            _aside(lambda: job.end(child(service, arn)))

        def closed() -> None:
            if not ended.is_set():
                _aside(lambda: service.call("stop_execution", {"executionArn": arn}))

        def watch() -> None:
            if job.over.is_set():
                return closed()
            job.pending.closed = closed
            job.pending.accept(started)
            return job.engine.when_ended(arn, end)

        job.engine.clock.post(watch)

    def _service(self, name: str, role: str) -> Service:
        with self.making:
            if (name, role) not in self.services:
                self.services[name, role] = self._made(name, role)
            return self.services[name, role]

    def _made(self, name: str, role: str) -> Service:
        keys = identities.credentials(role)
        client = boto3.client(
            name,
            endpoint_url=self.settings.endpoint,
            region_name=self.settings.region,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys["AWS_SESSION_TOKEN"] or None,
            config=Config(
                read_timeout=LONGEST_ANSWER_S,
                max_pool_connections=100,
                retries={"mode": "standard", "total_max_attempts": 1},
                parameter_validation=True,
            ),
        )
        return Service(client, *_NAMES[name])


_NAMES = {
    "lambda": ("Lambda", "AWSLambdaException"),
    "ecs": ("ECS", "AmazonECSException"),
    "stepfunctions": ("StepFunctions", "AWSStepFunctionsException"),
}


def _aside(act: Callable[[], object]) -> None:
    threading.Thread(target=act, daemon=True).start()


def invoke(service: Service, arguments: Json) -> Json:
    """The function's payload. Its own error is named by its class, and its cause is all that Lambda said."""
    given = from_pascal(service.client, "Invoke", {**arguments, "Payload": json.dumps(arguments.get("Payload", {}))})
    answer = service.call("invoke", given)
    payload = answer["Payload"].read().decode()
    if not answer.get("FunctionError"):
        return json.loads(payload) if payload else None
    try:
        said = json.loads(payload)
    except ValueError:
        said = None
    error = said.get("errorType") if isinstance(said, dict) else None
    if error:
        raise Refused(str(error), payload)
    why = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
    raise Refused("Lambda.Unknown", why + payload)


def run_task(service: Service, arguments: Json) -> Json:
    """The answer of RunTask. A task that could not be placed stands in its `failures`: an error like a refusal, under
    the name that users report, for the documentation gives none."""
    answer = service.call("run_task", from_pascal(service.client, "RunTask", arguments))
    failures = answer.get("failures") or []
    if failures:
        raise Refused("ECS.AmazonECSException", json.dumps(failures))
    return to_pascal(answer)


def start_execution(service: Service, arguments: Json) -> Json:
    """Where no name is given the execution gets a new one; the input may be any JSON."""
    given = {"Name": str(uuid.uuid4()), **arguments}
    if not isinstance(given.get("Input", ""), str):
        given["Input"] = json.dumps(given["Input"], ensure_ascii=False)
    return to_pascal(service.call("start_execution", from_pascal(service.client, "StartExecution", given)))


def child(service: Service, arn: str) -> Answer | Failure:
    """What DescribeExecution tells of a child that has ended, input and output as JSON."""
    try:
        told = to_pascal(service.call("describe_execution", {"executionArn": arn}))
    except Refused as refused:
        return refused.failure
    for name in ("Input", "Output"):
        if name in told:
            told[name] = json.loads(told[name])
    if told["Status"] == "SUCCEEDED":
        return Answer(told)
    return Failure(TASK_FAILED, json.dumps(told, ensure_ascii=False))
