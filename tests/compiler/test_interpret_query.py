"""JSONata in Step Functions: the look-up that needs no JSONata answers what JSONata answers; functions; null."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.interpreter.failing import StateFailed
from compiler.interpreter.query import Frame, Template, Variables, evaluate

NAMES = ("a", "b", "items", "input", "and", "x1")
LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(("", "text", "{% x %}"))
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)


def frame(variables: dict[str, Any] | None = None, **states: Any) -> Frame:
    return Frame(Variables(variables), states, {})


def outcome(answer: Any) -> Any:
    try:
        return json.dumps(answer(), sort_keys=True)
    except StateFailed as failed:
        return failed.error


@settings(max_examples=500, deadline=None)
@given(
    value=JSON,
    steps=st.lists(st.sampled_from(NAMES), max_size=3),
    root=st.sampled_from(("$v", "$states", "$states.result", "$none", "$count")),
    space=st.sampled_from(("", " ")),
)
def test_a_look_up_answers_what_jsonata_answers(value: Any, steps: list[str], root: str, space: str) -> None:
    code = space + ".".join((root, *steps)) + space
    seen = frame({"v": value}, input=value, result=value)
    assert outcome(lambda: Template("{%" + code + "%}").value(seen)) == outcome(lambda: evaluate(code, seen))


@settings(max_examples=200, deadline=None)
@given(value=JSON)
def test_values_go_through_jsonata_unchanged(value: Any) -> None:
    code = "{'kept': $v}"
    answer = outcome(lambda: evaluate(code, frame({"v": value})))
    assert answer == json.dumps({"kept": value}, sort_keys=True)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("$plan.partition ? $plan.partition : ''", ""),
        ("$plan.partition = null", True),
        ("$exists($plan.partition)", True),
        ("$exists($lookup($words, 'dbt'))", True),
        ("$exists($lookup($words, 'no'))", False),
        ("'raw/a' in $selected", True),
        ("'raw/c' in $selected", False),
        ("$count($selected[$ in ['raw/b', 'raw/c']]) > 0", True),
        ("[$selected[$ in ['raw/b', 'raw/c']]]", ["raw/b"]),
        ("$split('a,b', ',')", ["a", "b"]),
        ("'' & $states.context.Execution.RedriveCount", "0"),
        ("$merge([$states.input, {'wait': true}])", {"n": 1, "wait": True}),
        ("$partition([1..5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(1, 9, 4)", [1, 5, 9]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("$parse('{\"a\": [null, 1]}')", {"a": [None, 1]}),
        ("$parse('{\"a\": null}').a = null", True),
        ("null", None),
        ("[]", []),
        ("{}", {}),
        ("1/3*3", 1),
    ],
)
def test_expressions(code: str, answer: Any) -> None:
    seen = frame(
        {"plan": {"partition": None}, "selected": ["raw/a", "raw/b"], "words": {"dbt": "x y"}},
        input={"n": 1},
        context={"Execution": {"RedriveCount": 0}},
    )
    assert Template("{% " + code + " %}").value(seen) == answer


@pytest.mark.parametrize(
    "code",
    [
        "$nothing",
        "$states.input.x",
        "1 +",
        "$sum",
        "{'f': $sum}",
        "$eval('1')",
        "$hash('a', 'SHA-3')",
        "$partition([1], 0)",
        "$range(1, 2, 0)",
        "$number('x')",
        "$error('said')",
        "$parse('{')",
        "1/0",
    ],
)
def test_what_answers_nothing_or_no_json_is_an_evaluation_error(code: str) -> None:
    with pytest.raises(StateFailed) as failed:
        Template("{% " + code + " %}").value(frame(input={}))
    assert failed.value.error == "States.QueryEvaluationError"
    assert code in failed.value.cause


def test_evaluating_changes_no_variable() -> None:
    variables = Variables({"plan": {"partition": None, "list": [None, {"a": None}]}})
    seen = Frame(variables, {}, {})
    for _ in range(2):
        assert evaluate("$plan.list[0] = null and $plan.partition = null", seen) is True
        assert evaluate("$merge([$plan, {'k': 1}])", seen)["partition"] is None
    assert variables.plain == {"plan": {"partition": None, "list": [None, {"a": None}]}}


def test_constants_are_not_evaluated() -> None:
    written = {"a": [1, "{ x }", {"b": "${hole}"}]}
    template = Template(written)
    assert template.constant and template.value(frame()) is written
    assert not Template({"a": [1, "{%1%}"]}).constant
