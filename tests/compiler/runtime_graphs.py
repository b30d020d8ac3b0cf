"""Random asset graphs, as Dagster definitions and as the plan function reads them, and selections of them."""

from dataclasses import dataclass

from dagster import (
    AssetDep,
    AssetKey,
    AssetSpec,
    Definitions,
    MonthlyPartitionsDefinition,
    StaticPartitionsDefinition,
    multi_asset,
)
from hypothesis import strategies as st

from compiler.graph import Asset, Graph, Machine, Partitions, Unit
from compiler.runtime.graph_file import SelectionGraph, from_json
from compiler.selection_graph import selection_graph

NAMES = (
    "raw/a",
    "raw/b",
    "a",
    "b",
    "mart/fact_stay",
    "mart/a",
    "x_1",
    "sinks",
    "job",
    "key",
    "AND",
    "2",
    "raw/a_b",
    "Not",
)
GROUPS = ("raw", "mart", "job")
KINDS = ("dbt", "python")
TAGS = (("tier", "gold"), ("tier", ""), ("team.x", "a-b"), ("dpc/level", "1"))
OWNERS = ("team:data", "who@example.com")
STATIC = Partitions("static", keys=("x", "y"))
MONTHLY = Partitions("monthly", start="2025-04", fmt="%Y-%m", day=1)


@dataclass(frozen=True)
class Drawn:
    """An asset of a random graph. `op` tells assets made together; empty: made elsewhere."""

    key: str
    deps: tuple[str, ...]
    op: str
    subset: bool
    group: str
    kinds: tuple[str, ...]
    owners: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    partitioned: bool


@st.composite
def graphs(draw: st.DrawFn) -> tuple[tuple[Drawn, ...], Partitions]:
    keys = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9, unique=True))
    drawn: list[Drawn] = []
    op, subset, partitioned, left = "", False, False, 0
    for place, key in enumerate(keys):
        if left == 0:
            external = draw(st.integers(0, 5)) == 0
            op = "" if external else f"op_{place}"
            subset, partitioned = draw(st.booleans()), draw(st.booleans())
            left = draw(st.sampled_from((1, 1, 1, 2, 3)))
        left -= 1
        deps = draw(st.lists(st.sampled_from(keys[:place]), max_size=3, unique=True)) if place else []
        drawn.append(
            Drawn(
                key=key,
                deps=tuple(deps),
                op=op,
                subset=subset,
                group=draw(st.sampled_from(GROUPS)),
                kinds=tuple(draw(st.sets(st.sampled_from(KINDS)))),
                owners=tuple(draw(st.sets(st.sampled_from(OWNERS)))),
                tags=tuple(dict(draw(st.lists(st.sampled_from(TAGS), max_size=2))).items()),
                partitioned=partitioned and bool(op),
            )
        )
    return tuple(drawn), draw(st.sampled_from((STATIC, MONTHLY)))


def definitions(drawn: tuple[Drawn, ...], partitions: Partitions) -> Definitions:
    """The graph in Dagster."""
    partitions_def = (
        StaticPartitionsDefinition(list(partitions.keys))
        if partitions.kind == "static"
        else MonthlyPartitionsDefinition(start_date="2025-04", fmt="%Y-%m")
    )

    def spec(one: Drawn) -> AssetSpec:
        return AssetSpec(
            AssetKey(one.key.split("/")),
            deps=[AssetDep(AssetKey(dep.split("/"))) for dep in one.deps],
            group_name=one.group,
            kinds=set(one.kinds),
            owners=list(one.owners),
            tags=dict(one.tags),
            partitions_def=partitions_def if one.partitioned else None,
        )

    def made(op: str) -> object:
        mine = [one for one in drawn if one.op == op]

        @multi_asset(name=op, specs=[spec(one) for one in mine], can_subset=mine[0].subset)
        def _made():
            pass

        return _made

    ops = sorted({one.op for one in drawn if one.op})
    return Definitions(assets=[*(made(op) for op in ops), *(spec(one) for one in drawn if not one.op)])


