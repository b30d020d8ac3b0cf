"""Every check, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from infra_check import formatting, hcl, house, machines, modules, plans, policies, workflows
from infra_check.design import STATEMENTS, Rule, scope
from infra_check.outcome import Check
from infra_check.place import ENVIRONMENTS, Place

Ask = Callable[[Place], Iterable[str]]


def checks(place: Place) -> list[Check]:
    """The checks of this copy of the project: modules and roots are found by their folders."""
    found = [
        Check("fmt", "terraform fmt over infra/terraform", formatting.problems),
        Check("shape", "files, exact versions, typed and described variables, described outputs", house.shape),
        Check("texts", "no account numbers, nothing left by tools", house.text_rules),
        Check("roots", "dev and prod are the same files over different values", house.same_roots),
        Check("checkov", "checkov's rules and ours over the HCL; skips have a reason and are used", hcl.problems),
        Check("asl-validator", "the compiled state machines", machines.problems),
        Check(
            "workflows:schema",
            "workflow files by GitHub's schema, jobs with a timeout",
            workflows.against_schema,
        ),
        Check("workflows:actionlint", "workflow files by actionlint", workflows.by_actionlint),
        Check("workflows:zizmor", "workflow files by zizmor, offline", workflows.by_zizmor),
        Check(
            "workflows:ours", "least permissions, no keys, concurrency, known owners of actions", workflows.by_our_rules
        ),
    ]
    folders = (*place.modules, *place.roots)
    for name in folders:
        found.append(
            Check(f"validate:{name}", "terraform init and validate", partial(modules.invalid, name=name), True)
        )
    for name in folders:
        if name in place.modules or any((place.source / name / "tests").glob("*.tftest.hcl")):
            ask = partial(modules.failing_tests, name=name)
            found.append(Check(f"test:{name}", "terraform test", ask, True))
    for name in ENVIRONMENTS:
        ask = partial(plans.plan_problems, name=name)
        found.append(Check(f"plan:{name}", "terraform plan without AWS", ask, True))
    found += [
        Check("refused", "wrong values are refused, with what was expected", plans.refusals, True),
        Check("design:scope", "no resource outside the design", scope.outside_the_design, True),
        Check("design:takes-a-key", "what the provider says takes a key is judged", scope.takes_a_key, True),
    ]
    for name, statement in STATEMENTS.items():
        found.append(Check(f"design:{name}", statement.about, partial(_in_both, rule=statement.rule), True))
    found += [
        Check("parliament", "every policy in the plan, by parliament", policies.by_parliament, True),
        Check("cloudsplaining", "what roles may do in the plan, by cloudsplaining", policies.by_cloudsplaining, True),
    ]
    return found


def _in_both(place: Place, rule: Rule) -> Iterator[str]:
    """A statement holds without and with QuickSight; what contradicts it in both is told once."""
    told: dict[str, list[str]] = {}
    for variant, resources in plans.known(place).items():
        for each in rule(resources):
            told.setdefault(each, []).append(variant)
    for each, variants in told.items():
        yield each if len(variants) == len(plans.VARIANTS) else f"{', '.join(variants)}: {each}"
