"""Executions over HTTP, read by boto3: their history and how `dpc_assets.steps.failures` reads it, redrive, tokens."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from states_aws import REGION, ROLE, Aws, machine, task, waiting

from dpc_assets.steps.executions import Executions
from dpc_assets.steps.failures import Failure, failures

RETRY = [{"ErrorEquals": ["Broken"], "IntervalSeconds": 5, "MaxAttempts": 2, "JitterStrategy": "FULL"}]
FIRST_TRY = "{% {'fail': $states.context.State.RetryCount = 0 ? 'once' : ''} %}"
FIRST_RUN = "{% {'fail': $states.context.Execution.RedriveCount = 0 ? 'until redriven' : ''} %}"


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def read(aws: Aws, arn: str) -> tuple[Failure, ...]:
    return failures(Executions(aws.states).history(arn))


def plain(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "timestamp"}


def test_the_history_of_a_retried_task_event_by_event(aws: Aws) -> None:
    arn = aws.start(aws.machine("retried", machine("A", {"A": task("maybe", FIRST_TRY, Retry=RETRY)})), {"x": 1})
    assert aws.ended(arn)["output"] == '{"fail":""}'
    events = [plain(each) for each in aws.history(arn)]
    cause = events[4]["taskFailedEventDetails"].pop("cause")
    assert (json.loads(cause)["errorType"], json.loads(cause)["errorMessage"]) == ("Broken", "once")
    of = {"resourceType": "lambda", "resource": "invoke"}
    not_cut = {"truncated": False}
    assert events == [
        {
            "type": "ExecutionStarted",
            "id": 1,
            "previousEventId": 0,
            "executionStartedEventDetails": {"input": '{"x": 1}', "inputDetails": not_cut, "roleArn": ROLE},
        },
        {
            "type": "TaskStateEntered",
            "id": 2,
            "previousEventId": 1,
            "stateEnteredEventDetails": {"name": "A", "input": '{"x":1}', "inputDetails": not_cut},
        },
        {
            "type": "TaskScheduled",
            "id": 3,
            "previousEventId": 2,
            "taskScheduledEventDetails": {
                **of,
                "region": REGION,
                "parameters": '{"FunctionName":"maybe","Payload":{"fail":"once"}}',
                "timeoutInSeconds": 60,
            },
        },
        {"type": "TaskStarted", "id": 4, "previousEventId": 3, "taskStartedEventDetails": of},
        {"type": "TaskFailed", "id": 5, "previousEventId": 4, "taskFailedEventDetails": {**of, "error": "Broken"}},
        {
            "type": "TaskScheduled",
            "id": 6,
            "previousEventId": 5,
            "taskScheduledEventDetails": {
                **of,
                "region": REGION,
                "parameters": '{"FunctionName":"maybe","Payload":{"fail":""}}',
                "timeoutInSeconds": 60,
            },
        },
        {"type": "TaskStarted", "id": 7, "previousEventId": 6, "taskStartedEventDetails": of},
        {
            "type": "TaskSucceeded",
            "id": 8,
            "previousEventId": 7,
            "taskSucceededEventDetails": {
                **of,
                "output": '{"ExecutedVersion":"$LATEST","Payload":{"fail":""},"StatusCode":200}',
                "outputDetails": not_cut,
            },
        },
        {
            "type": "TaskStateExited",
            "id": 9,
            "previousEventId": 8,
            "stateExitedEventDetails": {"name": "A", "output": '{"fail":""}', "outputDetails": not_cut},
        },
        {
            "type": "ExecutionSucceeded",
            "id": 10,
            "previousEventId": 9,
            "executionSucceededEventDetails": {"output": '{"fail":""}', "outputDetails": not_cut},
        },
    ]
    assert read(aws, arn) == ()


def test_a_redrive_resumes_at_the_state_that_failed(aws: Aws) -> None:
    states = {"A": task("echo", Next="B"), "B": task("maybe", FIRST_RUN)}
    arn = aws.start(aws.machine("redriven", machine("A", states)), {"x": 1})
    told = aws.ended(arn)
    assert (told["status"], told["error"], told["redriveStatus"]) == ("FAILED", "Broken", "REDRIVABLE")
    assert read(aws, arn) == (Failure("B", "Broken", "until redriven"),)
    # The machine may be another by now: the redrive keeps to the one that it was started with.
    aws.machine_update("redriven", machine("A", {"A": {"Type": "Fail"}}))
    aws.states.redrive_execution(executionArn=arn)
    told = aws.ended(arn)
    assert (told["status"], told["redriveCount"], told["redriveStatus"]) == ("SUCCEEDED", 1, "NOT_REDRIVABLE")
    assert told["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert "error" not in told and told["stopDate"] > told["redriveDate"] > told["startDate"]
    assert aws.types(arn)[9:] == [
        "TaskFailed",
        "ExecutionFailed",
        "ExecutionRedriven",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert aws.history(arn)[11]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    about = aws.states.describe_state_machine_for_execution(executionArn=arn)
    assert json.loads(about["definition"])["States"]["B"]["Type"] == "Task"
    with pytest.raises(ClientError) as refused:
        aws.states.redrive_execution(executionArn=arn)
    assert code(refused) == "ExecutionNotRedrivable"


def test_a_silent_container_is_noticed_and_its_token_is_dead(aws: Aws) -> None:
    states = {"A": waiting("echo", HeartbeatSeconds=1, TimeoutSeconds=20)}
    arn = aws.start(aws.machine("silent", machine("A", states)))
    token = aws.token(arn)
    for _ in range(3):
        time.sleep(0.5)
        aws.states.send_task_heartbeat(taskToken=token)
    last = time.monotonic()
    assert aws.ended(arn)["error"] == "States.HeartbeatTimeout"
    assert 0.8 < time.monotonic() - last < 2
    assert read(aws, arn) == (Failure("A", "States.HeartbeatTimeout", "no heartbeat for 1 seconds"),)
    for send in (
        lambda: aws.states.send_task_heartbeat(taskToken=token),
        lambda: aws.states.send_task_success(taskToken=token, output="{}"),
        lambda: aws.states.send_task_failure(taskToken=token, error="E"),
    ):
        with pytest.raises(aws.states.exceptions.TaskTimedOut):
            send()


def test_a_token_is_good_once(aws: Aws) -> None:
    arn = aws.start(aws.machine("token", machine("A", {"A": waiting("echo", HeartbeatSeconds=20)})))
    token = aws.token(arn)
    with pytest.raises(aws.states.exceptions.InvalidOutput):
        aws.states.send_task_success(taskToken=token, output="{")
    aws.states.send_task_success(taskToken=token, output='{"rows": 3}')
    assert aws.ended(arn)["output"] == '{"rows":3}'
    assert aws.types(arn)[4:6] == ["TaskSubmitted", "TaskSucceeded"]
    with pytest.raises(aws.states.exceptions.TaskTimedOut):
        aws.states.send_task_success(taskToken=token, output="{}")
    with pytest.raises(aws.states.exceptions.TaskDoesNotExist):
        aws.states.send_task_success(taskToken=str(uuid.uuid4()), output="{}")
    with pytest.raises(aws.states.exceptions.InvalidToken):
        aws.states.send_task_success(taskToken="nonsense", output="{}")


def test_what_a_container_says_of_its_failure_is_the_states_error(aws: Aws) -> None:
    arn = aws.start(aws.machine("told", machine("A", {"A": waiting("echo", HeartbeatSeconds=20)})))
    aws.states.send_task_failure(taskToken=aws.token(arn), error="DbtFailed", cause="one model")
    assert aws.ended(arn)["status"] == "FAILED"
    assert read(aws, arn) == (Failure("A", "DbtFailed", "one model"),)


def test_limits_of_time_of_a_task_and_of_the_machine(aws: Aws) -> None:
    task_ = aws.start(aws.machine("slow-task", machine("A", {"A": task("nap", TimeoutSeconds=1)})), {"seconds": 2})
    slow = machine("A", {"A": task("nap")}, TimeoutSeconds=1)
    whole = aws.start(aws.machine("slow-machine", slow), {"seconds": 2})
    told = aws.ended(task_)
    assert (told["status"], told["error"]) == ("FAILED", "States.Timeout")
    assert aws.types(task_)[-2:] == ["TaskTimedOut", "ExecutionFailed"]
    assert aws.ended(whole)["status"] == "TIMED_OUT"
    assert aws.types(whole)[-2:] == ["TaskStateAborted", "ExecutionTimedOut"]


def test_a_sibling_that_fails_cuts_the_others_off_and_their_tokens(aws: Aws) -> None:
    branches = [
        {"StartAt": "Slow", "States": {"Slow": waiting("echo", HeartbeatSeconds=20)}},
        {"StartAt": "Bad", "States": {"Bad": waiting("echo")}},
    ]
    arn = aws.start(
        aws.machine("siblings", machine("P", {"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
    )
    tokens = aws.until(lambda: tokens_of(aws, arn), lambda found: len(found) == 2)
    aws.states.send_task_failure(taskToken=tokens["Bad"], error="Broken", cause="no")
    assert aws.ended(arn)["error"] == "Broken"
    assert aws.types(arn)[-4:] == ["TaskFailed", "TaskStateAborted", "ParallelStateFailed", "ExecutionFailed"]
    assert read(aws, arn) == (Failure("Bad", "Broken", "no"),)
    with pytest.raises(aws.states.exceptions.TaskTimedOut):
        aws.states.send_task_success(taskToken=tokens["Slow"], output="{}")


def tokens_of(aws: Aws, arn: str) -> dict[str, str]:
    """State -> token, of the tasks that were submitted."""
    events = {each["id"]: each for each in aws.history(arn)}
    found = {}
    for each in events.values():
        if each["type"] == "TaskSubmitted":
            scheduled = events[events[each["previousEventId"]]["previousEventId"]]
            entered = events[scheduled["previousEventId"]]["stateEnteredEventDetails"]["name"]
            given = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])
            found[entered] = given["Payload"]["token"]
    return found


def test_an_iteration_that_fails_is_told_with_its_item(aws: Aws) -> None:
    inner = {"StartAt": "Each", "States": {"Each": task("maybe", "{% {'fail': $states.input.bad ? 'no' : ''} %}")}}
    each = {"Type": "Map", "Items": "{% $states.input.items %}", "MaxConcurrency": 1, "ItemProcessor": inner}
    found = aws.machine("map", machine("M", {"M": {**each, "End": True}}))
    good = aws.start(found, {"items": [{"bad": False}, {"bad": False}]})
    assert aws.ended(good)["output"] == '[{"fail":""},{"fail":""}]'
    events = aws.history(good)
    assert events[2]["mapStateStartedEventDetails"] == {"length": 2}
    assert [
        (each["type"], each["mapIterationStartedEventDetails"])
        for each in events
        if each["type"] == "MapIterationStarted"
    ] == [("MapIterationStarted", {"name": "M", "index": 0}), ("MapIterationStarted", {"name": "M", "index": 1})]
    bad = aws.start(found, {"items": [{"bad": False}, {"bad": True}]})
    assert aws.ended(bad)["status"] == "FAILED"
    assert aws.types(bad)[-4:] == ["TaskFailed", "MapIterationFailed", "MapStateFailed", "ExecutionFailed"]
    assert read(aws, bad) == (Failure("Each", "Broken", "no", '{"bad":true}'),)


def test_a_child_is_an_execution_of_its_own_and_is_stopped_with_its_parent(aws: Aws) -> None:
    child = aws.machine("child", machine("A", {"A": task("maybe", Next="B"), "B": waiting("echo")}))
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {"StateMachineArn": child, "Input": "{% $states.input %}"},
        "End": True,
    }
    parent = aws.machine("parent", machine("Run", {"Run": run}))

    first = aws.start(parent, {"n": 1})
    (of_first,) = aws.until(lambda: executions(aws, child), bool)
    aws.states.send_task_success(taskToken=aws.token(of_first), output='{"done": true}')
    output = json.loads(aws.ended(first)["output"])
    assert (output["ExecutionArn"], output["Status"]) == (of_first, "SUCCEEDED")
    assert (output["Input"], output["Output"]) == ({"n": 1}, {"done": True})
    assert aws.types(first)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    told = aws.states.get_execution_history(executionArn=first)["events"][2]["taskScheduledEventDetails"]
    assert (told["resourceType"], told["resource"]) == ("states", "startExecution.sync:2")

    second = aws.ended(aws.start(parent, {"fail": "no"}))
    assert second["error"] == "States.TaskFailed"
    assert json.loads(second["cause"])["Error"] == "Broken"

    third = aws.start(parent, {"n": 3})
    of_third = aws.until(lambda: executions(aws, child, "RUNNING"), bool)[0]
    aws.token(of_third)
    aws.states.stop_execution(executionArn=third, error="ByHand", cause="enough")
    told = aws.describe(third)
    assert (told["status"], told["error"], told["cause"]) == ("ABORTED", "ByHand", "enough")
    assert aws.types(third)[-2:] == ["TaskStateAborted", "ExecutionAborted"]
    assert aws.ended(of_third)["status"] == "ABORTED"


def test_a_parent_that_is_stopped_at_once_leaves_no_child(aws: Aws) -> None:
    child = aws.machine("orphan", machine("A", {"A": waiting("echo")}))
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {"StateMachineArn": child},
        "End": True,
    }
    parent = aws.machine("hasty", machine("Run", {"Run": run}))
    for _ in range(5):
        aws.states.stop_execution(executionArn=aws.start(parent))
    aws.until(lambda: executions(aws, child), lambda found: len(found) == 5)
    aws.until(lambda: executions(aws, child, "RUNNING"), lambda found: not found)


def executions(aws: Aws, machine: str, *status: str) -> list[str]:
    more = {"statusFilter": status[0]} if status else {}
    return [each["executionArn"] for each in aws.states.list_executions(stateMachineArn=machine, **more)["executions"]]


def test_a_name_is_used_once(aws: Aws) -> None:
    found = aws.machine("named", machine("A", {"A": waiting("echo")}))
    first = aws.start(found, {"x": 1}, name="monday")
    assert aws.start(found, {"x": 1}, name="monday") == first
    with pytest.raises(aws.states.exceptions.ExecutionAlreadyExists):
        aws.start(found, {"x": 2}, name="monday")
    aws.states.stop_execution(executionArn=first)
    with pytest.raises(aws.states.exceptions.ExecutionAlreadyExists):
        aws.start(found, {"x": 1}, name="monday")
    with pytest.raises(aws.states.exceptions.InvalidName):
        aws.start(found, name="a b")
    with pytest.raises(aws.states.exceptions.InvalidExecutionInput):
        aws.states.start_execution(stateMachineArn=found, input="{")
    with pytest.raises(aws.states.exceptions.ExecutionDoesNotExist):
        aws.describe(first + "x")


def test_pages_of_a_history_and_of_executions(aws: Aws) -> None:
    found = aws.machine("paged", machine("A", {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}))
    arns = [aws.start(found, {"n": n}) for n in range(3)]
    for each in arns:
        aws.ended(each)
    first = aws.states.get_execution_history(executionArn=arns[0], maxResults=4, reverseOrder=True)
    rest = aws.states.get_execution_history(
        executionArn=arns[0], maxResults=4, reverseOrder=True, nextToken=first["nextToken"]
    )
    assert [each["id"] for each in first["events"] + rest["events"]] == [6, 5, 4, 3, 2, 1]
    assert "nextToken" not in rest
    with pytest.raises(aws.states.exceptions.InvalidToken):
        aws.states.get_execution_history(executionArn=arns[1], nextToken=first["nextToken"])
    bare = aws.states.get_execution_history(executionArn=arns[0], includeExecutionData=False)
    assert bare["events"][1]["stateEnteredEventDetails"] == {"name": "A", "inputDetails": {"truncated": False}}
    pages = aws.states.get_paginator("list_executions").paginate(
        stateMachineArn=found, PaginationConfig={"PageSize": 2}
    )
    assert [each["executionArn"] for page in pages for each in page["executions"]] == arns[::-1]


def test_a_definition_that_aws_would_refuse_is_refused_with_every_problem(aws: Aws) -> None:
    broken = machine("A", {"A": {"Type": "Task", "Resource": "x", "Next": "Nowhere"}})
    with pytest.raises(aws.states.exceptions.InvalidDefinition) as refused:
        aws.machine("broken", broken)
    assert 'state "A"' in str(refused.value) and "Nowhere" in str(refused.value)
    good = aws.machine("mended", machine("A", {"A": {"Type": "Succeed"}}))
    with pytest.raises(aws.states.exceptions.InvalidDefinition):
        aws.states.update_state_machine(stateMachineArn=good, definition=broken)
    told = aws.states.validate_state_machine_definition(definition=broken)
    assert told["result"] == "FAIL" and {each["severity"] for each in told["diagnostics"]} == {"ERROR"}
    assert {"DANGLING_NEXT"} <= {each["code"] for each in told["diagnostics"]}
    fine = aws.states.validate_state_machine_definition(definition=machine("A", {"A": {"Type": "Succeed"}}))
    assert (fine["result"], fine["diagnostics"]) == ("OK", [])


def test_requests_that_aws_refuses_become_errors_of_the_integration(aws: Aws) -> None:
    ecs = "arn:aws:states:::ecs:runTask.waitForTaskToken"
    token = [{"Name": "dbt", "Environment": [{"Name": "T", "Value": "{% $states.context.Task.Token %}"}]}]
    run = {"Cluster": "nowhere", "TaskDefinition": "nothing", "Overrides": {"ContainerOverrides": token}}
    given = {
        "Lambda.ResourceNotFoundException": task("nobody"),
        "ECS.ClientException": task("", Resource=ecs, Arguments=run),
        "States.Runtime": task("", Resource=ecs, Arguments={**run, "Colour": "red"}),
    }
    for number, (error, state) in enumerate(given.items()):
        state.pop("Output")
        told = aws.ended(aws.start(aws.machine(f"refused-{number}", machine("A", {"A": state}))))
        assert told["error"] == error, told


def test_a_throttled_function_is_retried_by_its_name(aws: Aws) -> None:
    fault = {
        "service": "lambda",
        "operation": "Invoke",
        "caller": "role-stepfunctions-dpc",
        "code": "TooManyRequestsException",
        "message": "Rate Exceeded.",
        "status": 429,
    }
    with urllib.request.urlopen(f"{aws.endpoint}/_dpc/faults", json.dumps(fault).encode()):
        pass
    retry = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1}]
    arn = aws.start(aws.machine("throttled", machine("A", {"A": task("echo", Retry=retry)})))
    assert aws.ended(arn)["status"] == "SUCCEEDED"
    failed = aws.history(arn)[4]["taskFailedEventDetails"]
    assert failed["error"] == "Lambda.TooManyRequestsException"
    assert failed["cause"].startswith("Rate Exceeded. (Service: Lambda, Status Code: 429, Request ID: ")


def test_calls_are_made_by_the_machines_role(aws: Aws) -> None:
    aws.ended(aws.start(aws.machine("role", machine("A", {"A": task("echo", Arguments={"FunctionName": "echo"})}))))
    lines = [json.loads(line) for line in (aws.folder / "calls.jsonl").read_text("utf-8").splitlines()]
    invoked = [each for each in lines if each["operation"] == "Invoke"]
    assert {each["caller"] for each in invoked} == {ROLE}


def test_changes_of_status_reach_a_function_and_the_history_a_log_group(aws: Aws) -> None:
    group = "/aws/vendedlogs/states/logged"
    aws.client("logs").create_log_group(logGroupName=group)
    logging = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [
            {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:000000000000:log-group:{group}:*"}}
        ],
    }
    found = aws.machine("logged", machine("A", {"A": task("maybe", FIRST_RUN)}), loggingConfiguration=logging)
    events = aws.client("events")
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [found]},
    }
    events.put_rule(Name="changes", EventPattern=json.dumps(pattern))
    function = aws.client("lambda").get_function(FunctionName="print")["Configuration"]["FunctionArn"]
    events.put_targets(Rule="changes", Targets=[{"Id": "1", "Arn": function}])
    arn = aws.start(found)
    aws.ended(arn)
    aws.states.redrive_execution(executionArn=arn)
    aws.ended(arn)
    told = aws.until(lambda: printed(aws), lambda found: len(found) == 4)
    assert sorted((each["detail"]["redriveCount"], each["detail"]["status"]) for each in told) == [
        (0, "FAILED"),
        (0, "RUNNING"),
        (1, "RUNNING"),
        (1, "SUCCEEDED"),
    ]
    failed = next(each for each in told if each["detail"]["status"] == "FAILED")
    assert failed["resources"] == [arn]
    assert (failed["detail"]["error"], failed["detail"]["redriveStatus"]) == ("Broken", "REDRIVABLE")
    assert failed["detail"]["stopDate"] > failed["detail"]["startDate"] > 1_600_000_000_000
    lines = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    logged = [json.loads(each["message"]) for each in lines]
    assert [each["type"] for each in logged] == aws.types(arn)
    assert logged[1]["details"]["name"] == "A" and logged[-1]["redrive_count"] == "1"


def printed(aws: Aws) -> list[dict[str, Any]]:
    logs = aws.client("logs")
    try:
        lines = logs.filter_log_events(logGroupName="/aws/lambda/print")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    found = [each["message"].partition("EVENT ")[2] for each in lines if "EVENT " in each["message"]]
    return [json.loads(each.splitlines()[0]) for each in found]


def test_what_is_not_served_says_so(aws: Aws) -> None:
    found = aws.machine("unserved", machine("A", {"A": {"Type": "Succeed"}}))
    with pytest.raises(aws.states.exceptions.StateMachineTypeNotSupported):
        aws.states.start_sync_execution(stateMachineArn=found)
    with pytest.raises(ClientError) as refused:
        aws.states.test_state(definition=machine("A", {}), roleArn=ROLE)
    assert code(refused) == "NotOnThisLaptop"
    state = task("", Resource="arn:aws:states:::sns:publish", Arguments={"Message": "x"})
    state.pop("Output")
    told = aws.ended(aws.start(aws.machine("publish", machine("A", {"A": state}))))
    assert (told["error"], told["cause"]) == ("States.Runtime", "arn:aws:states:::sns:publish is not run on the laptop")
