"""What each rule says of one machine that breaks it, word for word."""

import json
from typing import Any

import pytest
from broken_machines import DONE, caught, choice, passed, resource, retried
from valid_machines import INVOKE, Machine, scope, task

from compiler import check
from compiler.check import LANGUAGE, OURS
from compiler.errors import Problem

A = 'state "A"'


def jsonata(broken: Machine) -> Machine:
    return {"QueryLanguage": "JSONata", **broken}


LITERAL: dict[str, tuple[Machine, Problem]] = {
    problem.rule: (machine, problem)
    for machine, problem in [
        (
            {"States": {"A": DONE}},
            Problem("no_start_at", "the machine", "expected StartAt, found none", "states of this scope: A"),
        ),
        (
            scope(Check={"Type": "Pass", "Next": "Lod"}, Load=DONE),
            Problem(
                "dangling_next",
                'state "Check"',
                'Next: expected a state of the same scope, found "Lod"',
                'did you mean "Load"?',
            ),
        ),
        (
            scope(
                A={
                    "Type": "Parallel",
                    "Branches": [scope(X=DONE), scope(Y={"Type": "Pass", "Next": "B"})],
                    "Next": "B",
                },
                B=DONE,
            ),
            Problem(
                "escaping_branch",
                'state "Y"',
                'Next: expected a state of branch 2 of "A", found "B" which is in the machine',
                "end the branch there with End or Succeed",
            ),
        ),
        (
            scope(A=DONE, B=DONE),
            Problem(
                "unreachable_state",
                'state "B"',
                'expected a path from "A" of the machine, found none',
                "let a Next, Default, choice rule or catcher name it, or remove it",
            ),
        ),
        (
            scope(A={"Type": "Pass"}),
            Problem("next_or_end", A, "expected Next or End, found neither", 'name the next state, or "End": true'),
        ),
        (
            scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}),
            Problem(
                "no_terminal_state",
                "the machine",
                "expected a path to a Succeed, a Fail or a state with End, found none",
                'end the last state with "End": true',
            ),
        ),
        (
            scope(A={"Type": "Map", "ItemProcessor": scope(B=DONE), "Next": "B"}, B=DONE),
            Problem(
                "duplicate_name",
                'state "B"',
                'expected a name used once in the whole machine, found it in the ItemProcessor of "A", the machine',
                "rename all but one",
            ),
        ),
        (
            {"StartAt": "x" * 81, "States": {"x" * 81: DONE}},
            Problem(
                "long_name",
                f'state "{"x" * 81}"',
                "the name: expected 1 to 80 characters, found 81",
                "shorten it",
            ),
        ),
        (
            scope(A={"Type": "Pass", "QueryLanguage": "JMESPath", "End": True}),
            Problem(
                "query_language",
                A,
                'QueryLanguage: expected "JSONata" or "JSONPath", found "JMESPath"',
            ),
        ),
        (
            scope(A=task(TimeoutSecond=3, End=True)),
            Problem(
                "unknown_field", A, 'expected a known field, found "TimeoutSecond"', "did you mean TimeoutSeconds?"
            ),
        ),
        (
            scope(A={"Type": "Parallel", "End": True}),
            Problem("missing_field", A, "expected Branches, found none", "give each branch StartAt and States"),
        ),
        (
            scope(A={"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "End": True}),
            Problem(
                "exclusive_fields",
                A,
                "expected one of Seconds, Timestamp, SecondsPath, TimestampPath, found Seconds and SecondsPath",
                "keep one",
            ),
        ),
        (
            jsonata(scope(A=task(ResultPath="$.x", End=True))),
            Problem(
                "jsonpath_field",
                A,
                "ResultPath: expected no JSONPath field in a JSONata state, found it",
                "use Output with {% $states.result... %}",
            ),
        ),
        (
            scope(A=task(Arguments={}, End=True)),
            Problem(
                "jsonata_field",
                A,
                "Arguments: expected no JSONata field in a JSONPath state, found it",
                'set "QueryLanguage": "JSONata" for the machine or for the state',
            ),
        ),
        (
            scope(A={"Type": "Taks", "End": True}),
            Problem(
                "bad_type",
                A,
                'Type: expected one of Task, Parallel, Map, Pass, Wait, Choice, Succeed, Fail, found "Taks"',
            ),
        ),
        (
            retried(IntervalSeconds=0),
            Problem("out_of_range", A, "Retry[0].IntervalSeconds: expected 1 to 99,999,999, found 0"),
        ),
        (
            retried(BackoffRate=2),
            Problem("integer_for_float", A, "Retry[0].BackoffRate: expected a float, found the integer 2", "write 2.0"),
        ),
        (
            scope(A=task(HeartbeatSeconds=90, TimeoutSeconds=60, End=True)),
            Problem(
                "heartbeat_not_below_timeout",
                A,
                "HeartbeatSeconds: expected less than TimeoutSeconds (60), found 90",
                "beat more often, or wait longer",
            ),
        ),
        (
            caught({"ErrorEquals": ["States.ALL"], "Next": "B"}, {"ErrorEquals": ["E"], "Next": "B"}),
            Problem(
                "states_all_not_last",
                A,
                "Catch[0]: expected States.ALL in Catch[1], the last, found it here",
                "what follows it would never be looked at: move it to the end",
            ),
        ),
        (
            scope(A={"Type": "Map", "Label": "x" * 41, "ItemProcessor": scope(X=DONE), "End": True}),
            Problem("map_config", A, "Label: expected at most 40 characters, found 41"),
        ),
        (
            resource("arn:aws:states:::lambda:invoke.waitForToken"),
            Problem(
                "bad_arn",
                A,
                "Resource: expected one of .sync, .sync:2, .waitForTaskToken after the call, "
                'found "arn:aws:states:::lambda:invoke.waitForToken"',
                "e.g. arn:aws:states:::lambda:invoke, or a ${hole}",
            ),
        ),
        (
            resource("arn:aws:states:::ecs:runTask.waitForTaskToken"),
            Problem(
                "task_token",
                A,
                "expected the task token in what is called, found none: the task could never end",
                "give it {% $states.context.Task.Token %} (JSONPath: $$.Task.Token)",
            ),
        ),
        (
            jsonata(passed("{% $states.input.a == 1 %}")),
            Problem(
                "bad_jsonata",
                A,
                "Output: expected JSONata, found at character 20: The symbol = cannot be used as a unary operator",
                "near: $states.input.a == 1",
            ),
        ),
        (
            jsonata(passed("{% name %}")),
            Problem(
                "top_level_reference",
                A,
                "Output: expected a variable, found name which means an input document",
                "use $states.input or a variable",
            ),
        ),
        (
            jsonata(passed("{% $states.results %}")),
            Problem(
                "states_field",
                A,
                "Output: expected $states.{input, result, errorOutput, context}, found $states.results",
                "did you mean result?",
            ),
        ),
        (
            jsonata(
                scope(
                    Which=choice("Set", default="A"),
                    Set={"Type": "Pass", "Assign": {"month": 4}, "Next": "A"},
                    A={"Type": "Pass", "Output": "{% $month %}", "End": True},
                )
            ),
            Problem(
                "undefined_variable",
                A,
                "Output: expected $month to be set on every path to here, found a path that does not set it",
                "set it with Assign in a state before",
            ),
        ),
        (
            scope(
                First={"Type": "Pass", "Assign": {"x": 1}, "Next": "Both"},
                Both={
                    "Type": "Parallel",
                    "Branches": [scope(A={"Type": "Pass", "Assign": {"x": 2}, "End": True})],
                    "End": True,
                },
            ),
            Problem(
                "shadowed_variable",
                A,
                'Assign: expected a name that no scope around branch 1 of "Both" has set, found $x',
                "give it a name of its own",
            ),
        ),
        (
            scope(A={"Type": "Pass", "Assign": {"states": 1}, "End": True}),
            Problem(
                "reserved_variable",
                A,
                "Assign: expected any name but states, which is reserved",
                "rename the variable",
            ),
        ),
        (
            scope(A=task(Parameters={"x.$": "States.Join($.a, ',')"}, End=True)),
            Problem(
                "bad_intrinsic",
                A,
                "Parameters.x.$: expected a path or an intrinsic function, "
                "found States.Join, which is no intrinsic function",
                "e.g. States.Format('{}', $.name); a path starts with $",
            ),
        ),
        (
            scope(A=task(ResultPath="$.x[*]", End=True)),
            Problem(
                "bad_path",
                A,
                "ResultPath: expected a path, found @ , : ? * or .. in $.x[*], which must name one place",
            ),
        ),
        (
            scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": "1", "Next": "B"}]}, B=DONE),
            Problem("bad_choice_rule", A, 'Choices[0].NumericEquals: expected a number, found "1"'),
        ),
        (
            scope(A=task(Parameters={"x": 1, "x.$": "$.x"}, End=True)),
            Problem("duplicate_key", A, 'Parameters: expected a name once, found "x" and "x.$"', "keep one"),
        ),
        (
            scope(A=task(End=True)),
            Problem(
                "task_without_timeout",
                A,
                "expected TimeoutSeconds, found none: AWS waits for three years",
                "add TimeoutSeconds",
            ),
        ),
        (
            scope(A=task(Resource=INVOKE + ".waitForTaskToken", TimeoutSeconds=60, End=True)),
            Problem(
                "token_without_heartbeat",
                A,
                "expected HeartbeatSeconds, found none: what died would be waited for until TimeoutSeconds",
                "add HeartbeatSeconds below TimeoutSeconds",
            ),
        ),
        (
            scope(A=choice("B"), B=DONE),
            Problem(
                "choice_without_default",
                A,
                "expected Default, found none: States.NoChoiceMatched where no rule holds",
                "add Default",
            ),
        ),
        (
            scope(A={"Type": "Map", "MaxConcurrency": 41, "ItemProcessor": scope(X=DONE), "End": True}),
            Problem(
                "inline_concurrency",
                A,
                "MaxConcurrency: expected at most 40 in an inline Map, found 41",
                "declare a concurrency of 1 to 40",
            ),
        ),
        (
            jsonata(passed("{%{'a': 1}%}")),
            Problem(
                "template_directive",
                A,
                "Output: expected no %{, found \"{%{'a': 1}%}\": a directive of Terraform's templatefile",
                "put the object in parentheses: {% ( {...} ) %}",
            ),
        ),
        (
            resource("${Function Arn}"),
            Problem(
                "stray_hole",
                A,
                'Resource: expected ${lower_case_name} behind every ${, found "${Function Arn}"',
                "Terraform fills it: declare a hole, or leave ${ out",
            ),
        ),
    ]
}


