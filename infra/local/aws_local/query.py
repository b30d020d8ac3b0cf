"""The query protocol, by a service's own model: parameters of a form to a request, and an answer to XML.

smithy.io/2.0/aws/protocols/aws-query-protocol.html: lists are Name.member.1 and <member>,
nested names are joined by dots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import Shape


def read(shape: Shape, form: Mapping[str, str], prefix: str = "") -> Any:
    """The value of `shape` in the parameters below `prefix`; what is not there is left out."""
    if shape.type_name == "structure":
        begun = f"{prefix}." if prefix else ""
        return {
            name: read(member, form, begun + name)
            for name, member in shape.members.items()
            if any(key == begun + name or key.startswith(f"{begun}{name}.") for key in form)
        }
    if shape.type_name == "list":
        return list(_members(shape, form, prefix))
    text = form[prefix]
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name in ("double", "float"):
        return float(text)
    return text == "true" if shape.type_name == "boolean" else text


def written(shape: Shape, value: Any) -> str:
    """`value` as the content of an element. Names that the model does not know are left out, as is None."""
    if shape.type_name == "structure":
        return "".join(
            f"<{name}>{written(member, value[name])}</{name}>"
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if shape.type_name == "list":
        return "".join(f"<member>{written(shape.member, each)}</member>" for each in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    return escape(str(value))


def _members(shape: Shape, form: Mapping[str, str], prefix: str) -> Iterator[Any]:
    number = 1
    while any(key == (begun := f"{prefix}.member.{number}") or key.startswith(f"{begun}.") for key in form):
        yield read(shape.member, form, f"{prefix}.member.{number}")
        number += 1
