"""What runs inside a Parallel or a Map: branches side by side, iterations so many at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from compiler.interpreter.clock import Process, Signal, Work
from compiler.interpreter.definition import INLINE_CONCURRENCY, State
from compiler.interpreter.failing import QUERY_ERROR, StateFailed
from compiler.interpreter.places import Place, first
from compiler.interpreter.query import Frame, Json
from compiler.interpreter.world import within_limit

if TYPE_CHECKING:
    from compiler.interpreter.running import Running


def inside(running: Running, state: State, place: Place, frame: Frame) -> Generator[float | Signal, None, Json]:
    """The branches of a Parallel or the iterations of a Map; those that are done already are not run again."""
    limit = len(state.scopes)
    if state.type == "Map":
        limit = min(int(state.concurrency.value(frame)) or INLINE_CONCURRENCY, INLINE_CONCURRENCY)
    if not place.children:
        place.children = _started(state, place, frame)
        about = {"length": len(place.children)} if state.type == "Map" else {}
        running.event(state.type + "StateStarted", state.name, at=place, about=about)
    yield from _gather(running, state, place, limit)
    running.event(state.type + "StateSucceeded", state.name, at=place)
    return within_limit([child.output for child in place.children], "The result")


def _started(state: State, place: Place, frame: Frame) -> list[Place]:
    if state.type == "Parallel":
        given = state.arguments.value(frame) if state.arguments else place.input
        return [first(scope, given, place.variables, place.item) for scope in state.scopes]
    items = state.items.value(frame) if state.items else place.input
    if not isinstance(items, list):
        raise StateFailed(QUERY_ERROR, f"Items of {state.name} is not an array")
    children = []
    for index, value in enumerate(items):
        item = {"Item": {"Index": index, "Value": value}}
        given = value
        if state.selector:
            given = state.selector.value(frame.having(context={**frame.states["context"], "Map": item}))
        children.append(first(state.scopes[0], given, place.variables, item))
    return children


def _gather(running: Running, state: State, place: Place, limit: int) -> Work:
    """Runs those that are not done, at most `limit` at once; the first failure cuts the others off."""
    children = place.children
    waiting = deque(number for number, child in enumerate(children) if not child.done)
    under_way: dict[int, Process] = {}
    arrived: deque[tuple[int, StateFailed | None]] = deque()
    signal = Signal()
    each = "MapIteration" if state.type == "Map" else ""

    def note(number: int, what: str) -> None:
        if each:
            about = {"name": state.name, "index": number}
            running.event(each + what, state.name, at=children[number], about=about)

    def arrive(number: int) -> Callable[[StateFailed | None], None]:
        def done(failure: StateFailed | None) -> None:
            arrived.append((number, failure))
            signal.send()

        return done

    try:
        while waiting or under_way:
            while waiting and len(under_way) < limit:
                number = waiting.popleft()
                note(number, "Started")
                under_way[number] = Process(running.clock, running.walk(children[number]), arrive(number))
            yield signal
            while arrived:
                number, failure = arrived.popleft()
                del under_way[number]
                note(number, "Failed" if failure else "Succeeded")
                place.latest = children[number].latest
                if failure:
                    raise failure
    finally:
        for number, process in under_way.items():
            process.cancel()
            note(number, "Aborted")
