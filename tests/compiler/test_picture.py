"""The picture: where cards stand, what is marked, and that nothing from outside can break out of its text."""

import json
import re
from xml.etree import ElementTree

import pytest

from compiler import picture
from compiler.graph import Asset, Function, Graph, LambdaStep, Machine, Unit
from compiler.picture_layout import CARD_H, CARD_W, GAP_X, GAP_Y, PAD_X, PAD_Y, Card, Frame, layout
from compiler.picture_svg import cut
from compiler.plan import plan
from compiler.seconds import in_words
from compiler.tree import Parallel, Series, Task

SVG = "{http://www.w3.org/2000/svg}"


def graph(
    durations: dict[str, float], needs: dict[str, tuple[str, ...]], groups: dict[str, str] | None = None
) -> Graph:
    step = LambdaStep(Function("step", "shop.steps:run"))
    return Graph(
        Machine("shop"),
        tuple(
            Asset(key, needs.get(key, ()), unit=key, group=(groups or {}).get(key, "default"))
            for key in sorted(durations)
        ),
        tuple(Unit(key, (key,), (step,), duration_s=durations[key]) for key in sorted(durations)),
    )


DIAMOND = graph(
    {"a": 1, "b": 20, "c": 3, "d": 4}, {"b": ("a",), "c": ("a",), "d": ("b", "c")}, {"a": "raw", "d": "mart"}
)


def test_series_are_columns_and_parallel_are_rows() -> None:
    placed = layout(Series((Task("a"), Parallel((Task("b"), Task("c"))))), frozenset())
    left = CARD_W + GAP_X
    height = 2 * CARD_H + GAP_Y + 2 * PAD_Y
    assert placed.frames == (Frame(left, 0, CARD_W + 2 * PAD_X, height, 0),)
    assert placed.cards == (
        Card("a", 0, (height - CARD_H) / 2),
        Card("b", left + PAD_X, PAD_Y),
        Card("c", left + PAD_X, PAD_Y + CARD_H + GAP_Y),
    )
    assert (placed.w, placed.h) == (left + CARD_W + 2 * PAD_X, height)


def test_no_two_cards_touch() -> None:
    nodes = {f"n{i:02d}": 1.0 + i for i in range(24)}
    needs = {f"n{i:02d}": (f"n{i // 3:02d}", f"n{i // 2:02d}") for i in range(1, 24)}
    found = graph(nodes, needs)
    cards = layout(plan(found).tree, frozenset()).cards
    assert len(cards) == 24
    for one in cards:
        for other in cards:
            apart = abs(one.x - other.x) >= CARD_W or abs(one.y - other.y) >= CARD_H
            assert one is other or apart


def test_the_critical_path_and_groups_are_marked() -> None:
    root = ElementTree.fromstring(picture.svg(picture.scene(DIAMOND, plan(DIAMOND))))
    cards = {card.findtext(f".//{SVG}text"): card for card in root.iter(f"{SVG}g") if "card" in card.get("class", "")}
    assert {name: card.get("class") for name, card in cards.items()} == {
        "a": "card g2 critical",
        "b": "card g0 critical",
        "c": "card g0",
        "d": "card g1 critical",
    }
    assert cards["b"].findtext(f"{SVG}title") == (
        "b  (on the critical path)\ntakes 20.0 s, starts at 1.0 s\nLambda · group default"
    )
    shown = [text.text for text in root.iter(f"{SVG}text")]
    assert shown[:2] == ["shop", "4 units · makespan 25.0 s · critical path 25.0 s · ratio 1.000 · no added edge"]
    assert {"default", "mart", "raw", "critical path"} <= set(shown)


def test_an_added_edge_is_dashed_and_says_what_it_delays() -> None:
    crossed = graph({"a": 10, "b": 4, "c": 1, "d": 9}, {"c": ("a", "b"), "d": ("b",)})
    found = plan(crossed, "levels")
    assert [(edge.before, edge.after, edge.delay_s) for edge in found.added] == [("a", "d", 6.0)]
    root = ElementTree.fromstring(picture.svg(picture.scene(crossed, found)))
    titles = [path.findtext(f"{SVG}title") for path in root.iter(f"{SVG}path") if path.get("class") == "wait"]
    assert "d waits for a without needing it: starts 6.0 s later" in titles
    assert "+6.0 s" in [text.text for text in root.iter(f"{SVG}text")]


def test_names_cannot_break_out() -> None:
    wild = '</script><script>alert("x")</script>&'
    found = graph({wild: 1.0, "b": 2.0}, {"b": (wild,)}, {wild: "<b>"})
    page = picture.html(picture.scene(found, plan(found), title="<i>"))
    ElementTree.fromstring(picture.svg(picture.scene(found, plan(found), title="<i>")))
    assert page.count("<script") == 2 and page.count("</script>") == 2
    assert "<title>&lt;i&gt;</title>" in page
    data = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert [node["name"] for node in json.loads(data[1])["nodes"]] == sorted([wild, "b"])


def test_the_page_asks_for_nothing_from_outside() -> None:
    page = picture.html(picture.scene(DIAMOND, plan(DIAMOND)))
    assert set(re.findall(r"https?://[^\"' )]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_an_empty_graph_has_a_picture() -> None:
    empty = graph({}, {})
    assert "nothing to run" in picture.svg(picture.scene(empty, plan(empty)))
    assert "0 units" in picture.html(picture.scene(empty, plan(empty)))


def test_the_same_graph_in_another_order_is_the_same_picture() -> None:
    turned = Graph(DIAMOND.machine, DIAMOND.assets[::-1], DIAMOND.units[::-1])
    assert picture.html(picture.scene(turned, plan(turned))) == picture.html(picture.scene(DIAMOND, plan(DIAMOND)))


def test_starts_follow_the_tree() -> None:
    scene = picture.scene(DIAMOND, plan(DIAMOND))
    assert scene.starts == {"a": 0, "b": 1, "c": 1, "d": 21}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.25, "250 ms"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61, "1 min 01 s"),
        (3600, "1 h 00 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert in_words(seconds) == text


@pytest.mark.parametrize(
    ("text", "wide", "found"),
    [("short", 8, "short"), ("abcdefghijkl", 8, "ab…ijkl"), ("在院日数の集計表示", 10, "在…表示"), ("", 4, "")],
)
def test_long_names_lose_their_middle(text: str, wide: int, found: str) -> None:
    assert cut(text, wide) == found
