"""Where a scope stands while it runs, and the frozen form of that, from which a redrive goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.interpreter.definition import Scope
from compiler.interpreter.history import Progress
from compiler.interpreter.query import Json, Variables


@dataclass
class Place:
    """A scope under way: the state that it is at, since when, and what that state was given.

    `children` are the branches or iterations of that state; `item` is the Map part of the context inside an iteration.
    `latest` is the id of the event that the next one in this scope follows, where somebody counts them.
    """

    scope: Scope
    at: str
    input: Json
    variables: Variables
    item: Json = None
    entered: float | None = None
    children: list[Place] = field(default_factory=list)
    done: bool = False
    output: Json = None
    latest: int = 0


def first(scope: Scope, given: Json, variables: Variables, item: Json = None) -> Place:
    """A scope at its start. Variables of the outer scope can be read; what is assigned inside stays inside."""
    return Place(scope, scope.start, given, variables, item)


def freeze(place: Place) -> Progress:
    return Progress(
        at=place.at,
        input=place.input,
        variables=place.variables.plain,
        entered=place.entered,
        children=tuple(freeze(child) for child in place.children),
        done=place.done,
        output=place.output,
        item=place.item,
    )


def thaw(progress: Progress, scope: Scope) -> Place:
    """Branches stand in the order of the state's scopes; iterations share its one scope."""
    scopes = scope.states[progress.at].scopes
    return Place(
        scope=scope,
        at=progress.at,
        input=progress.input,
        variables=Variables(progress.variables),
        item=progress.item,
        entered=progress.entered,
        children=[
            thaw(child, scopes[number if len(scopes) > 1 else 0]) for number, child in enumerate(progress.children)
        ],
        done=progress.done,
        output=progress.output,
    )
