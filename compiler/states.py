"""How each thing is said in the Amazon States Language: the third representation. One class a state type.

https://states-language.net and https://docs.aws.amazon.com/step-functions/latest/dg/concepts-states.html; the machine's
query language is JSONata. `next` is the name of the state that follows, None for the end of its scope. Values hold
JSON; a string between `{%` and `%}` is an expression.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compiler.graph import Retry

NAME_LIMIT = 80
"""Characters of a state name (AWS: service quotas of Step Functions)."""

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True)
class Task:
    """A call of a service. Its output is control data; `assign` sets variables from `$states.result`."""

    name: str
    resource: str
    arguments: Mapping[str, Json]
    timeout_s: int
    heartbeat_s: int | None = None
    retry: tuple[Retry, ...] = ()
    assign: Mapping[str, Json] = field(default_factory=dict)
    output: Json = field(default_factory=dict)
    catch: Catch | None = None
    next: str | None = None


@dataclass(frozen=True)
class Catch:
    """Where a state goes on after any error, with what, and what it sets of `$states.errorOutput`."""

    next: str
    output: Json
    assign: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """`then` where the condition holds, else `otherwise`."""

    name: str
    condition: str
    then: str
    otherwise: str


@dataclass(frozen=True)
class Pass:
    """Nothing but a name in the history."""

    name: str
    next: str | None = None


@dataclass(frozen=True)
class Parallel:
    """Branches side by side; the first failure stops the others."""

    name: str
    branches: tuple[Scope, ...]
    next: str | None = None


@dataclass(frozen=True)
class Map:
    """Inline map: `each` runs once an item, at most `concurrency` at a time."""

    name: str
    items: str
    concurrency: int
    each: Scope
    assign: Mapping[str, Json] = field(default_factory=dict)
    next: str | None = None
    catch: Catch | None = None


@dataclass(frozen=True)
class Succeed:
    """The end of the machine."""

    name: str


@dataclass(frozen=True)
class Fail:
    """The end of the machine, with an error name and a cause (an expression or text)."""

    name: str
    error: str
    cause: str


State = Task | Choice | Pass | Parallel | Map | Succeed | Fail


@dataclass(frozen=True)
class Scope:
    """States that may name one another, in the order in which they run; the first is where it starts."""

    states: tuple[State, ...]

    @property
    def start(self) -> str:
        return self.states[0].name


@dataclass(frozen=True)
class StateMachine:
    """A whole machine: its name in AWS, a sentence for the console, seconds after which an execution is given up."""

    name: str
    comment: str
    timeout_s: int
    scope: Scope


def state_name(*words: str) -> str:
    """The words joined by spaces; over 80 characters, cut and ended by 8 hex digits of the whole name's SHA-256."""
    name = " ".join(words)
    if len(name) <= NAME_LIMIT:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: NAME_LIMIT - 9]}~{digest}"


def expression(code: str) -> str:
    """A JSONata expression as a JSON value."""
    return "{% " + code + " %}"


def hole(name: str) -> str:
    """What Terraform puts in: `${name}`."""
    return "${" + name + "}"
