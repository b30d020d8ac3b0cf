"""Checks: made inside their asset's step, or states of their own; a blocking check that would not block is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from compiler.errors import Problem
from compiler.extract_declared import Declared, DeclaredCheckSpec
from compiler.extract_units import Made, unknown_layers
from compiler.graph import Check, Unit
from compiler.vocabulary import DeclaredMachine, read_check

RULE = "checks"


def attach(declared: Declared, made: Made, machine: DeclaredMachine) -> tuple[tuple[Unit, ...], list[Problem]]:
    """The units with their checks, sorted by asset and name."""
    problems: list[Problem] = []
    found: dict[str, list[Check]] = {}
    above = _Above({node.key: node.deps for node in declared.nodes})
    ops = {node.key: node.op for node in declared.nodes}
    for spec in declared.checks:
        if spec.of_dagster and not spec.blocking:
            continue
        check, wrong = _check(spec, ops, made, machine)
        problems += wrong
        if check is None:
            continue
        if not check.inside:
            problems += _not_yet(spec, above, made)
        if spec.asset in made.unit_of:
            found.setdefault(made.unit_of[spec.asset], []).append(check)
    units = tuple(
        replace(unit, checks=tuple(sorted(found.get(unit.name, ()), key=lambda each: (each.asset, each.name))))
        for unit in made.units
    )
    return units, problems


def _check(
    spec: DeclaredCheckSpec, ops: Mapping[str, str], made: Made, machine: DeclaredMachine
) -> tuple[Check | None, list[Problem]]:
    """None for a check that stays in Dagster, or beside a problem."""
    said, wrong = read_check(spec.value, spec.where, machine.settings, spec.own)
    if said is None:
        return None, list(wrong)
    inside = bool(spec.made_by) and ops.get(spec.asset) == spec.made_by
    if said.elsewhere:
        if not spec.blocking:
            return None, []
        return None, [Problem(RULE, spec.where, "blocking, and stays in Dagster: it cannot block in AWS", _STAYS_HINT)]
    if not ops.get(spec.asset):
        message = f"checks {spec.asset}, which nothing here makes: it would never run in AWS"
        return None, [Problem(RULE, spec.where, message, _STAYS_HINT)]
    if said.function:
        check = Check(spec.asset, spec.name, spec.blocking, inside=False, function=said.function)
        return check, list(unknown_layers(spec.where, said.function, machine))
    if not inside:
        blocks = "it cannot block in AWS" if spec.blocking else "it would never run in AWS"
        message = f'its metadata lacks the key "aws": {blocks}'
        return None, [Problem(RULE, spec.where, message, _line_to_add(spec))]
    if spec.blocking and made.raises.get(spec.asset) is False:
        message = "blocking, and made inside the asset's own step, of which nothing says that it raises"
        return None, [Problem(RULE, spec.where, f"{message}: it cannot block in AWS", _INSIDE_HINT)]
    return Check(spec.asset, spec.name, spec.blocking, inside=True), []


def _line_to_add(spec: DeclaredCheckSpec) -> str:
    line = f'add: metadata={{"aws": {{"lambda": {{"run": "{spec.own.run}"}}}}}}'
    reason = f", but name another function: {spec.own.reason}" if spec.own.reason else ""
    return f"{line}{reason}; or, {_STAYS_HINT}"


_STAYS_HINT = 'where it does not block and shall only run in Dagster: metadata={"aws": {"on": "dagster"}}'
_INSIDE_HINT = (
    'once the step raises where the check fails, declare {"checks": "inside"} on the asset; '
    'or give the check a function of its own: AssetCheckSpec(..., metadata={"aws": {"lambda": {"run": "..."}}})'
)


def _not_yet(spec: DeclaredCheckSpec, above: _Above, made: Made) -> Iterator[Problem]:
    """A check runs right after its asset: what else it reads must have run by then."""
    unit = made.unit_of.get(spec.asset)
    for key in spec.needs:
        if key in made.unit_of and made.unit_of[key] != unit and key not in above(spec.asset):
            message = f"also reads {key}, which {spec.asset} does not depend on: it may not have been made yet"
            yield Problem(RULE, spec.where, message, f"let {spec.asset} depend on {key}, or check {key} instead")


class _Above:
    """What an asset depends on, directly or not, by key; each worked out once."""

    def __init__(self, deps: Mapping[str, tuple[str, ...]]) -> None:
        self._deps = deps
        self._known: dict[str, frozenset[str]] = {}

    def __call__(self, key: str) -> frozenset[str]:
        if key not in self._known:
            found: set[str] = set()
            waiting = [*self._deps.get(key, ())]
            while waiting:
                one = waiting.pop()
                if one not in found:
                    found.add(one)
                    waiting += self._deps.get(one, ())
            self._known[key] = frozenset(found)
        return self._known[key]