@pytest.mark.parametrize("rule", LITERAL)
def test_a_rule_says_what_is_wrong(rule: str) -> None:
    machine, problem = LITERAL[rule]
    found = check.machine(json.dumps(machine), LANGUAGE + OURS)
    assert [each for each in found if each.rule == rule] == [problem]


def test_every_rule_has_its_word() -> None:
    assert set(LITERAL) == {rule.__name__ for rule in LANGUAGE + OURS} - {"unknown_error_name"}
    found = check.machine(retried(ErrorEquals=["States.TaskFail"]), OURS)
    assert [(each.rule, each.message) for each in found if each.rule != "task_without_timeout"] == [
        ("unknown_error_name", "Retry[0]: expected an error name that exists, found States.TaskFail")
    ]


def test_a_rule_is_named_as_its_function() -> None:
    for rule, (machine, _) in LITERAL.items():
        assert rule in {each.rule for each in check.machine(machine, LANGUAGE + OURS)}


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        ("", "not_json", "expected JSON, found at line 1, column 1: Expecting value"),
        ('{"StartAt": "A",\n "States": }', "not_json", "expected JSON, found at line 2, column 12: Expecting value"),
        ("[]", "not_json", "expected a JSON object, found []"),
        ('{"a": NaN}', "not_json", "expected JSON, found: NaN is not JSON"),
        ("[" * 100_000, "not_json", None),
        (
            '{"StartAt": "A", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
            "duplicate_key",
            'expected each name once in an object, found "StartAt" more than once',
        ),
    ],
)
def test_what_is_no_json(text: str, rule: str, message: str | None) -> None:
    (problem,) = check.machine(text)
    assert problem.rule == rule
    assert problem.where == "definition"
    assert message is None or problem.message == message


@pytest.mark.parametrize("body", [{}, {"States": 3}, {"States": {"A": 3}}, {"StartAt": {}, "States": []}])
def test_a_machine_of_no_shape_is_refused_without_a_trace(body: dict[str, Any]) -> None:
    assert check.machine(body)
