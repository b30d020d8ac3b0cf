"""Says that an execution failed, timed out or was stopped: where, why, and which command to give.

Called by EventBridge with "Step Functions Execution Status Change". Of a machine under a key of the account the event
holds neither input nor error, so both are read of the execution itself. What to do is decided by the error's class, as
docs/runbook.md says.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.executions import Executions
from dpc_assets.steps.failures import Failure, failures, told
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run

_STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
_MOST_LINES, _MOST_CHARACTERS, _MOST_FAILURES = 20, 1500, 5

_TOLD_BEFORE = "DataHeld"
"""The run's summary has said that a month is held, with the findings: a second message would only repeat it."""

_CHILDREN = "RunsFailed"

_REDRIVE = ("RetryLater", "ClaimUnreachable", "WriterBusy", "WriterBusyWaiting", "States.Timeout")
_REDRIVE_BEGINS = ("Lambda.", "ECS.", "States.HeartbeatTimeout", "Sandbox.Timedout")
_DEPLOY = ("NotConfigured", "AnswerTooLarge", "WrongAnswer")
_DEPLOY_BEGINS = ("Runtime.", "States.QueryEvaluationError", "States.Runtime")

_TEXTS = {
    "redrive": "原因はインフラです。同じ実行を失敗した所から再開 (redrive) してください (14 日以内)。"
    " The cause is the infrastructure: redrive the same execution from where it failed (within 14 days).",
    "busy": "別の実行が書き込み中です。その終了を待って再開 (redrive) してください。"
    " Another execution was writing: wait for its end, then redrive.",
    "stopped": "実行は人の手で止められました。続けるなら再開 (redrive) してください。"
    " The execution was stopped by hand: redrive to go on.",
    "rerun": "上の文が示すデータ・設定を直してから再実行 (rerun) してください。"
    " Mend what the text above names, then rerun.",
    "deploy": "配備の不具合です。直した版を配備してから再実行 (rerun) してください。"
    " A defect of the deployment: deploy a mended one, then rerun.",
    "children": "失敗した月は、それぞれ別の通知にあります。親自身の失敗は上の文のとおりです。"
    "親の実行は再開せず、始め直してください。"
    " Each month that failed has a message of its own, what else failed stands above; never redrive the parent, start"
    " it again.",
}


def run(run: Run, ports: Ports, event: Mapping[str, Any], executions: Executions) -> Result:
    """Sends one message about the execution of `event`; none where the run's own summary has said it (DataHeld).

    Raises InputError for an event of another kind, RetryLater where the topic refuses: Lambda tries again, and what is
    never delivered goes to the queue. A history that cannot be read does not keep the message back.
    """
    detail = event.get("detail")
    if not isinstance(detail, Mapping) or not detail.get("executionArn") or not detail.get("status"):
        raise InputError(
            'event: expected "Step Functions Execution Status Change" with detail.executionArn and detail.status, '
            f"found {', '.join(sorted(event)) or 'nothing'}"
        )
    arn, status = str(detail["executionArn"]), str(detail["status"])
    unread = ""
    described: Mapping[str, Any] = detail
    found: tuple[Failure, ...] = ()
    try:
        described = executions.describe(arn)
        found = failures(executions.history(arn)) if status != "ABORTED" else ()
    except RetryLater as error:
        unread = str(error)
    if not found and described.get("error"):
        error_name, said = told(str(described["error"]), str(described.get("cause") or ""))
        found = (Failure("", error_name, said),)
    if found and all(each.error == _TOLD_BEFORE for each in found):
        return Result("notice", counts={"sent": 0, "failures": len(found)})
    given = _given(described)
    machine, name = arn.split(":")[-2:]
    month = str(given.get("partition") or "")
    ports.notifier.send(
        f"DPC {month or machine}: {status}",
        "\n".join(_body(arn, status, found, described, unread)),
        {"outcome": status, "run_id": name, "months": month},
    )
    return Result("notice", counts={"sent": 1, "failures": len(found)})


def advice(status: str, found: Sequence[Failure]) -> str:
    """Which of the texts holds: by the class of the first failure, or by how the execution ended."""
    if status == "ABORTED":  # what a person said when stopping it is no error to mend
        return "stopped"
    if not found:
        return "redrive"
    error = found[0].error
    if error == _CHILDREN:
        return "children"
    if error.startswith("WriterBusy"):
        return "busy"
    if error in _REDRIVE or error.startswith(_REDRIVE_BEGINS):
        return "redrive"
    if error in _DEPLOY or error.startswith(_DEPLOY_BEGINS):
        return "deploy"
    return "rerun"


def _body(arn: str, status: str, found: Sequence[Failure], described: Mapping[str, Any], unread: str) -> list[str]:
    machine, name = arn.split(":")[-2:]
    lines = [f"{machine} {name}: {status}"]
    for each in found[:_MOST_FAILURES]:
        lines.append(f"失敗した所 failed at: {each.state or machine}" + (f" {each.item}" if each.item else ""))
        lines.append(f"エラー error: {each.error}")
        lines += [f"  {line}" for line in each.said[:_MOST_CHARACTERS].splitlines()[:_MOST_LINES]]
    if len(found) > _MOST_FAILURES:
        lines.append(f"ほか {len(found) - _MOST_FAILURES} 件 {len(found) - _MOST_FAILURES} more in the history")
    if unread:
        lines.append(f"実行の履歴を読めませんでした the history could not be read: {unread}")
    what = advice(status, found)
    again = described.get("redriveStatus", "REDRIVABLE") == "REDRIVABLE"
    lines += ["", _TEXTS[what]]
    if what in ("redrive", "busy", "stopped") and again:
        lines.append(f"  aws stepfunctions redrive-execution --execution-arn {arn}")
    elif what == "children":
        lines.append(_start(arn, {}))
    else:
        if not again and what in ("redrive", "busy", "stopped"):
            reason = described.get("redriveStatusReason") or described["redriveStatus"]
            lines.append(f"再開できません it cannot be redriven ({reason}): rerun")
        lines.append(_start(arn, _given(described)))
    region = arn.split(":")[3]
    lines.append(f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{arn}")
    return lines


def _start(arn: str, given: Mapping[str, Any]) -> str:
    machine = arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    text = shlex.quote(json.dumps(given, ensure_ascii=False))
    return f"  aws stepfunctions start-execution --state-machine-arn {machine} --input {text}"


def _given(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """The execution's input without what Step Functions added; nothing where it is not known."""
    try:
        given = json.loads(described.get("input") or "{}")
    except ValueError:
        return {}
    return {name: value for name, value in given.items() if name != _STARTED_BY} if isinstance(given, dict) else {}