def compiled(drawn: tuple[Drawn, ...], partitions: Partitions) -> Graph:
    """The same graph as extract would give it."""
    together = {op: tuple(sorted(one.key for one in drawn if one.op == op)) for op in {one.op for one in drawn} - {""}}
    return Graph(
        Machine("random"),
        tuple(
            Asset(
                key=one.key,
                deps=one.deps,
                unit=one.op,
                group=one.group,
                kinds=one.kinds,
                owners=one.owners,
                tags=one.tags,
                partitioned=one.partitioned,
                neighbours=() if one.subset or not one.op else together[one.op],
            )
            for one in drawn
        ),
        tuple(Unit(op, keys, ()) for op, keys in sorted(together.items())),
        partitions,
    )


def runtime(graph: Graph) -> SelectionGraph:
    """What the plan function reads."""
    return from_json(selection_graph(graph))


VALUES = st.sampled_from(
    ("raw", "mart", "job", "dbt", "r*", "*", "tier", "team.x", "dpc/level", "gold", "a-b", "team:data", "none", "time",
     "static", "external", "materializable", "", "key", "sensor", "sinks", "1", "dagster/kind/dbt", "<null>", "zzz")
)  # fmt: skip
ATTRIBUTES = st.sampled_from(("group", "kind", "owner", "tag", "is", "partitions", "key", "grape", "key_substring"))
MEANT = (
    "group:raw", "group:mart", 'group:"m*"', "kind:dbt", 'kind:"python"', "kind:<null>", 'owner:"team:data"',
    'owner:"who@example.com"', "tag:tier=gold", "tag:tier", 'tag:"team.x"="a-b"', 'tag:"dpc/level"="1"', "is:external",
    "is:materializable", "partitions:none", "partitions:static", "partitions:time", "partitions:<null>", "*",
    'tag:"dagster/kind/dbt"', "owner:<null>", "group:<null>", "*a*", 'key:"*"', "raw/*",
)  # fmt: skip
UP = st.sampled_from(("", "", "+", "1+", "2+", "0+", "9999999999999+"))
DOWN = st.sampled_from(("", "", "+", "+1", "+2", "+0", " +"))


def _attribute(name: str, value: str, quoted: bool, other: str | None) -> str:
    quote = '"' if quoted and value != "<null>" else ""
    return f"{name}:{quote}{value}{quote}" + (f"={quote}{other}{quote}" if other is not None else "")


ODD = st.builds(_attribute, ATTRIBUTES, VALUES, st.booleans(), st.none() | st.sampled_from(("gold", "", "a-b", "1")))


def _around(text: str, up: str, down: str) -> str:
    return f"{up}{text}{down}"


def selections(keys: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Selections that mostly mean something in a graph of these keys."""
    named = st.sampled_from(keys)
    atoms = st.one_of(
        named, named, named.map('key:"{}"'.format), named.map("key:{}".format), named.map('"{}"'.format),
        st.sampled_from(MEANT), st.sampled_from(MEANT),
    )  # fmt: skip
    rarely = st.sampled_from((0,) * 19 + (1,)).flatmap(lambda odd: ODD | st.sampled_from(NAMES) if odd else atoms)
    joined = st.sampled_from((" and ", " or ", " AND ", " OR ", " and not "))
    opened = st.sampled_from(("(", "sinks(", "roots(", "( "))
    return st.recursive(
        st.builds(_around, rarely, UP, DOWN),
        lambda inner: st.one_of(
            st.tuples(inner, joined, inner).map("".join),
            inner.map("not {}".format),
            st.builds(_around, st.tuples(opened, inner, st.just(")")).map("".join), UP, DOWN),
        ),
        max_leaves=5,
    )


Case = tuple[tuple[Drawn, ...], Partitions, list[str]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A graph and selections of it."""
    drawn, partitions = draw(graphs())
    wanted = selections(tuple(one.key for one in drawn))
    return drawn, partitions, draw(st.lists(wanted, min_size=5, max_size=9))


@st.composite
def soups(draw: st.DrawFn) -> Case:
    """A graph and texts of which few are selections."""
    drawn, partitions = draw(graphs())
    return drawn, partitions, draw(st.lists(SOUP, min_size=5, max_size=12))


SOUP = st.lists(
    st.sampled_from(
        ("+", "2", "*", "(", ")", "and", "or", "not", "Not", "sinks", "roots", "sinks(", "a", "raw/a", '"', "key:",
         ":", "=", ",", " ", " ", 'key:"a"', "tag:tier", "=gold", "job", "\\", "<null>", "\u3000", "tag:team.x=a-b",
         "\n", ".")
    ),
    max_size=7,
).map("".join)  # fmt: skip
