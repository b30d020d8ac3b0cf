"""The machines that ministack keeps, read as an execution of them starts."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ministack.services import stepfunctions as kept

_TOLD = ("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration", "revisionId")


def started(arn: str) -> Mapping[str, Any] | None:
    """What an execution starts with, for a machine, one of its versions or an alias; None where there is none.

    Under the account and region of the request. `kept` holds what DescribeStateMachineForExecution tells beside.
    """
    base = kept._resolve_state_machine_arn(arn)
    if base is None:
        return None
    machine = kept._state_machines[base]
    version_arn = kept._execution_version_arn(arn)
    version = kept._state_machine_versions.get(version_arn) or {}
    found = {**machine, **{name: value for name, value in version.items() if name in ("definition", "roleArn", *_TOLD)}}
    told = {name: copy.deepcopy(found[name]) for name in _TOLD if name in found}
    return {
        "stateMachineArn": base,
        "name": machine["name"],
        "definition": found["definition"],
        "roleArn": found["roleArn"],
        "kept": {"updateDate": _seconds(machine.get("updateDate") or machine.get("creationDate")), **told},
        "version": version_arn,
        "alias": arn if arn in kept._state_machine_aliases else None,
    }


def _seconds(date: object) -> float:
    """Seconds since 1970 of a date as ministack keeps it."""
    if isinstance(date, int | float):
        return float(date)
    return datetime.fromisoformat(str(date)).timestamp() if date else time.time()
