"""A simulation as a Gantt chart: text for a terminal, a page for a browser. A row a unit, a bar a try."""

from collections.abc import Sequence
from html import escape

from compiler.picture_svg import DARK, LIGHT, cut
from compiler.picture_svg import width as letters
from compiler.seconds import in_words
from compiler.simulate import Bar, Simulation

NAME = 32
"""Columns of text that a name may take."""
INK = {"succeeded": "█", "failed": "✗", "timed out": "✗", "aborted": "░"}
COLOURS = {"succeeded": "#3f8f6b", "failed": "#d4351c", "timed out": "#d4351c", "aborted": "#9aa4b1"}

ROW, LEFT, WIDE, TOP = 24, 240, 900, 34
ABSENT = 40
"""Units without a bar that are shown by name; of more only the number."""

TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)


def text(found: Simulation, wide: int = 100) -> str:
    """Rows in the order of their first start; the chain that the end waited for is marked `*`. At least 60 columns."""
    rows = _rows(found)
    named = min(NAME, max((letters(name) for name, _ in (*rows, *_absent(found))), default=0))
    room = max(20, wide - named - 16)
    end = max((bar.end for bar in found.bars), default=0.0)
    lines = []
    for name, bars in rows:
        drawn = [" "] * room
        for bar in bars:
            first, last = (min(room - 1, int(at / end * room)) if end else 0 for at in (bar.start, bar.end))
            for at in range(first, max(first, last - 1) + 1):
                drawn[at] = INK[bar.outcome]
        short = cut(name, named)
        mark = "*" if any(bar.critical for bar in bars) else " "
        took = in_words(_busy(bars))
        lines.append(f"{short}{' ' * (named - letters(short))} {mark}│{''.join(drawn)}│ {took:>11}")
    lines += [
        f"{cut(name, named)}{' ' * (named - letters(cut(name, named)))}  ({word})" for name, word in _absent(found)
    ]
    ends = f"{'':{named}}  0 s{in_words(end):>{room - 3}}"
    legend = "█ ran  ✗ failed  ░ stopped by another's failure  * what the end waited for"
    return "\n".join([*lines, ends, legend])


