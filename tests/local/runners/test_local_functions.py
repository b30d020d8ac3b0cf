"""Lambda here: what a handler sees, how it fails, how it is killed, what is logged."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from runners_aws import ROOT, Aws, alive, name_of, until, zipped

ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return name_of(request.node.name)


def test_the_answer_is_the_handlers(aws: Aws, name: str) -> None:
    aws.function(name, ECHO)
    assert aws.invoke(name, {"日": ["本", 1, None]}) == ("", {"日": ["本", 1, None]})
    assert aws.invoke(name, None) == ("", None)
    assert aws.invoke(name, "text") == ("", "text")


def test_a_handler_finds_its_zip_the_standard_library_and_boto3(aws: Aws, name: str) -> None:
    code = """
import importlib.util
def handler(event, context):
    return [each for each in event if importlib.util.find_spec(each)]
"""
    aws.function(name, zipped({"index.py": code, "mine/__init__.py": "", "mine/part.py": ""}))
    wanted = ["mine.part", "sqlite3", "boto3", "botocore", "urllib3", "dateutil", "jmespath", "s3transfer", "six"]
    others = [
        "dpc_assets",
        "compiler",
        "aws_local",
        "duckdb",
        "sqlglot",
        "ministack",
        "hypercorn",
        "yaml",
        "pip",
        "site_",
    ]
    assert aws.invoke(name, wanted + others) == ("", wanted)


def test_the_environment_is_the_functions_and_nothing_of_the_server(aws: Aws, name: str) -> None:
    code = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
    variables = {"DPC_LAKE": "s3://a-lake", "EMPTY": ""}
    aws.function(name, code, Environment={"Variables": variables}, MemorySize=256)
    _, found = aws.invoke(name)
    changing = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT")
    for each in (*changing, "HOME", "TMPDIR"):
        assert found.pop(each)
    found.pop("LC_CTYPE", None)  # Python sets it where the machine lacks the locale (PEP 538)
    assert found == {
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_REGION": "ap-northeast-1",
        "AWS_SESSION_TOKEN": "",
        "DPC_LAKE": "s3://a-lake",
        "EMPTY": "",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "_HANDLER": "index.handler",
    }


def test_the_context_is_lambdas(aws: Aws, name: str) -> None:
    code = """
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    names = ("function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "log_group_name")
    return {"left": left, "id": context.aws_request_id, **{each: getattr(context, each) for each in names}}
"""
    aws.function(name, code, Timeout=9)
    _, found = aws.invoke(name)
    assert 8000 < found.pop("left") <= 9000
    assert len(found.pop("id")) == 36
    assert found == {
        "function_name": name,
        "function_version": "$LATEST",
        "invoked_function_arn": f"arn:aws:lambda:ap-northeast-1:000000000000:function:{name}",
        "memory_limit_in_mb": "128",
        "log_group_name": f"/aws/lambda/{name}",
    }


def test_an_error_is_called_as_its_class(aws: Aws, name: str) -> None:
    code = """
class WarehouseError(Exception):
    pass
def handler(event, context):
    raise WarehouseError(f"copy-{context.aws_request_id}")
"""
    aws.function(name, code)
    error, found = aws.invoke(name)
    request_id = found["requestId"]
    (frame,) = found["stackTrace"]
    assert error == "Unhandled"
    assert (found["errorType"], found["errorMessage"]) == ("WarehouseError", f"copy-{request_id}")
    assert frame.endswith('index.py", line 5, in handler\n    raise WarehouseError(f"copy-{context.aws_request_id}")\n')


MISSING = "Unable to import module 'index': No module named "
REFUSED = {
    "package": ({"index.py": "import duckdb\n"}, "Runtime.ImportModuleError", f"{MISSING}'duckdb'"),
    "module": ({"other.py": ""}, "Runtime.ImportModuleError", f"{MISSING}'index'"),
    "handler": ({"index.py": "run = 1\n"}, "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
    "syntax": (
        {"index.py": "import nothing.\n"},
        "Runtime.UserCodeSyntaxError",
        "Syntax error in module 'index': invalid syntax (index.py, line 1)",
    ),
    "raises": ({"index.py": "raise LookupError('at import')\n"}, "LookupError", "at import"),
    "answer": (
        {"index.py": "def handler(event, context):\n    return {1, 2}\n"},
        "Runtime.MarshalError",
        "Unable to marshal response: Object of type set is not JSON serializable",
    ),
}


@pytest.mark.parametrize(("files", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_what_the_runtime_refuses(aws: Aws, name: str, files: dict[str, str], kind: str, message: str) -> None:
    aws.function(name, zipped(files))
    error, found = aws.invoke(name)
    assert (error, found["errorType"], found["errorMessage"]) == ("Unhandled", kind, message)


def test_a_function_is_ended_at_its_timeout(aws: Aws, name: str) -> None:
    code = "import os, time\nprint(os.getpid())\ndef handler(event, context):\n    time.sleep(event)\n"
    aws.function(name, code, Timeout=1)
    begun = time.monotonic()
    error, found = aws.invoke(name, 60)
    assert time.monotonic() - begun < 10
    request_id = found["errorMessage"].split()[1]
    assert error == "Unhandled"
    assert found == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    process = int(aws.logs(f"/aws/lambda/{name}")[1])
    until(lambda: not alive(process), 5, "the process is still there")
    assert aws.invoke(name, 0)[0] == ""  # in a new one


def test_a_process_that_ends_is_an_exit_error(aws: Aws, name: str) -> None:
    code = """
import os, signal, sys
def handler(event, context):
    os.kill(os.getpid(), signal.SIGKILL) if event == "kill" else sys.exit(event)
"""
    aws.function(name, code)
    for event, how in (("kill", "signal: killed"), (1, "exit status 1")):
        error, found = aws.invoke(name, event)
        request_id = found["errorMessage"].split()[1]
        assert error == "Unhandled"
        assert found == {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: {how}",
        }


def test_a_warm_process_is_used_again_and_two_at_once_have_one_each(aws: Aws, name: str) -> None:
    code = "import os, time\ndef handler(event, context):\n    time.sleep(event)\n    return os.getpid()\n"
    aws.function(name, code)
    first = aws.invoke(name, 0)
    assert aws.invoke(name, 0) == first
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(aws.invoke(name, 1))) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({process for _, process in found}) == 3


def test_changed_code_and_changed_variables_make_new_processes(aws: Aws, name: str) -> None:
    code = "import os\ndef handler(event, context):\n    return os.environ['WORD']\n"
    aws.function(name, code, Environment={"Variables": {"WORD": "one"}})
    assert aws.invoke(name) == ("", "one")
    aws.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"WORD": "two"}})
    assert aws.invoke(name) == ("", "two")
    aws.client("lambda").update_function_code(FunctionName=name, ZipFile=zipped({"index.py": ECHO}))
    assert aws.invoke(name, "three") == ("", "three")


def test_the_log_is_lambdas(aws: Aws, name: str) -> None:
    code = """
import logging, sys
def handler(event, context):
    print("printed")
    sys.stderr.write("half a ")
    sys.stderr.write("line")
    logging.getLogger("dpc").warning("two\\nlines")
    logging.getLogger("dpc").info("not heard")
    raise ValueError("wrong")
"""
    aws.function(name, code)
    _, found = aws.invoke(name)
    request_id = found["requestId"]
    messages = aws.logs(f"/aws/lambda/{name}")
    report = messages.pop()
    warning = messages.pop(3)
    assert warning.startswith("[WARNING]\t") and warning.endswith(f"Z\t{request_id}\ttwo\nlines")
    assert messages[:3] == [f"START RequestId: {request_id} Version: $LATEST", "printed", "half a line"]
    error, end = messages[3:]
    assert error.startswith("[ERROR] ValueError: wrong\nTraceback (most recent call last):\n\u00a0\u00a0File ")
    assert end == f"END RequestId: {request_id}"
    assert [each.split(":")[0] for each in report.split("\t")] == [
        "REPORT RequestId", "Duration", "Billed Duration", "Memory Size", "Max Memory Used", "Init Duration",
    ]  # fmt: skip


def counts(aws: Aws, group: str, metric: str, pattern: str) -> None:
    if not aws.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        aws.client("logs").create_log_group(logGroupName=group)
    told = {"metricNamespace": "dpc", "metricName": metric, "metricValue": "1", "unit": "Count"}
    given = {"logGroupName": group, "filterName": metric, "filterPattern": pattern}
    aws.client("logs").put_metric_filter(**given, metricTransformations=[told])


def counted(aws: Aws, metric: str) -> float:
    now = time.time()
    given = {"StartTime": now - 300, "EndTime": now + 300, "Period": 3600, "Statistics": ["Sum"]}
    found = aws.client("cloudwatch").get_metric_statistics(Namespace="dpc", MetricName=metric, **given)
    return float(sum(each["Sum"] for each in found["Datapoints"]))


def test_a_metric_filter_counts_the_errors_it_is_for_and_its_alarm_tells(aws: Aws, name: str) -> None:
    code = "class WarehouseError(Exception): pass\ndef handler(event, context):\n    raise WarehouseError(event)\n"
    aws.function(name, code)
    counts(aws, f"/aws/lambda/{name}", f"{name}-copy", '"[ERROR] WarehouseError: copy-"')
    counts(aws, f"/aws/lambda/{name}", f"{name}-words", "ERROR failed -efn")
    counts(aws, f"/aws/lambda/{name}", f"{name}-case", '"[error]"')
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name, Namespace="dpc", MetricName=f"{name}-copy", Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    for event in ("copy-ff1 failed", "migrate-1 failed", "copy-efn failed"):
        aws.invoke(name, event)
    assert [counted(aws, f"{name}-{each}") for each in ("copy", "words", "case")] == [2.0, 2.0, 0.0]
    (alarm,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"


def test_a_metric_filter_that_is_not_evaluated_is_refused(aws: Aws) -> None:
    with pytest.raises(ClientError, match="only words and quoted phrases"):
        counts(aws, "/any", "any", '{ $.level = "ERROR" }')


def test_an_event_that_nobody_waits_for_is_tried_three_times(aws: Aws, name: str, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"""
def handler(event, context):
    with open({str(seen)!r}, "a") as file:
        file.write(context.aws_request_id + "\\n")
    raise ValueError(event)
"""
    aws.function(name, code)
    answer = aws.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'"a"')
    assert answer["StatusCode"] == 202
    until(lambda: seen.exists() and len(seen.read_text().splitlines()) == 3, 20, "fewer than three tries")


def test_an_event_that_fails_for_good_is_a_dead_letter_sent_by_the_role(aws: Aws, name: str) -> None:
    role = "arn:aws:iam::000000000000:role/of-dead-letters"
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
    arn = "arn:aws:sqs:ap-northeast-1:000000000000:undelivered"
    code = "def handler(event, context):\n    raise ValueError('no channel')\n"
    aws.function(name, code, Role=role, DeadLetterConfig={"TargetArn": arn})
    event = {"detail": {"status": "FAILED"}}
    aws.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))

    def got() -> Any:
        return sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages")

    (message,) = until(got, 20, "no dead letter")
    attributes = {each: told["StringValue"] for each, told in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == event
    assert len(attributes.pop("RequestID")) == 36
    assert attributes == {"ErrorCode": "200", "ErrorMessage": "no channel"}
    assert [each["operation"] for each in aws.calls(caller=role, service="sqs")] == ["SendMessage"]


def test_the_caller_of_a_handlers_calls_is_its_role(aws: Aws, name: str) -> None:
    code = """
import boto3
def handler(event, context):
    return boto3.client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"]
"""
    role = "arn:aws:iam::000000000000:role/of-this-test"
    aws.function(name, code, Role=role)
    assert aws.invoke(name) == ("", 200)
    called = [(each["service"], each["operation"], each["via"]) for each in aws.calls(caller=role)]
    via = "lambda.amazonaws.com"
    assert called == [("logs", "CreateLogStream", via), ("s3", "ListBuckets", ""), ("logs", "PutLogEvents", via)]


def test_a_function_is_killed_on_demand(aws: Aws, name: str) -> None:
    aws.function(name, "import time\ndef handler(event, context):\n    time.sleep(event)\n")
    assert aws.faults("POST", {"kill": {"function": name}}) == {"killed": 0}
    assert aws.faults("POST", {"kill": {"function": name, "after_ms": 300}}) == {"killed": 0}
    error, found = aws.invoke(name, 30)
    assert (error, found["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert aws.invoke(name, 0) == ("", None)


def test_code_is_read_only_and_work_has_a_folder(aws: Aws, name: str) -> None:
    code = """
import os, stat, tempfile
def handler(event, context):
    modes = [stat.S_IMODE(os.stat(each).st_mode) for each in (os.path.dirname(__file__), __file__)]
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("a")
        return [modes, os.path.dirname(file.name) == os.environ["TMPDIR"], os.getcwd() == os.path.dirname(__file__)]
"""
    aws.function(name, code)
    assert aws.invoke(name) == ("", [[0o555, 0o444], True, True])


@pytest.mark.soak
def test_every_zip_of_the_compiler_answers(aws: Aws, tmp_path: Path) -> None:
    """The runtime imports and calls each: what comes is its own refusal of a wrong event, no fault of the runtime."""
    words = ["build", "--out", str(tmp_path / "generated"), "--dist", str(tmp_path / "dist")]
    subprocess.run([ROOT / ".venv/bin/dpc-compile", *words], cwd=ROOT, check=True, capture_output=True, timeout=120)
    manifest = json.loads((tmp_path / "generated/manifest.json").read_text("utf-8"))
    found = {}
    for name, each in manifest["functions"].items():
        aws.function(f"{name}-built", (tmp_path / "dist" / each["file"]).read_bytes(), Handler=each["handler"])
        error, told = aws.invoke(f"{name}-built", {})
        found[name] = told["errorType"] if error else ""
    assert set(found) == set(manifest["functions"])
    assert {name for name, kind in found.items() if kind.startswith(("Runtime.", "Sandbox."))} == set()
