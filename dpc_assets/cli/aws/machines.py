"""The deployed machines and their executions, found by name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dpc_assets.cli.aws.account import Account, Refused
from dpc_assets.cli.errors import UsageError

ELT = "dpc-learning-elt"
"""Runs one month, or a selection of it."""

PARENT = "dpc-learning-schedule"
"""Finds the months that hold something new and starts the other one for each."""

STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""What Step Functions adds to the input of an execution that another one started."""

_EXECUTION = re.compile(r"arn:[^:]+:states:([^:]+):([0-9]{12}):execution:([^:]+):([^:]+)")
_MACHINE = re.compile(r"arn:[^:]+:states:([^:]+):([0-9]{12}):stateMachine:[^:]+")
_NAME = re.compile(r"[0-9A-Za-z_.-]{1,80}")
_SUFFIX = re.compile(r"-?[a-z0-9]+(?:-[a-z0-9]+)*")
_LISTED = 20


@dataclass(frozen=True)
class Machines:
    """`suffix`: what the environment adds to every name, "" or such as "-dev" (Terraform's name_suffix)."""

    account: Account
    suffix: str = ""

    def arn(self, machine: str) -> str:
        """ARN of a machine by its name without suffix; an ARN or another name is taken as it is."""
        if machine.startswith("arn:"):
            self._of_this_region("--machine", machine, _MACHINE, "a state machine")
            return machine
        if not _NAME.fullmatch(machine):
            raise UsageError(f"--machine: expected a name or an ARN of a state machine, found {machine!r}")
        partition, account = self.account.identity()
        name = machine + self.suffix if machine in (ELT, PARENT) else machine
        return f"arn:{partition}:states:{self.account.region}:{account}:stateMachine:{name}"

    def start(self, machine: str, given: Mapping[str, Any], name: str) -> str:
        """Starts an execution; answers its ARN."""
        arn = self.arn(machine)
        try:
            answer = self.account.call(
                "stepfunctions", "start_execution", stateMachineArn=arn, name=name, input=json.dumps(given)
            )
        except Refused as refused:
            raise self._explained(refused, arn) from refused
        return str(answer["executionArn"])

    def latest(self, machine: str, count: int) -> Sequence[Mapping[str, Any]]:
        """The newest executions of a machine, newest first."""
        arn = self.arn(machine)
        try:
            answer = self.account.call("stepfunctions", "list_executions", stateMachineArn=arn, maxResults=count)
        except Refused as refused:
            raise self._explained(refused, arn) from refused
        return list(answer["executions"])[:count]

    def execution(self, named: str) -> Mapping[str, Any]:
        """DescribeExecution of an ARN, or of a name that one of the two machines knows."""
        if named.startswith("arn:"):
            self._of_this_region("EXECUTION", named, _EXECUTION, "an execution")
            candidates = [named]
        elif _NAME.fullmatch(named):
            machines = (self.arn(machine) for machine in (ELT, PARENT))
            candidates = [f"{arn.replace(':stateMachine:', ':execution:')}:{named}" for arn in machines]
        else:
            raise UsageError(f"EXECUTION: expected the name or the ARN of an execution, found {named!r}")
        for arn in candidates:
            try:
                return self.account.call("stepfunctions", "describe_execution", executionArn=arn)
            except Refused as refused:
                if refused.code not in ("ExecutionDoesNotExist", "StateMachineDoesNotExist"):
                    raise
        raise UsageError(
            f"there is no execution {named} in {self.account.region}; `dpc aws status` lists the latest"
            " / その実行はありません。`dpc aws status` で一覧を見てください"
        )

    def _of_this_region(self, what: str, arn: str, shape: re.Pattern[str], kind: str) -> None:
        found = shape.fullmatch(arn)
        if found is None:
            raise UsageError(f"{what}: expected the ARN of {kind}, found {arn}")
        if found[1] != self.account.region:
            raise UsageError(
                f"{what}: the ARN is of the region {found[1]}, and this command works in {self.account.region}; "
                f"set AWS_REGION={found[1]}"
            )

    def _explained(self, refused: Refused, arn: str) -> Exception:
        """A machine that is not there: which there are."""
        if refused.code != "StateMachineDoesNotExist":
            return refused
        answer = self.account.call("stepfunctions", "list_state_machines", maxResults=1000)
        names = sorted(str(each["name"]) for each in answer["stateMachines"])
        there = f"there are {', '.join(names[:_LISTED])}" if names else "there is none"
        return UsageError(
            f"there is no state machine {arn.rpartition(':')[2]} in {self.account.region} of the account "
            f"{arn.split(':')[4]}; {there}. Check AWS_REGION, AWS_PROFILE and --suffix, or deploy it first "
            "(infra/README.md) / ステートマシンがありません。リージョン・プロファイル・--suffix を確認してください"
        )


def suffix(text: str | None) -> str:
    """`dev` or `-dev` as `-dev`; nothing as "". Raises UsageError."""
    if not text:
        return ""
    if not _SUFFIX.fullmatch(text):
        raise UsageError(f"--suffix: expected small letters, digits and hyphens, such as dev; found {text!r}")
    return "-" + text.removeprefix("-")


def given(described: Mapping[str, Any]) -> dict[str, Any]:
    """The execution's input without what Step Functions added; nothing where it is not known."""
    try:
        found = json.loads(described.get("input") or "{}")
    except ValueError:
        return {}
    return {name: value for name, value in found.items() if name != STARTED_BY} if isinstance(found, dict) else {}
