"""Requests held against the service's own model, the one that botocore is made of: what AWS would refuse for its shape
is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

from aws_local.errors import AwsError


class Missing(AwsError):
    """An operation that AWS has and this server has not."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__("NotOnThisLaptop", f"{service}:{operation} is not part of the AWS on a laptop.", 501)


def check(service: str, operation: str, request: Mapping[str, Any]) -> None:
    """`service` as botocore names it. Raises UnknownOperationException, or ValidationException with every problem."""
    model = _models(service)
    if operation not in model.operation_names:
        raise AwsError("UnknownOperationException", f"{service} has no operation {operation or '(none)'}.")
    shape = model.operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    problems = [report.generate_report()] if report.has_errors() else list(_finer(shape, request, ""))
    if problems:
        raise AwsError("ValidationException", "; ".join(problems))


@cache
def _models(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _finer(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """What botocore's validator leaves to the service: enumerations, patterns and upper bounds."""
    told = shape.metadata
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from _finer(shape.members[name], each, f"{where}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for number, each in enumerate(value):
            yield from _finer(shape.member, each, f"{where}[{number}]")
    elif "enum" in told and value not in told["enum"]:
        yield f"{where}: expected one of {', '.join(told['enum'])}, found {value}"
    elif "pattern" in told and not re.search(told["pattern"], value):
        yield f"{where}: expected {told['pattern']}, found {value}"
    size = len(value) if shape.type_name in ("string", "list") else value
    if "max" in told and size > told["max"]:
        yield f"{where}: expected {told['max']} at most, found {size}"
