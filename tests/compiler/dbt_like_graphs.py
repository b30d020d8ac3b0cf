"""Synthetic asset graphs for measuring plans: the same graph for the same size, seed and kind, on any machine.

dbt: layers, most edges to the layer before and to neighbours in it. sparse: each node on up to three earlier ones.
Durations are lognormal seconds (median 33, a long tail). Keys sort in a topological order.
"""

import random
from dataclasses import dataclass

KINDS = ("dbt", "sparse")


@dataclass(frozen=True)
class Synthetic:
    """Seconds by key, and (before, after) pairs."""

    durations: dict[str, float]
    edges: tuple[tuple[str, str], ...]


def synthetic(size: int, seed: int, kind: str = "dbt") -> Synthetic:
    chance = random.Random(seed)
    parents = _layered(size, chance) if kind == "dbt" else _sparse(size, chance)
    keys = [f"n{number:05}" for number in range(size)]
    seconds = [chance.lognormvariate(3.5, 1.0) for _ in keys]
    edges = tuple((keys[parent], keys[node]) for node in range(size) for parent in parents[node])
    return Synthetic(dict(zip(keys, seconds, strict=True)), edges)


def _layered(size: int, chance: random.Random) -> list[list[int]]:
    count = max(3, round(size**0.45))
    layers: dict[int, list[int]] = {}
    for node, layer in enumerate(sorted(chance.randrange(count) for _ in range(size))):
        layers.setdefault(layer, []).append(node)
    rows = list(layers.values())
    parents: list[list[int]] = [[] for _ in range(size)]
    for number, row in enumerate(rows[1:], 1):
        for position, node in enumerate(row):
            for _ in range(1 + min(4, int(chance.expovariate(0.9)))):
                # The order of the draws is part of what makes a seed's graph.
                source = rows[number - 1] if chance.random() < 0.75 else rows[chance.randrange(number)]
                near = int(position / len(row) * len(source)) + chance.randint(-3, 3)
                parent = source[max(0, min(len(source) - 1, near))]
                if parent not in parents[node]:
                    parents[node].append(parent)
    return parents


def _sparse(size: int, chance: random.Random) -> list[list[int]]:
    return [[], *(chance.sample(range(node), min(node, chance.choice([0, 1, 1, 2, 2, 3]))) for node in range(1, size))]
