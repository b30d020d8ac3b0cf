"""Random pipelines for the property tests: a graph of 1 to 60 units of every kind, the same for the same seed."""

import random
from dataclasses import replace

from compiler.graph import (
    Asset,
    Check,
    Claim,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Partitions,
    Retry,
    StatementStep,
    Step,
    Unit,
)

GROUPS = ("raw", "mart", "export")
PARTITIONS = Partitions("static", keys=("2025-04", "2025-05"))
PARTITION = "2025-04"
MOST_UNITS = 60


def random_graph(seed: int, most: int = MOST_UNITS) -> Graph:
    """A graph before fuse. A third is sparse, a third dense, a third layered; half have only Lambda assets."""
    chance = random.Random(seed)
    count = chance.choice((1, 2, 3, chance.randint(1, most), chance.randint(1, most), chance.randint(most // 2, most)))
    plain = chance.random() < 0.5
    partitioned = chance.random() < 0.3
    parents = _edges(chance, count)
    units: list[Unit] = []
    assets: list[Asset] = []
    for place in range(count):
        unit = _unit(chance, place, plain)
        deps = sorted({chance.choice(units[other].keys) for other in parents[place]} | _outside(chance))
        units.append(unit)
        assets += [
            Asset(
                key,
                deps=tuple(deps),
                unit=unit.name,
                group=chance.choice(GROUPS),
                partitioned=partitioned and chance.random() < 0.5,
                neighbours=() if unit.subset else tuple(other for other in unit.keys if other != key),
            )
            for key in unit.keys
        ]
    assets += [Asset("outside/source"), Asset("outside/view", deps=(assets[0].key,))]
    machine = Machine(
        "shop",
        prefix="shop-",
        finish=_function("finish") if chance.random() < 0.5 else None,
        claim=Claim("${bucket}", "claim.json") if chance.random() < 0.3 else None,
        retry=Retry(("Shop.Busy",), 5, 2, 2.0, 60, False),
    )
    return Graph(
        machine,
        tuple(sorted(assets, key=lambda asset: asset.key)),
        tuple(sorted(units, key=lambda unit: unit.name)),
        PARTITIONS if partitioned else None,
    )


def shuffled(graph: Graph, seed: int) -> Graph:
    """The same graph, everything that has no order in another order."""
    chance = random.Random(seed)

    def mixed(items: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(chance.sample(items, len(items)))

    assets = [replace(asset, deps=mixed(asset.deps), neighbours=mixed(asset.neighbours)) for asset in graph.assets]
    return replace(graph, assets=tuple(sorted(chance.sample(assets, len(assets)), key=lambda asset: asset.key)))


def random_selection(graph: Graph, chance: random.Random) -> str:
    """A selection of assets that something here makes, in Dagster's grammar."""
    keys = [asset.key for asset in graph.assets if asset.unit]
    return " or ".join(_selected(chance, keys) for _ in range(chance.choice((1, 1, 2, 4))))


def _selected(chance: random.Random, keys: list[str]) -> str:
    key = f'key:"{chance.choice(keys)}"'
    return chance.choice((key, key, f"{key}+", f"+{key}", f"{key}+2", f"(+{key} and not {key}+1) or {key}"))


def _edges(chance: random.Random, count: int) -> list[list[int]]:
    """Parents of each place, all smaller than it."""
    kind = chance.choice(("sparse", "dense", "layered"))
    parents: list[list[int]] = [[]]
    width = chance.randint(2, 8)
    for place in range(1, count):
        if kind == "sparse":
            wanted = chance.choice((0, 1, 1, 2, 3))
            before = range(place)
        elif kind == "dense":
            wanted = round(place * chance.random() * 0.5)
            before = range(place)
        else:
            wanted = chance.choice((1, 2, 3))
            before = range(max(0, place - 2 * width), max(1, place - place % width))
        parents.append(chance.sample(before, min(wanted, len(before))))
    return parents


def _outside(chance: random.Random) -> set[str]:
    return {"outside/source"} if chance.random() < 0.1 else {"outside/view"} if chance.random() < 0.02 else set()


def _unit(chance: random.Random, place: int, plain: bool) -> Unit:
    kind = "lambda" if plain else chance.choice(("lambda", "lambda", "multi", "subset", "chain", "map", "dbt", "sql"))
    names = chance.randint(2, 4) if kind in ("multi", "subset") else 1
    keys = tuple(sorted(f"{chance.choice(GROUPS)}/n{place}{'abcd'[number]}" for number in range(names)))
    checks = (Check(keys[0], "whole", blocking=True, function=_function(f"check-{place}")),)
    return Unit(
        name=f"op{place}" if names > 1 else keys[0],
        keys=keys,
        steps=_steps(chance, kind, place, keys[0]),
        checks=checks if not plain and chance.random() < 0.15 else (),
        duration_s=round(min(250.0, chance.lognormvariate(3.0, 1.0)), 1),
        subset=kind == "subset",
    )


def _steps(chance: random.Random, kind: str, place: int, key: str) -> tuple[Step, ...]:
    if kind == "chain":
        return tuple(
            LambdaStep(_function(f"{word}-{place}")) for word in ("read", "mend", "load")[: chance.randint(2, 3)]
        )
    if kind == "map":
        return (MapStep(_function(f"list-{place}"), _function(f"each-{place}"), chance.randint(1, 4)),)
    if kind == "dbt":
        return (ContainerStep("${c}", "${t}", "dbt", "${n}", "${g}", words=((key, f"n{place}"),), fuse="dbt"),)
    if kind == "sql":
        return (StatementStep((f"delete from t{place}",), "${w}", "db", poll_s=chance.choice((5, 30))),)
    return (LambdaStep(_function(f"n-{place}")),)


def _function(name: str) -> Function:
    return Function(f"shop-{name}", f"shop.steps:{name.replace('-', '_')}")
