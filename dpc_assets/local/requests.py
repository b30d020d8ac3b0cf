"""Requests to the Redshift Data API, held against botocore's own description of the service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

STATEMENT_BYTES = 100_000
"""Bytes of one statement that the service takes; its description does not say so, its guide does (100 KB)."""


@cache
def service() -> ServiceModel:
    """botocore's description of the service."""
    return botocore.session.get_session().get_service_model("redshift-data")


def misshapen(operation: str, request: Mapping[str, Any]) -> str:
    """What boto3 itself would refuse before it sends the request: '' where nothing is wrong."""
    report = ParamValidator().validate(request, service().operation_model(operation).input_shape)
    return str(report.generate_report()) if report.has_errors() else ""


def beyond_limits(operation: str, request: Mapping[str, Any]) -> str:
    """What the service would refuse of a request of the right shape: '' where nothing is wrong."""
    members = service().operation_model(operation).input_shape.members
    problems = [f"{name}: {problem}" for name, value in request.items() for problem in _problems(members[name], value)]
    statements = [*request.get("Sqls", ()), *([request["Sql"]] if "Sql" in request else ())]
    if any(len(statement.encode()) > STATEMENT_BYTES for statement in statements):
        problems.append(f"a statement has at most {STATEMENT_BYTES} bytes")
    return "; ".join(problems)


def _problems(shape: Shape, value: Any) -> Iterator[str]:
    size = value if shape.type_name in ("integer", "long") else len(value) if hasattr(value, "__len__") else 0
    if size > shape.metadata.get("max", size):
        yield f"expected at most {shape.metadata['max']}, found {size}"
    if shape.type_name == "string":
        pattern, allowed = shape.metadata.get("pattern"), getattr(shape, "enum", None)
        if pattern and not re.fullmatch(pattern, value):
            yield f"expected the pattern {pattern}"
        if allowed and value not in allowed:
            yield f"expected one of {', '.join(allowed)}"
