"""Steps as a pipeline would write them, for the tests of the generated handler."""

from dataclasses import dataclass
from typing import Any

calls: list[dict[str, Any]] = []


@dataclass(frozen=True)
class Loaded:
    files: tuple[str, ...]
    rows: int


def nothing() -> None:
    calls.append({})


def by_partition(partition: str, select: str | None) -> Loaded:
    calls.append({"partition": partition, "select": select})
    return Loaded(("a", "b"), 3)


def with_defaults(partition: str = "all", item: str = "none", other: int = 7) -> dict[str, Any]:
    return {"partition": partition, "item": item, "other": other}


def of_item(item: str, /, *, assets: list[str]) -> list[str]:
    return [item, *assets]


def whole(event: dict[str, Any], context: object) -> str:
    return f"{sorted(event)} {context}"


def needs_more(partition: str, warehouse: object) -> None:
    raise AssertionError("never called")


def gathers(*things: object, **more: object) -> int:
    return len(things) + len(more)


def fails() -> None:
    raise LookupError("secret")


def answers(event: dict[str, Any]) -> Any:
    return event["answer"]


class Steps:
    @staticmethod
    def inner() -> dict[str, int]:
        return {"rows": 1}


def adapter(step: Any, event: dict[str, Any], context: object) -> dict[str, Any]:
    return {"step": step.__name__, "item": event.get("item"), "context": context}
