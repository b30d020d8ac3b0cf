"""A scene as SVG: frames, wires, dashed waits, cards with tooltips, a legend; light or dark as the reader has it."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from compiler.picture_layout import CARD_H, CARD_W, PAD_X, Card, Frame, Layout, Wire, layout
from compiler.picture_scene import Node, Scene, Wait
from compiler.seconds import in_words

HUES = (212, 150, 275, 42, 185, 318, 92, 248, 65, 168, 296, 25)
MARGIN, HEAD, LEGEND_H = 28, 64, 30
NAME_WIDTH, LINE_WIDTH = 25, 28
"""Letters that fit on a card: of its name, of the line below."""

LIGHT = {
    "back": "#ffffff",
    "ink": "#1d2530",
    "soft": "#5d6876",
    "wire": "#9aa4b1",
    "hot": "#d4351c",
    "frame": "#5a7290",
}
DARK = {"back": "#12161c", "ink": "#e8edf3", "soft": "#9aa7b5", "wire": "#5d6875", "hot": "#ff7a5c", "frame": "#8fa9c8"}


def drawing(scene: Scene) -> str:
    """A standalone document with title, figures and legend."""
    placed = layout(scene.tree, frozenset(scene.critical))
    legend, legend_h = _legend(scene.groups, max(placed.w, 560))
    top = HEAD + legend_h
    width, height = max(placed.w, 560) + 2 * MARGIN + 2 * PAD_X, placed.h + top + 2 * MARGIN
    groups = scene.groups
    dark = "@media (prefers-color-scheme: dark){" + style(groups, dark=True) + "}"
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
            f'width="{_n(width)}" height="{_n(height)}" role="img" aria-label="{escape(scene.title)}">\n',
            f"<style>{style(groups, dark=False)}{dark}</style>\n{MARKERS}\n",
            f'<rect class="back" width="{_n(width)}" height="{_n(height)}"/>\n',
            f'<text class="head" x="{MARGIN}" y="36">{escape(scene.title)}</text>\n',
            f'<text class="figures" x="{MARGIN}" y="56">{escape(figures(scene))}</text>\n',
            f'<g transform="translate({MARGIN} {HEAD + 8})">{legend}</g>\n',
            f'<g transform="translate({MARGIN + PAD_X} {_n(top + MARGIN)})">\n{body(scene, placed)}</g>\n',
            "</svg>\n",
        )
    )


def body(scene: Scene, placed: Layout) -> str:
    """Everything but title and legend, its top left corner at (0, 0)."""
    at = {card.name: card for card in placed.cards}
    begins = scene.starts
    order = {name: index for index, name in enumerate(sorted(scene.nodes))}
    group = {name: index for index, name in enumerate(scene.groups)}
    critical = frozenset(scene.critical)
    waits: dict[str, list[Wait]] = {}
    for wait in scene.waits:
        waits.setdefault(wait.after, []).append(wait)
    lines: list[str] = []
    lines += [_frame(frame) for frame in placed.frames]
    lines += _ends(scene, placed)
    lines += [_wire(wire) for wire in placed.wires]
    lines += [_wait(wait, at, order) for wait in scene.waits if wait.before in at and wait.after in at]
    lines.append('<g id="edges"></g>')
    for card in placed.cards:
        node = scene.nodes[card.name]
        words = tooltip(node, begins[card.name], waits.get(card.name, ()), card.name in critical)
        mark = " critical" if card.name in critical else ""
        lines.append(_card(card, node, f"g{group[node.group]}{mark}", order[card.name], words))
    lines += [_delay(found, at) for found in waits.values()]
    return "\n".join(line for line in lines if line) + "\n"


def figures(scene: Scene) -> str:
    """One line: how many, how long, how far from the critical path."""
    ratio = scene.makespan_s / scene.critical_path_s if scene.critical_path_s else 1.0
    count = len(scene.nodes)
    words = [
        f"{count} unit{'s' * (count != 1)}",
        f"makespan {in_words(scene.makespan_s)}",
        f"critical path {in_words(scene.critical_path_s)}",
        f"ratio {ratio:.3f}",
        f"{scene.added} added edge{'s' * (scene.added != 1)}, {len(scene.waits)} of them delay"
        if scene.added
        else "no added edge",
    ]
    return " · ".join(words)


def tooltip(node: Node, start_s: float, waits: Sequence[Wait], critical: bool) -> str:
    """What a reader sees when pointing at a card."""
    lines = [node.name + ("  (on the critical path)" if critical else "")]
    lines += [f"takes {in_words(node.duration_s)}, starts at {in_words(start_s)}"]
    lines += [f"{node.kind} · {node.where}"]
    lines += [f"waits for {wait.before} without needing it: {_later(wait)}" for wait in waits]
    if node.assets and node.assets != (node.name,):
        lines += [f"{len(node.assets)} assets:", *(f"  {key}" for key in node.assets[:40])]
        lines += ["  ..."] if len(node.assets) > 40 else []
    return "\n".join(lines)


def style(groups: Sequence[str], *, dark: bool) -> str:
    """CSS of a theme."""
    c = DARK if dark else LIGHT
    rules = [
        f".back{{fill:{c['back']}}}",
        "text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans JP',sans-serif;"
        f"font-size:12px;fill:{c['ink']}}}",
        f".head{{font-size:20px;font-weight:650}}.figures,.small{{fill:{c['soft']};font-size:12.5px}}",
        f".frame{{fill:{c['frame']};fill-opacity:.035;stroke:{c['frame']};stroke-opacity:.3}}",
        f".wire{{fill:none;stroke:{c['wire']};stroke-width:1.4}}",
        f".wire.hot{{stroke:{c['hot']};stroke-width:2.6}}.tip{{fill:{c['wire']}}}.tip.hot{{fill:{c['hot']}}}",
        f".pin{{fill:{c['back']};stroke:{c['wire']};stroke-width:2}}.pin.end{{stroke-width:4}}",
        f".wait{{fill:none;stroke:{c['soft']};stroke-width:1.1;stroke-dasharray:5 4;stroke-opacity:.75}}",
        f".delay{{fill:{c['soft']};font-size:10px;font-weight:600;"
        f"paint-order:stroke;stroke:{c['back']};stroke-width:3px}}",
        ".card rect{stroke-width:1.2}.name{font-weight:600;font-size:11.5px}",
        f".line{{font-size:10px;fill:{c['soft']}}}",
        f".card.critical rect.face{{stroke:{c['hot']};stroke-width:2.6}}",
    ]
    for index in range(len(groups)):
        hue, turn = HUES[index % len(HUES)], index // len(HUES) % 3
        fill, edge = (
            (f"hsl({hue} 38% {22 + turn * 6}%)", f"hsl({hue} 48% 58%)")
            if dark
            else (
                f"hsl({hue} {78 - turn * 25}% {93 - turn * 5}%)",
                f"hsl({hue} 48% 48%)",
            )
        )
        rules.append(f".g{index} .face,.g{index}.face{{fill:{fill};stroke:{edge}}}.g{index} .stripe{{fill:{edge}}}")
    return "".join(rules)


MARKERS = (
    "<defs>"
    + "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7.4" refY="4" markerWidth="{size}" markerHeight="{size}" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="tip{kind}" d="M0 .6 8 4 0 7.4z"/></marker>'
        for name, kind, size in (("tip", "", 8), ("hottip", " hot", 10))
    )
    + "</defs>"
)


def _card(card: Card, node: Node, kind: str, index: int, words: str) -> str:
    line = f"{in_words(node.duration_s)} · " + (f"{len(node.assets)} assets" if len(node.assets) > 1 else node.kind)
    return (
        f'<g class="card {kind}" data-i="{index}" transform="translate({_n(card.x)} {_n(card.y)})">'
        f"<title>{escape(words)}</title>"
        f'<rect class="face" width="{CARD_W}" height="{CARD_H}" rx="7"/>'
        f'<rect class="stripe" x="6" y="8" width="4" height="{CARD_H - 16}" rx="2"/>'
        f'<text class="name" x="17" y="19">{escape(cut(node.name, NAME_WIDTH))}</text>'
        f'<text class="line" x="17" y="34">{escape(cut(line, LINE_WIDTH))}</text></g>'
    )


def _frame(frame: Frame) -> str:
    x, y, w, h = (_n(value) for value in (frame.x, frame.y, frame.w, frame.h))
    return f'<rect class="frame" x="{x}" y="{y}" width="{w}" height="{h}" rx="12"/>'


def _wire(wire: Wire) -> str:
    hot = " hot" if wire.critical else ""
    tip = f' marker-end="url(#{"hottip" if wire.critical else "tip"})"' if wire.arrow else ""
    x1, y1, x2, y2 = (_n(value) for value in (wire.x1, wire.y1, wire.x2, wire.y2))
    if y1 == y2:
        return f'<path class="wire{hot}" d="M{x1} {y1}H{x2}"{tip}/>'
    bend = wire.x1 if wire.bend is None else wire.bend
    straight, half = f"H{_n(bend)}" if bend != wire.x1 else "", _n((bend + wire.x2) / 2)
    return f'<path class="wire{hot}" d="M{x1} {y1}{straight}C{half} {y1} {half} {y2} {x2} {y2}"{tip}/>'


def _ends(scene: Scene, placed: Layout) -> Iterator[str]:
    """Start and end of the machine."""
    if not placed.cards:
        yield '<text class="small" x="0" y="16">nothing to run</text>'
        return
    hot = bool(scene.critical)
    yield _wire(Wire(-PAD_X + 8, placed.mid, 0, placed.mid, hot))
    yield _wire(Wire(placed.w, placed.mid, placed.w + PAD_X - 8, placed.mid, hot))
    yield f'<circle class="pin" cx="{-PAD_X + 4}" cy="{_n(placed.mid)}" r="5"/>'
    yield f'<circle class="pin end" cx="{_n(placed.w + PAD_X - 4)}" cy="{_n(placed.mid)}" r="4"/>'


def _wait(wait: Wait, at: dict[str, Card], order: dict[str, int]) -> str:
    before, after = at[wait.before], at[wait.after]
    x1, y1 = before.x + CARD_W, before.y + CARD_H / 2
    x2, y2 = after.x, after.y + CARD_H / 2
    bend = max(40.0, abs(x2 - x1) / 2)
    words = f"{wait.after} waits for {wait.before} without needing it: {_later(wait)}"
    path = f"M{_n(x1)} {_n(y1)}C{_n(x1 + bend)} {_n(y1)} {_n(x2 - bend)} {_n(y2)} {_n(x2)} {_n(y2)}"
    ends = f'data-a="{order[wait.before]}" data-b="{order[wait.after]}"'
    return f'<path class="wait" {ends} d="{path}"><title>{escape(words)}</title></path>'


def _delay(waits: Sequence[Wait], at: dict[str, Card]) -> str:
    """The longest delay of one node, written before it."""
    worst = max(waits, key=lambda wait: wait.delay_s)
    if worst.after not in at:
        return ""
    card = at[worst.after]
    return f'<text class="delay" x="{_n(card.x)}" y="{_n(card.y - 3)}">+{escape(in_words(worst.delay_s))}</text>'


def _later(wait: Wait) -> str:
    return f"starts {in_words(wait.delay_s)} later"


def _legend(groups: Sequence[str], room: float) -> tuple[str, float]:
    """Coloured squares with names, in as many lines as `room` pixels ask for; the height."""
    parts: list[str] = []
    x, y = 0.0, 0.0
    entries: list[tuple[str, str, float]] = [
        *(
            (
                f'<g class="g{index}"><rect class="face" x="{{x}}" y="{{y}}" width="16" height="12" rx="3"/></g>',
                name,
                22.0,
            )
            for index, name in enumerate(groups)
        ),
        ('<path class="wire hot" d="M{x} {m}h26"/>', "critical path", 32.0),
        ('<path class="wait" d="M{x} {m}h26"/>', "added edge: waits without needing it", 32.0),
    ]
    for drawn, name, offset in entries:
        wide = offset + 7.0 * width(name) + 18
        if x and x + wide > room:
            x, y = 0.0, y + 20
        drawn = drawn.replace("{x}", _n(x)).replace("{y}", _n(y)).replace("{m}", _n(y + 6))
        parts.append(drawn + f'<text class="small" x="{_n(x + offset)}" y="{_n(y + 10.5)}">{escape(name)}</text>')
        x += wide
    return "".join(parts), y + LEGEND_H


def cut(text: str, wide: int) -> str:
    """The text, its middle left out where it is wider than `wide` letters (a full-width one counts two)."""
    if width(text) <= wide:
        return text
    head, tail = _taken(text, (wide - 1) * 2 // 5), _taken(reversed(text), (wide - 1) * 3 // 5)
    return head + "…" + tail[::-1]


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _taken(letters: Iterable[str], wide: int) -> str:
    found, used = "", 0
    for letter in letters:
        used += width(letter)
        if used > wide:
            break
        found += letter
    return found


def _n(value: float) -> str:
    """A number with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
