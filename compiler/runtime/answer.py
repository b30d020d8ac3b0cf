"""What a step answers becomes control data: a JSON object of at most 200,000 bytes. Rows never pass through here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from compiler.runtime.errors import AnswerTooLarge, WrongAnswer
from compiler.runtime.names import ANSWER_MAX_BYTES


def control_data(answer: object, who: str) -> dict[str, Any]:
    """None -> {}, a mapping or dataclass -> an object, a list -> {"items": [...]}, a scalar -> {"value": ...}.

    `who` names the step in the messages of WrongAnswer and AnswerTooLarge.
    """
    data = _object(answer)
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise WrongAnswer(
            f"{who} answered {type(answer).__name__}: {_not_json(data, '$')}. Expected control data: "
            "nothing, or names, counts, digests and addresses as JSON"
        ) from None
    size = len(text.encode())
    if size > ANSWER_MAX_BYTES:
        raise AnswerTooLarge(
            f"{who} answered {size:,} bytes; expected at most {ANSWER_MAX_BYTES:,}. Store the data and answer where "
            "it is, or split the work into more partitions"
        )
    decoded: dict[str, Any] = json.loads(text)
    return decoded


def passed(answer: object) -> bool:
    """Whether the answer of a check says that it passed: its `passed` where it has one, else whether it is true."""
    if isinstance(answer, Mapping) and "passed" in answer:
        return bool(answer["passed"])
    if hasattr(answer, "passed"):
        return bool(answer.passed)
    return bool(answer)


def _object(answer: object) -> dict[str, Any]:
    if answer is None:
        return {}
    if is_dataclass(answer) and not isinstance(answer, type):
        return asdict(answer)
    if isinstance(answer, Mapping):
        return dict(answer)
    if isinstance(answer, (list, tuple)):
        return {"items": [asdict(item) if _is_record(item) else item for item in answer]}
    return {"value": answer}


def _is_record(item: object) -> bool:
    return is_dataclass(item) and not isinstance(item, type)


def _not_json(data: object, path: str) -> str:
    """Where the first thing stands that JSON has no form for."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if not isinstance(key, str):
                return f"{path} has a key of type {type(key).__name__}"
            if found := _not_json(value, f"{path}.{key}"):
                return found
        return ""
    if isinstance(data, (list, tuple)):
        return next((found for place, item in enumerate(data) if (found := _not_json(item, f"{path}[{place}]"))), "")
    if isinstance(data, float) and (data != data or data in (float("inf"), float("-inf"))):
        return f"{path} is {data}"
    if data is None or isinstance(data, (str, int, float, bool)):
        return ""
    return f"{path} is of type {type(data).__name__}"
