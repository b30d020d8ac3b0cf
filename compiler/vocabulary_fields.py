"""Reads plain data field by field: each asked for once, by name, type and range; everything wrong is collected."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from compiler.errors import Problem

RULE = "vocabulary"


@dataclass(frozen=True)
class Form:
    """What a text must look like: a pattern for all of it, and the words for a person."""

    pattern: re.Pattern[str]
    words: str


def form(pattern: str, words: str) -> Form:
    return Form(re.compile(pattern), words)


TEXT = form(r"[\s\S]+", "a text that is not empty")
ANY_TEXT = form(r"[\s\S]*", "a text")


def unwrapped(value: object) -> Any:
    """Dagster keeps metadata of some objects in wrappers (JsonMetadataValue, a named tuple): the value itself."""
    if type(value) in (dict, str, int, float, bool, list, tuple, type(None)):
        return value
    for name in ("data", "value"):
        inner = getattr(value, name, None)
        if inner is not None:
            return inner
    return value


def found(value: object) -> str:
    """A value as a message shows it."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | bool | None):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 80 else text[:76] + ' ..."'
    return f"a value of type {type(value).__name__}"


def is_integer(value: object) -> bool:
    """As JSON Schema counts: 512 and 512.0 are integers, true is not."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def near(name: str, names: Iterable[str]) -> str:
    """` (did you mean "x"?)`, or nothing."""
    close = get_close_matches(name, sorted(names), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


@dataclass(frozen=True)
class Fields:
    """An object that is being read. `path` says where it stands (`aws.lambda`); `problems` is shared by all parts."""

    where: str
    path: str
    value: Mapping[str, Any]
    problems: list[Problem]
    asked: set[str] = field(default_factory=set)

    def refuse(self, name: str, message: str, hint: str = "") -> None:
        """Reports the field `name` of this object, or the object itself where name is empty."""
        path = f"{self.path}.{name}" if name else self.path
        self.problems.append(Problem(RULE, self.where, f"metadata {path}: {message}", hint))

    def has(self, name: str) -> bool:
        self.asked.add(name)
        return name in self.value

    def get(self, name: str, *, required: str = "") -> Any:
        """The value, None where it is not there; `required` (what is expected) makes that a problem."""
        if self.has(name):
            return unwrapped(self.value[name])
        if required:
            self.refuse(name, f"expected {required}, found nothing")
        return None

    def text(self, name: str, default: str = "", like: Form = TEXT, *, required: bool = False) -> str:
        value = self.get(name, required=like.words if required else "")
        return default if not self.has(name) else self._text(name, value, like, default)

    def _text(self, name: str, value: object, like: Form, default: str = "") -> str:
        if isinstance(value, str) and like.pattern.fullmatch(value):
            return value
        self.refuse(name, f"expected {like.words}, found {found(value)}")
        return default

    def texts(self, name: str, like: Form = TEXT, *, required: bool = False, most: int = 0) -> tuple[str, ...]:
        """A list of texts; with `required` it is there and not empty, with `most` no longer than that."""
        size = f"1 to {most} texts" if most else "texts"
        value = self.get(name, required=f"a list of {size}" if required else "")
        if not self.has(name):
            return ()
        if not isinstance(value, list | tuple) or (required and not value) or (most and len(value) > most):
            length = f" of {len(value)}" if isinstance(value, list | tuple) and value else ""
            self.refuse(name, f"expected a list of {size}, found {found(value)}{length}")
            return ()
        return tuple(self._text(f"{name}[{index}]", unwrapped(each), like) for index, each in enumerate(value))

    def text_or_texts(self, name: str, like: Form = TEXT, *, required: bool = False, most: int = 0) -> tuple[str, ...]:
        if isinstance(self.get(name), str):
            return (self.text(name, "", like),)
        return self.texts(name, like, required=required, most=most)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.get(name)
        if not self.has(name):
            return default
        if is_integer(value) and low <= value <= high:
            return int(value)
        self.refuse(name, f"expected an integer from {low} to {high}, found {found(value)}")
        return default

    def number(self, name: str, default: float | None, low: float, high: float = math.inf) -> float | None:
        value = self.get(name)
        if not self.has(name):
            return default
        if is_number(value) and low <= value <= high:
            return float(value)
        upto = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
        self.refuse(name, f"expected a number {upto}, found {found(value)}")
        return default

    def flag(self, name: str, default: bool) -> bool:
        value = self.get(name)
        if not self.has(name) or isinstance(value, bool):
            return bool(value) if self.has(name) else default
        self.refuse(name, f"expected true or false, found {found(value)}")
        return default

    def choice(self, name: str, default: str, values: tuple[str, ...]) -> str:
        value = self.get(name)
        if not self.has(name) or (isinstance(value, str) and value in values):
            return value if self.has(name) else default
        self.refuse(name, f"expected {' or '.join(map(json.dumps, values))}, found {found(value)}")
        return default

    def table(self, name: str, keys: Form, values: Form = ANY_TEXT) -> tuple[tuple[str, str], ...]:
        """An object of texts, as sorted pairs."""
        value = self.get(name)
        if not self.has(name):
            return ()
        if not isinstance(value, Mapping):
            self.refuse(name, f"expected an object of texts, found {found(value)}")
            return ()
        pairs = []
        for key, each in value.items():
            if not (isinstance(key, str) and keys.pattern.fullmatch(key)):
                self.refuse(name, f"expected {keys.words}, found {found(key)}")
            pairs.append((str(key), self._text(f"{name}.{key}", unwrapped(each), values)))
        return tuple(sorted(pairs))

    def part(self, name: str, *, required: bool = False) -> Fields | None:
        """An object inside this one; None, and a problem where it is required or something else."""
        value = self.get(name, required="an object" if required else "")
        return self._part(name, value) if self.has(name) else None

    def parts(self, name: str, *, required: bool = False) -> tuple[Fields, ...]:
        """A list of objects inside this one; with `required` not empty."""
        value = self.get(name, required="a list of objects" if required else "")
        if not self.has(name):
            return ()
        if not isinstance(value, list | tuple) or (required and not value):
            self.refuse(name, f"expected a list of objects, found {found(value)}")
            return ()
        read = [self._part(f"{name}[{index}]", unwrapped(each)) for index, each in enumerate(value)]
        return tuple(each for each in read if each)

    def _part(self, name: str, value: object) -> Fields | None:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return Fields(self.where, f"{self.path}.{name}", value, self.problems)
        said = "one with other names than texts" if isinstance(value, Mapping) else found(value)
        self.refuse(name, f"expected an object, found {said}")
        return None

    def done(self) -> None:
        """Reports every field that nothing has asked for."""
        known = sorted(self.asked)
        for name in sorted(map(str, self.value.keys() - self.asked)):
            self.refuse(
                name,
                f"unknown field{near(name, set(known) - set(self.value))}",
                f"known here: {', '.join(known)}",
            )