def html(found: Simulation) -> str:
    """A page that needs nothing else; light or dark as the reader has it; every bar says in its tooltip what it was."""
    rows = _rows(found)
    end = max((bar.end for bar in found.bars), default=0.0)
    scale = WIDE / end if end else 1.0
    absent = _absent(found)
    height = TOP + ROW * (len(rows) + len(absent)) + 20
    parts = []
    for at in _ticks(end):
        x = LEFT + at * scale
        parts.append(f'<path class="tick" d="M{x:.1f} {TOP - 6}V{height - 16}"/>')
        parts.append(f'<text class="soft" x="{x:.1f}" y="{TOP - 12}" text-anchor="middle">{in_words(at)}</text>')
    for drive in found.drives[:-1]:
        x = LEFT + drive.end * scale
        words = f"{drive.status} after {in_words(drive.end)}: {drive.error}; then redriven"
        parts.append(f'<path class="drive" d="M{x:.1f} {TOP - 6}V{height - 16}"><title>{escape(words)}</title></path>')
    for number, (name, bars) in enumerate(rows):
        y = TOP + ROW * number
        hot = ' class="hot"' if any(bar.critical for bar in bars) else ""
        parts.append(f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end"{hot}>{escape(cut(name, NAME))}</text>')
        parts += [_bar(bar, y, scale) for bar in bars]
    for number, (name, word) in enumerate(absent, len(rows)):
        y = TOP + ROW * number + 16
        parts.append(f'<text class="soft" x="{LEFT - 10}" y="{y}" text-anchor="end">{escape(cut(name, NAME))}</text>')
        parts.append(f'<text class="soft" x="{LEFT + 4}" y="{y}">{escape(word)}</text>')
    title = f"{found.machine}: {found.status}"
    said = f"{in_words(found.seconds)} · {found.transitions:,} transitions · {found.events:,} events"
    said += f" · {found.error}: {found.cause}" if found.error else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{_theme(LIGHT)}
@media (prefers-color-scheme: dark) {{ {_theme(DARK)} }}
body {{ margin: 24px; font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans JP", sans-serif;
  background: var(--back); color: var(--ink); }}
h1 {{ font-size: 19px; margin: 0; }} p {{ margin: 0 0 14px; color: var(--soft); }}
text {{ font-size: 12px; fill: var(--ink); }} text.soft {{ fill: var(--soft); font-size: 11px; }}
text.hot {{ font-weight: 650; fill: var(--hot); }} .tick {{ stroke: var(--wire); stroke-opacity: .35; }}
.drive {{ stroke: var(--hot); stroke-dasharray: 5 4; stroke-width: 1.5; }}
rect.hot {{ stroke: var(--hot); stroke-width: 2; }} svg {{ max-width: 100%; height: auto; }}
.key i {{ display: inline-block; width: 14px; height: 10px; border-radius: 3px; }}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{escape(said)}</p>
<svg width="{LEFT + WIDE + 40}" height="{height}" viewBox="0 0 {LEFT + WIDE + 40} {height}" role="img"
 aria-label="{escape(title)}">
{chr(10).join(parts)}
</svg>
<p class="key"><i style="background:{COLOURS["succeeded"]}"></i> ran
<i style="background:{COLOURS["failed"]}"></i> failed
<i style="background:{COLOURS["aborted"]}"></i> stopped by another's failure
<i style="border:2px solid var(--hot)"></i> what the end waited for</p>
</body>
</html>
"""


def _rows(found: Simulation) -> list[tuple[str, list[Bar]]]:
    """(unit, or state where it has none, its bars), by first start."""
    rows: dict[str, list[Bar]] = {}
    for bar in sorted(found.bars, key=lambda bar: (bar.start, bar.end, bar.unit, bar.state)):
        rows.setdefault(bar.unit or bar.state, []).append(bar)
    return list(rows.items())


def _busy(bars: list[Bar]) -> float:
    """Seconds in which at least one of the bars, sorted by start, runs."""
    busy, until = 0.0, 0.0
    for bar in bars:
        busy += max(0.0, bar.end - max(bar.start, until))
        until = max(until, bar.end)
    return busy


def _absent(found: Simulation) -> list[tuple[str, str]]:
    """(unit, why) of those without a bar: passed over, or not started because something failed before."""
    drawn = {bar.unit for bar in found.bars}
    rows = [(name, end) for name, end in sorted(found.units.items()) if name not in drawn]
    if len(rows) <= ABSENT:
        return [(name, str(end)) for name, end in rows]
    kinds = sorted({end for _, end in rows})
    return [(f"{sum(end == kind for _, end in rows):,} units", str(kind)) for kind in kinds]


def _bar(bar: Bar, y: float, scale: float) -> str:
    words = [bar.state + (f", item {bar.item}" if bar.item is not None else ""), f"{bar.outcome} {bar.error}".strip()]
    words += [f"{in_words(bar.start)} to {in_words(bar.end)} ({in_words(bar.end - bar.start)})"]
    words += [f"try {bar.retry + 1}"] if bar.retry else []
    words += [f"redrive {bar.redrive}"] if bar.redrive else []
    if bar.waited_for:
        words.append(f"waited for {bar.waited_for}" + (" without needing it" if bar.added else ""))
    hot = ' class="hot"' if bar.critical else ""
    wide = max(1.5, (bar.end - bar.start) * scale)
    return (
        f'<rect{hot} x="{LEFT + bar.start * scale:.1f}" y="{y + 4}" width="{wide:.1f}" '
        f'height="{ROW - 8}" rx="3" fill="{COLOURS[bar.outcome]}"><title>{escape(chr(10).join(words))}</title></rect>'
    )


def _ticks(end: float) -> Sequence[float]:
    step = next((each for each in TICKS if end / each <= 12), TICKS[-1])
    return [float(step * number) for number in range(int(end // step) + 1)]


def _theme(colours: dict[str, str]) -> str:
    return (
        ":root{" + "".join(f"--{name}:{value};" for name, value in sorted(colours.items())) + "color-scheme:light dark}"
    )
