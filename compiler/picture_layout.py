"""Where everything stands: series are columns, parallel are rows, both nested. Units are pixels at zoom 1."""

from dataclasses import dataclass

from compiler.tree import Parallel, Series, Task, Tree

CARD_W, CARD_H = 196, 44
GAP_X, GAP_Y = 34, 18
PAD_X, PAD_Y = 30, 18


@dataclass(frozen=True)
class Card:
    """A node: left, top."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Frame:
    """Round a parallel: left, top, width, height, nesting depth."""

    x: float
    y: float
    w: float
    h: float
    depth: int


@dataclass(frozen=True)
class Wire:
    """Control flow from one point to another, straight as far as `bend` and then curved.

    `critical` where the critical path goes along it.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    critical: bool
    arrow: bool = False
    bend: float | None = None


@dataclass(frozen=True)
class Layout:
    """The whole picture; `mid` is the height at which control enters and leaves it."""

    w: float
    h: float
    mid: float
    cards: tuple[Card, ...]
    frames: tuple[Frame, ...]
    wires: tuple[Wire, ...]


@dataclass(frozen=True)
class _Box:
    """A tree with its size and the height (from its top) at which control enters and leaves it."""

    tree: Tree
    w: float
    h: float
    mid: float
    critical: bool
    items: tuple["_Box", ...] = ()


@dataclass(frozen=True)
class _Found:
    """What has been placed so far."""

    cards: list[Card]
    frames: list[Frame]
    wires: list[Wire]


def layout(tree: Tree | None, critical: frozenset[str]) -> Layout:
    """Places a tree with its top left corner at (0, 0)."""
    if tree is None:
        return Layout(0, 0, 0, (), (), ())
    box = _measured(tree, critical)
    found = _Found([], [], [])
    _place(found, box, 0, 0, 0)
    return Layout(box.w, box.h, box.mid, tuple(found.cards), tuple(found.frames), tuple(found.wires))


def _measured(tree: Tree, critical: frozenset[str]) -> _Box:
    match tree:
        case Task(name):
            return _Box(tree, CARD_W, CARD_H, CARD_H / 2, name in critical)
        case Series(items):
            boxes = tuple(_measured(item, critical) for item in items)
            above = max(box.mid for box in boxes)
            below = max(box.h - box.mid for box in boxes)
            width = sum(box.w for box in boxes) + GAP_X * (len(boxes) - 1)
            return _Box(tree, width, above + below, above, _any(boxes), boxes)
        case Parallel(items):
            boxes = tuple(_measured(item, critical) for item in items)
            height = sum(box.h for box in boxes) + GAP_Y * (len(boxes) - 1) + 2 * PAD_Y
            width = max(box.w for box in boxes) + 2 * PAD_X
            return _Box(tree, width, height, height / 2, _any(boxes), boxes)


def _any(boxes: tuple[_Box, ...]) -> bool:
    return any(box.critical for box in boxes)


def _place(found: _Found, box: _Box, x: float, y: float, depth: int) -> None:
    match box.tree:
        case Task(name):
            found.cards.append(Card(name, x, y))
        case Series():
            _place_series(found, box, x, y, depth)
        case Parallel():
            _place_parallel(found, box, x, y, depth)


def _place_series(found: _Found, box: _Box, x: float, y: float, depth: int) -> None:
    mid = y + box.mid
    before: _Box | None = None
    for item in box.items:
        if before is not None:
            hot = before.critical and item.critical
            found.wires.append(Wire(x, mid, x + GAP_X, mid, hot, isinstance(item.tree, Task)))
            x += GAP_X
        _place(found, item, x, mid - item.mid, depth)
        x += item.w
        before = item


def _place_parallel(found: _Found, box: _Box, x: float, y: float, depth: int) -> None:
    found.frames.append(Frame(x, y, box.w, box.h, depth))
    mid, left, right = y + box.mid, x, x + box.w
    at = y + PAD_Y
    for item in box.items:
        inner, ends = at + item.mid, left + PAD_X + item.w
        found.wires.append(Wire(left, mid, left + PAD_X, inner, item.critical, isinstance(item.tree, Task)))
        _place(found, item, left + PAD_X, at, depth + 1)
        found.wires.append(Wire(ends, inner, right, mid, item.critical, bend=right - PAD_X))
        at += item.h + GAP_Y
