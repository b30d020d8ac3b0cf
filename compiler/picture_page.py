"""A scene as a page that works from file://: what a card needs and is needed by, search, zoom, light and dark."""

import json
from html import escape
from importlib import resources

from compiler.picture_layout import layout
from compiler.picture_scene import Scene
from compiler.picture_svg import DARK, LIGHT, MARKERS, body, figures, style
from compiler.seconds import in_words


def page(scene: Scene) -> str:
    """The whole document."""
    placed = layout(scene.tree, frozenset(scene.critical))
    files = resources.files("compiler")
    css = files.joinpath("picture.css").read_text(encoding="utf-8")
    script = files.joinpath("picture.js").read_text(encoding="utf-8")
    legend = "".join(
        f'<li><button type="button" data-group="{index}">'
        f'<svg width="18" height="14" class="g{index}" aria-hidden="true">'
        f'<rect class="face" x="1" y="1" width="16" height="12" rx="3"/></svg>{escape(name)}</button></li>'
        for index, name in enumerate(scene.groups)
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(scene.title)}</title>
<style>
{_theme(scene)}
{css}</style>
</head>
<body>
<header>
<h1>{escape(scene.title)}</h1>
<p>{escape(figures(scene))}</p>
<div class="tools">
<input id="search" type="search" list="names" placeholder="Find an asset" aria-label="Find an asset" autocomplete="off">
<datalist id="names">{"".join(f'<option value="{escape(name)}">' for name in _names(scene))}</datalist>
<button type="button" id="waits" aria-pressed="true" title="Edges that the plan added">added edges</button>
<button type="button" id="out" title="Smaller">−</button>
<button type="button" id="in" title="Larger">+</button>
<button type="button" id="fit" title="The whole picture">fit</button>
<button type="button" id="theme" title="Light or dark">◐</button>
</div>
</header>
<main>
<svg id="picture" role="group" aria-label="{escape(scene.title)}" data-w="{placed.w:.0f}" data-h="{placed.h:.0f}">
{MARKERS}
<g id="view">
{body(scene, placed)}</g>
</svg>
<aside id="details" hidden></aside>
</main>
<footer>
<ul>{legend}
<li class="key"><svg width="28" height="12" aria-hidden="true"><path class="wire hot" d="M1 6h26"/></svg>
critical path</li>
<li class="key"><svg width="28" height="12" aria-hidden="true"><path class="wait" d="M1 6h26"/></svg>
added edge: waits without needing it</li>
</ul>
</footer>
<script id="data" type="application/json">{_data(scene)}</script>
<script>
{script}</script>
</body>
</html>
"""


def _names(scene: Scene) -> list[str]:
    return sorted({name for node in scene.nodes.values() for name in (node.name, *node.assets)})


def _theme(scene: Scene) -> str:
    """Variables and drawing rules of both themes; the reader's choice stands over the system's."""

    def rules(dark: bool) -> str:
        colours = DARK if dark else LIGHT
        names = "".join(f"--{name}:{value};" for name, value in sorted(colours.items()))
        return f":root{{{names}color-scheme:{'dark' if dark else 'light'}}}{style(scene.groups, dark=dark)}"

    chosen = rules(True).replace(":root{", "&{")
    return (
        f"{rules(False)}\n@media (prefers-color-scheme: dark){{{rules(True)}}}\n"
        f":root[data-theme=dark]{{{chosen}}}\n:root[data-theme=light]{{{rules(False).replace(':root{', '&{')}}}"
    )


def _data(scene: Scene) -> str:
    """Nodes by number (sorted by name), edges and waits as numbers; safe inside a script element."""
    names = sorted(scene.nodes)
    number = {name: index for index, name in enumerate(names)}
    begins = scene.starts
    data = {
        "nodes": [
            {
                "name": name,
                "about": f"{node.kind} · {node.where}",
                "takes": in_words(node.duration_s),
                "starts": in_words(begins[name]) if name in begins else "",
                "assets": list(node.assets),
                "select": node.select,
                "critical": name in scene.critical,
            }
            for name, node in ((name, scene.nodes[name]) for name in names)
        ],
        "edges": [[number[before], number[after]] for before, after in scene.edges],
        "waits": [[number[wait.before], number[wait.after], in_words(wait.delay_s)] for wait in scene.waits],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
