"""Arguments and results of tasks: Step Functions writes every member in PascalCase, whatever the service calls it.

Source: Step Functions Developer Guide, "Passing parameters to a service API".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import Shape

from compiler.interpreter.query import Json


class Unknown(ValueError):
    """A member that the API does not have."""


def from_pascal(client: Any, operation: str, arguments: Json) -> dict[str, Any]:
    """The request of boto3. Raises `Unknown`."""
    found: dict[str, Any] = _request(client.meta.service_model.operation_model(operation).input_shape, arguments, "")
    return found


def _request(shape: Shape, value: Json, where: str) -> Any:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        members = {_pascal(name): name for name in shape.members}
        unknown = sorted(set(value) - set(members))
        if unknown:
            raise Unknown(f"{shape.name} has no {where}{unknown[0]}; it has {', '.join(sorted(members))}")
        return {
            members[name]: _request(shape.members[members[name]], each, f"{where}{name}.")
            for name, each in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_request(shape.member, each, where) for each in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {name: _request(shape.value, each, where) for name, each in value.items()}
    return value


def to_pascal(answer: Any) -> Json:
    """An answer of boto3 as a result: dates are milliseconds since 1970, what HTTP said is left out."""
    if isinstance(answer, Mapping):
        return {_pascal(name): to_pascal(each) for name, each in answer.items() if name != "ResponseMetadata"}
    if isinstance(answer, list):
        return [to_pascal(each) for each in answer]
    if isinstance(answer, datetime):
        return int(answer.timestamp() * 1000)
    return answer


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]
