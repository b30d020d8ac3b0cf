"""How much a container can be told: the overrides of one ECS task hold 8,192 characters."""

import json
import re

from compiler.graph import ContainerStep, Unit
from compiler.runtime.names import CONTAINER_VARIABLES

OVERRIDES_MAX = 8192
"""Characters of the overrides of one ECS task, the JSON around them included (Amazon ECS, TaskOverride)."""

TOKEN_MAX, ARN_MAX, PARTITION_MAX, HOLE_MAX = 2048, 256, 64, 128
"""Characters that a task token and an execution's ARN may have (Step Functions API); what else is kept free."""

_HOLE = re.compile(r"\$\{[^}]*\}")


def words_room(unit: Unit) -> int:
    """Characters of words that fit into the overrides of a unit's container run; the least of its containers'."""
    rooms = [_room(unit, step) for step in unit.steps if isinstance(step, ContainerStep)]
    return min(rooms, default=0)


def _room(unit: Unit, step: ContainerStep) -> int:
    told = dict.fromkeys(CONTAINER_VARIABLES, "")
    told |= {"TASK_TOKEN": "x" * TOKEN_MAX, "EXECUTION": "x" * ARN_MAX, "PARTITION": "x" * PARTITION_MAX}
    told |= {"UNIT": unit.name, "REDRIVE": "xxxx", "HEARTBEAT_S": str(step.heartbeat_s)}
    told |= {name: _HOLE.sub("x" * HOLE_MAX, value) for name, value in step.env}
    environment = [{"name": name, "value": value} for name, value in told.items()]
    overrides = {"containerOverrides": [{"name": step.container, "environment": environment}]}
    return max(0, OVERRIDES_MAX - len(json.dumps(overrides)))
