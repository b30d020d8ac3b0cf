"""Definitions of any size for tests and the bench: layered like a dbt project, every asset a Lambda step."""

import random

import synthetic_steps
from dagster import AssetsDefinition, Definitions, asset

LAYERS = ("raw", "stage", "core", "mart")
SHARES = (0.25, 0.35, 0.25, 0.15)


def layered(n: int, seed: int) -> dict[str, tuple[str, ...]]:
    """Key -> the keys it depends on: n of them in four layers, each asset on 1 to 4 of the two layers before it."""
    chance = random.Random(seed)
    sizes = [max(1, round(n * share)) for share in SHARES[:-1]]
    sizes.append(max(1, n - sum(sizes)))
    deps: dict[str, tuple[str, ...]] = {}
    before: list[list[str]] = []
    for layer, size in zip(LAYERS, sizes, strict=True):
        keys = [f"{layer}/{layer}_{number:04}" for number in range(size)]
        for key in keys:
            candidates = [each for one in before[-2:] for each in one]
            deps[key] = tuple(sorted(chance.sample(candidates, min(len(candidates), chance.randint(1, 4)))))
        before.append(keys)
    return dict(list(deps.items())[:n])


def chain(n: int) -> dict[str, tuple[str, ...]]:
    """Key -> the keys it depends on: n of them, each on the one before."""
    keys = [f"chain/step_{number:04}" for number in range(n)]
    return {key: tuple(keys[at - 1 : at]) if at else () for at, key in enumerate(keys)}


def definitions(n: int, seed: int) -> Definitions:
    """n assets in layers, one unit each, all of them one Lambda function."""
    return declared(layered(n, seed), seed)


def declared(deps: dict[str, tuple[str, ...]], seed: int) -> Definitions:
    """Assets by key -> the keys they depend on; durations of 10 to 600 seconds are declared."""
    chance = random.Random(seed + 1)
    made = [
        _asset(key.split("/"), [dep.split("/") for dep in befores], chance.randint(10, 600))
        for key, befores in deps.items()
    ]
    return Definitions(assets=made, metadata={"aws": {"machine": "synthetic"}})


def _asset(key: list[str], deps: list[list[str]], seconds: int) -> AssetsDefinition:
    metadata = {"aws": {"lambda": {"run": f"{synthetic_steps.__name__}:work"}, "duration_s": seconds}}
    return asset(key=key, deps=deps, group_name=key[0], metadata=metadata)(synthetic_steps.work)
