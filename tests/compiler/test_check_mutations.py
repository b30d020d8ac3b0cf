"""Valid machines broken at every place where a way of breaking applies: always caught, by the rule of its name."""

import copy
import random
from typing import Any

import pytest
from mutations import MUTATIONS, Mutation, scopes
from valid_machines import VALID

from compiler import check

GARBAGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2.5,
    "",
    "x",
    "{% $ %}",
    "$.x",
    "{%",
    [],
    [1],
    {},
    {"x": {}},
    [[]],
    {"": 1},
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_is_caught(mutation: Mutation) -> None:
    tried, missed = 0, []
    for name, machine in VALID.items():
        for broken in mutation(machine):
            tried += 1
            if mutation.__name__ not in {problem.rule for problem in check.machine(broken)}:
                missed.append((name, broken))
    assert missed == []
    assert tried >= 20


@pytest.mark.parametrize("seed", range(8))
def test_garbage_anywhere_gives_problems_or_nothing_but_never_a_trace(seed: int) -> None:
    choose = random.Random(seed)
    for machine in VALID.values():
        for _ in range(6):
            broken = copy.deepcopy(machine)
            container: Any = choose.choice(list(scopes(broken)))
            while True:
                key = choose.choice(list(container) if isinstance(container, dict) else range(len(container)))
                if isinstance(container[key], dict | list) and container[key] and choose.random() < 0.7:
                    container = container[key]
                else:
                    break
            container[key] = copy.deepcopy(choose.choice(GARBAGE))
            assert isinstance(check.machine(broken, check.LANGUAGE + check.OURS), tuple)
