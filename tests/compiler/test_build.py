"""The pipeline is a tuple of passes that a caller may change; no pass changes what it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from compiler import build
from compiler.build import Draft
from compiler.errors import Problem, Refused
from compiler.graph import Asset, Function, Graph, LambdaStep, Machine, Unit


def graph() -> Graph:
    step = LambdaStep(Function("shop-step", "shop.steps:run", timeout_s=60))
    return Graph(
        Machine("shop"),
        (Asset("a", unit="a"), Asset("b", ("a",), unit="b"), Asset("made/elsewhere")),
        (Unit("a", ("a",), (step,)), Unit("b", ("b",), (step,), duration_s=5)),
    )


def test_passes_in_order_each_named_when_it_ends() -> None:
    ended: list[str] = []
    draft = build.run(build.LOWERING, Draft(graph(), Path()), ended.append)
    assert ended == ["check_graph", "fuse_units", "plan_units", "emit_machines", "check_machines", "estimate_run"]
    assert list(draft.machines) == ["shop"]
    assert draft.plan.makespan_s == 65.0
    assert draft.estimate is not None and draft.estimate.makespan_s == 65.0


def test_a_pass_of_the_caller_runs_among_them() -> None:
    def slower(draft: Draft) -> Draft:
        return replace(
            draft, graph=replace(draft.graph, units=tuple(replace(u, duration_s=7) for u in draft.graph.units))
        )

    first = Draft(graph(), Path())
    draft = build.run((slower, *build.PLANNING), first)
    assert draft.plan.makespan_s == 14.0
    assert first == Draft(graph(), Path())


def test_a_refusing_pass_ends_the_pipeline() -> None:
    def never(draft: Draft) -> Draft:
        raise Refused([Problem("never", "asset a", "is never good enough")])

    with pytest.raises(Refused, match="asset a: is never good enough"):
        build.run((never, build.describe), Draft(graph(), Path()))


def test_files_of_the_former_build_are_known_from_its_manifest(tmp_path: Path) -> None:
    assert build.stale(tmp_path, tmp_path) == ()
    for wrong in ("", "[]", '{"machines": 3}', '{"machines": {"a": {"file": "../../etc/passwd"}}, "functions": {}}'):
        (tmp_path / "manifest.json").write_text(wrong)
        assert build.stale(tmp_path) == ()
    (tmp_path / "manifest.json").write_text(
        '{"machines": {"a": {"file": "a.asl.json"}}, "functions": {"f": {"file": "f.zip"}}, "layers": {}}'
    )
    assert build.stale(tmp_path) == (tmp_path / "a.asl.json",)
    assert build.stale(tmp_path, tmp_path / "dist") == (tmp_path / "a.asl.json", tmp_path / "dist/f.zip")
