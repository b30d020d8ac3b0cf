"""What an HTTP request asks of AWS: read from the request alone, by the service models that botocore itself writes
requests from. Protocols: smithy.io/2.0/aws/protocols/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, unquote_plus

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

from aws_local import identities

JSON, QUERY, EC2, REST_JSON, REST_XML, CBOR = "json", "query", "ec2", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"

_SCOPE = re.compile(r"Credential=([^/,\s]+)/[0-9]{8}/[^/]+/([^/]+)/aws4_request")
_RPC = re.compile(r"/service/[^/]+/operation/(\w+)$")


@dataclass(frozen=True)
class Asked:
    """One call. `service`: its signing name, which is also IAM's prefix; `given`: parameters as boto3 names them,
    without bodies and without what the model calls sensitive."""

    caller: str
    service: str
    operation: str
    protocol: str
    given: Mapping[str, Any] = field(hash=False)
    text: str = ""
    """Path, query and body as they read, S3's bodies left out: for those who look for words in a request."""


def signed(headers: Mapping[str, str], query: str) -> tuple[str, str] | None:
    """(access key, signing name of the service), or None for what is not signed. Presigned ones count."""
    presigned = parse_qs(query).get("X-Amz-Credential")
    text = f"Credential={presigned[0]}" if presigned else headers.get("authorization", "")
    found = _SCOPE.search(text)
    return (found[1], found[2]) if found else None


def read(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Asked | None:
    """`path` as it came, not yet unquoted; header names in lower case. None for what is not signed."""
    who = signed(headers, query)
    if who is None:
        return None
    caller, service = identities.caller(who[0]), who[1]
    operation, protocol, given = _called(service, method, path, query, headers, body)
    sent = body.decode("utf-8", "replace")
    parts = (unquote(path), unquote_plus(query), unquote_plus(sent) if protocol in (QUERY, EC2) else sent)
    text = "\n".join(part for part in parts if part)
    return Asked(caller, service, operation, protocol, given, text)


def _called(
    service: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, str, dict[str, Any]]:
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2], JSON, _members(service, target.rpartition(".")[2], _object(body))
    if rpc := _RPC.search(path):
        return rpc[1], CBOR, {}
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        flat = {name: value for name, value in form.items() if "." not in name and name not in ("Action", "Version")}
        return form.get("Action", ""), EC2 if service == "ec2" else QUERY, flat
    return _rest(service, method, path, query, headers, body)


def _members(service: str, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """Without what the model calls sensitive, as far as there is a model of the service under this name."""
    model = _model(_NAMES.get(service, service))
    shape = model.operation_model(operation).input_shape if model and operation in model.operation_names else None
    return {name: value for name, value in given.items() if not _hidden(shape, name)}


def _hidden(shape: StructureShape | None, name: str) -> bool:
    member = shape.members.get(name) if shape else None
    return member is not None and (member.type_name == "blob" or bool(member.metadata.get("sensitive")))


_NAMES = {"states": "stepfunctions", "monitoring": "cloudwatch", "elasticloadbalancing": "elbv2"}
"""Signing name -> botocore's folder, where they differ and the service speaks JSON or REST."""


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# REST: the operation is the one whose method, path and required parameters fit; of several, the most particular one.


@dataclass(frozen=True)
class _Rest:
    """An operation as its requests look. `constant`: what stands in the query of its URI; `required`: parameters of
    the query and headers that it cannot be called without."""

    name: str
    path: re.Pattern[str]
    constant: Mapping[str, list[str]]
    required: frozenset[str]
    headers: frozenset[str]
    shape: StructureShape | None

    @property
    def weight(self) -> tuple[int, int]:
        return len(self.constant) + len(self.required) + len(self.headers), -self.path.groups


def _rest(
    service: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, str, dict[str, Any]]:
    model = _model(_NAMES.get(service, service))
    if model is None:
        return f"{method} {path}", REST_JSON, {}
    asked = parse_qs(query, keep_blank_values=True)
    for each in _operations(model.service_name).get(method, ()):
        found = each.path.fullmatch(path)
        if (
            found
            and all(asked.get(name) == value for name, value in each.constant.items())
            and each.required <= asked.keys()
            and each.headers <= headers.keys()
        ):
            given = dict(_given(each, found, asked, headers))
            if model.protocol == REST_JSON and each.shape is not None and not each.shape.serialization.get("payload"):
                members = {name: value for name, value in _object(body).items() if not _hidden(each.shape, name)}
                given = {**members, **given}
            return each.name, model.protocol, given
    return f"{method} {path}", model.protocol, {}


def _given(
    operation: _Rest, found: re.Match[str], asked: Mapping[str, list[str]], headers: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    if operation.shape is None:
        return
    for name, member in operation.shape.members.items():
        wire = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri":
                yield name, unquote(found[_group(wire)])
            case "querystring" if wire in asked:
                yield name, asked[wire][0]
            case "header" if wire.lower() in headers and not member.metadata.get("sensitive"):
                yield name, headers[wire.lower()]


@cache
def _operations(service: str) -> dict[str, list[_Rest]]:
    """By HTTP method, the most particular ones first."""
    model = _model(service)
    found: dict[str, list[_Rest]] = {}
    for name in model.operation_names if model else ():
        operation = model.operation_model(name) if model else None
        if operation is not None and not operation.deprecated:
            found.setdefault(operation.http["method"], []).append(_shaped(operation))
    for each in found.values():
        each.sort(key=lambda rest: rest.weight, reverse=True)
    return found


def _shaped(operation: OperationModel) -> _Rest:
    uri, _, constant = operation.http["requestUri"].partition("?")
    shape = operation.input_shape
    required: dict[str, set[str]] = {"querystring": set(), "header": set()}
    for name in shape.required_members if shape else ():
        told = shape.members[name].serialization if shape else {}
        if told.get("location") in required:
            wire = told.get("name", name)
            required[told["location"]].add(wire.lower() if told["location"] == "header" else wire)
    return _Rest(
        operation.name,
        re.compile(re.sub(r"\{(\w+)(\+?)\}", _part, re.sub(r"[.]", r"\.", uri)) + "/?"),
        parse_qs(constant, keep_blank_values=True),
        frozenset(required["querystring"]),
        frozenset(required["header"]),
        shape,
    )


def _part(found: re.Match[str]) -> str:
    return f"(?P<{_group(found[1])}>{'.+' if found[2] else '[^/]+'})"


def _group(name: str) -> str:
    return name.replace("-", "_")


@cache
def _model(service: str) -> ServiceModel | None:
    """Of the folder of botocore's data that bears the name."""
    try:
        return ServiceModel(Loader().load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None
