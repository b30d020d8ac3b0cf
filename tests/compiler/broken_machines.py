"""Scopes that break one rule each, in several variants, and the places where a scope may stand in a machine."""

from typing import Any

from valid_machines import INVOKE, LAMBDA, Machine, scope, task

PASS: Machine = {"Type": "Pass", "End": True}
DONE: Machine = {"Type": "Succeed"}


def choice(*targets: str, default: str | None = None) -> Machine:
    found: Machine = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": each} for each in targets]}
    return found | ({"Default": default} if default else {})


def retried(**retrier: Any) -> Machine:
    return scope(A=task(Retry=[{"ErrorEquals": ["E"], **retrier}], End=True))


def caught(*catchers: Machine) -> Machine:
    return scope(A=task(Catch=list(catchers), Next="B"), B=DONE)


def passed(value: Any) -> Machine:
    return scope(A={"Type": "Pass", "Output": value, "End": True})


def called(**arguments: Any) -> Machine:
    return scope(A=task(Arguments=arguments, End=True))


def resource(arn: Any) -> Machine:
    return scope(A=task(Resource=arn, End=True))


def parameters(**values: Any) -> Machine:
    return scope(A=task(Parameters={f"{name}.$": value for name, value in values.items()}, End=True))


def inside(language: str, broken: Machine) -> dict[str, Machine]:
    """A scope as the whole machine, as a branch, as a Map's processor, and deep inside both."""
    branch = {"Type": "Parallel", "Branches": [scope(Fine=DONE), broken], "Next": "Outer"}
    each = {"Type": "Map", "ItemProcessor": broken, "Next": "Outer"}
    deep = scope(
        Map={
            "Type": "Map",
            "ItemProcessor": scope(Inner={"Type": "Parallel", "Branches": [broken], "End": True}),
            "End": True,
        }
    )
    return {
        "machine": {"QueryLanguage": language, **broken},
        "branch": {"QueryLanguage": language, **scope(Fan=branch, Outer=DONE)},
        "processor": {"QueryLanguage": language, **scope(Each=each, Outer=DONE)},
        "deep": {
            "QueryLanguage": language,
            **scope(Fan={"Type": "Parallel", "Branches": [deep], "Next": "Outer"}, Outer=DONE),
        },
    }


ANY: dict[str, list[Machine]] = {
    "dangling_next": [
        scope(A={"Type": "Pass", "Next": "Nowhere"}),
        scope(A={"Type": "Pass", "Next": "b"}, B=DONE),
        scope(A={"Type": "Pass", "Next": "B "}, B=DONE),
        scope(A=task(Next="Missing")),
        scope(A={"Type": "Wait", "Seconds": 1, "Next": "Missing"}, B=DONE),
        caught({"ErrorEquals": ["States.ALL"], "Next": "Missing"}),
        scope(A={"Type": "Parallel", "Branches": [scope(X=DONE)], "Next": "Missing"}),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=DONE), "Next": "Missing"}),
    ],
    "unreachable_state": [
        scope(A=PASS, B=DONE),
        scope(A={"Type": "Pass", "Next": "B"}, B=DONE, C=task(Next="B")),
        scope(A=PASS, B={"Type": "Pass", "Next": "C"}, C={"Type": "Pass", "Next": "B"}),
        scope(A=PASS, B={"Type": "Pass", "Next": "B"}),
        scope(A=task(End=True), Handler={"Type": "Fail"}),
    ],
    "next_or_end": [
        scope(A={"Type": "Pass"}),
        scope(A=task()),
        scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Wait", "Seconds": 1}),
        scope(A={"Type": "Parallel", "Branches": [scope(X=DONE)]}),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=DONE)}),
        scope(A={"Type": "Pass", "Next": "B", "End": True}, B=DONE),
        scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Succeed", "End": True}),
        scope(A={"Type": "Fail", "Next": "B"}, B=DONE),
        scope(A={"Type": "Pass", "End": False}),
        scope(A={"Type": "Pass", "End": "true"}),
    ],
    "unknown_field": [
        scope(A={"Type": "Pass", "Ned": "B", "End": True}),
        scope(A=task(Timeout=3, End=True)),
        scope(A=task(TimeoutSecond=3, End=True)),
        scope(A=task(Branches=[], End=True)),
        scope(A={"Type": "Pass", "Resource": INVOKE, "End": True}),
        scope(A={"Type": "Pass", "next": "B", "End": True}),
        scope(A={"Type": "Succeed", "Assign": {"x": 1}}),
        scope(A={"Type": "Fail", "Message": "no"}),
        scope(A={"Type": "Wait", "Seconds": 1, "Minutes": 2, "End": True}),
        scope(A={"Type": "Wait", "Seconds": 1, "Retry": [], "End": True}),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=DONE), "TimeoutSeconds": 3, "End": True}),
        retried(MaxAttempt=3),
        retried(maxAttempts=3),
        caught({"ErrorEquals": ["States.ALL"], "Next": "B", "Retry": 1}),
        {**scope(A=PASS), "Start": "A"},
        {**scope(A=PASS), "states": {}},
    ],
    "bad_type": [
        scope(A={"Type": "Taks", "Resource": INVOKE, "End": True}),
        scope(A={"Type": "pass", "End": True}),
        scope(A={"End": True}),
        scope(A={"Type": 3, "End": True}),
        scope(A={"Type": None, "End": True}),
        scope(A={"Type": ["Pass"], "End": True}),
        scope(A=task(TimeoutSeconds="60", End=True)),
        scope(A=task(TimeoutSeconds=60.5, End=True)),
        scope(A=task(HeartbeatSeconds=True, End=True)),
        scope(A=task(Comment=3, End=True)),
        scope(A=task(Retry={"ErrorEquals": ["States.ALL"]}, End=True)),
        scope(A=task(Assign=["x"], End=True)),
        scope(A=task(Retry=["States.ALL"], End=True)),
        retried(MaxAttempts="3"),
        retried(IntervalSeconds=1.5),
        retried(BackoffRate="2.0"),
        retried(ErrorEquals="States.ALL"),
        retried(ErrorEquals=[]),
        retried(ErrorEquals=[404]),
        scope(A={"Type": "Wait", "Seconds": "10", "End": True}),
        scope(A={"Type": "Wait", "Timestamp": "tomorrow", "End": True}),
        scope(A={"Type": "Parallel", "Branches": {"StartAt": "X"}, "End": True}),
        scope(A={"Type": "Parallel", "Branches": [[scope(X=DONE)]], "End": True}),
        scope(A={"Type": "Pass", "Next": 3}),
        {**scope(A=PASS), "Comment": ["no"]},
        {"StartAt": "A", "States": {"A": PASS, "B": "Pass"}},
    ],
    "no_start_at": [
        {"States": {"A": PASS}},
        {"StartAt": "B", "States": {"A": PASS}},
        {"StartAt": "", "States": {"A": PASS}},
        {"StartAt": None, "States": {"A": PASS}},
        {"StartAt": "a", "States": {"A": PASS, "B": DONE}},
        {"StartAt": ["A"], "States": {"A": PASS}},
    ],
    "no_terminal_state": [
        scope(A={"Type": "Pass", "Next": "A"}),
        scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Wait", "Seconds": 1, "Next": "A"}),
        scope(A=task(Next="B", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "A"}]), B=task(Next="A")),
        scope(A={"Type": "Pass", "Next": "A"}, B=DONE),
        scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Parallel", "Branches": [scope(X=DONE)], "Next": "A"}),
    ],
    "long_name": [
        {"StartAt": "x" * 81, "States": {"x" * 81: PASS}},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "名" * 81}, "名" * 81: DONE}},
        {"StartAt": "", "States": {"": PASS}},
        {"StartAt": "a\nb", "States": {"a\nb": PASS}},
        {"StartAt": "a\u0085b", "States": {"a\u0085b": PASS}},
        scope(A={"Type": "Pass", "Assign": {"v" * 81: 1}, "End": True}),
    ],
    "bad_arn": [
        resource("work"),
        resource(""),
        resource(3),
        resource({"Ref": "Function"}),
        resource("arn"),
        resource("arn:aws"),
        resource("arn:aws:lambda"),
        resource("arn:aws:states::lambda:invoke"),
        resource("arn:aws:states:::lambda"),
        resource("arn:aws:states:::lambda:"),
        resource("arn:aws:states:::lambda:run"),
        resource("arn:aws:states:::lambda:invoke.sync:3"),
        resource("arn:aws:states:::lambda:invoke.waitForToken"),
        resource("arn:aws:states:::ecs:runTask.waitForTasktoken"),
        resource("arn:aws:states:::lamda:invoke"),
        resource("arn:aws:states:::aws-sdk:s3"),
        resource("arn:aws:states:::aws_sdk:s3:listBuckets"),
        resource("arn:amazon:states:::lambda:invoke"),
        resource("arn:aws-eu:states:::lambda:invoke"),
        resource("anr:aws:states:::lambda:invoke"),
        resource("aws:states:::lambda:invoke"),
        resource("arn:aws:lambda:us-east-1:123456789012:work"),
        resource("arn:aws:lambda:us-east-1:123456789012:function"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:with space"),
        resource("arn:aws:lambda:us-east-1:account:function:work"),
        resource("arn:aws:lambda:us-east-1:123:function:work"),
        resource("arn:aws:lambda:US EAST:123456789012:function:work"),
        resource("arn:aws:lambda:us-east-1:function:work"),
        resource("arn:aws:s3:::bucket/key"),
        resource("arn:aws:sns:us-east-1:123456789012:topic"),
        resource("https://example.com/hook"),
        resource(" arn:aws:states:::lambda:invoke"),
        resource("arn:aws:states:::lambda:invoke "),
    ],
    "integer_for_float": [
        retried(BackoffRate=2),
        retried(BackoffRate=1),
        retried(BackoffRate=10, MaxAttempts=2),
        scope(
            A=task(
                Retry=[{"ErrorEquals": ["E"], "BackoffRate": 1.5}, {"ErrorEquals": ["States.ALL"], "BackoffRate": 3}],
                End=True,
            )
        ),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X=DONE)],
                "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 2}],
                "End": True,
            }
        ),
        scope(
            A={
                "Type": "Map",
                "ItemProcessor": scope(X=DONE),
                "Retry": [{"ErrorEquals": ["E"], "BackoffRate": 2}],
                "End": True,
            }
        ),
    ],
    "heartbeat_not_below_timeout": [
        scope(A=task(HeartbeatSeconds=60, TimeoutSeconds=60, End=True)),
        scope(A=task(HeartbeatSeconds=61, TimeoutSeconds=60, End=True)),
        scope(A=task(HeartbeatSeconds=1, TimeoutSeconds=1, End=True)),
        scope(A=task(HeartbeatSeconds=7200, TimeoutSeconds=300, Next="B"), B=DONE),
    ],
    "states_all_not_last": [
        scope(A=task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}], End=True)),
        scope(A=task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["States.ALL"]}], End=True)),
        scope(A=task(Retry=[{"ErrorEquals": ["E", "States.ALL"]}], End=True)),
        scope(A=task(Retry=[{"ErrorEquals": ["States.ALL", "E"], "MaxAttempts": 0}], End=True)),
        caught({"ErrorEquals": ["States.ALL"], "Next": "B"}, {"ErrorEquals": ["E"], "Next": "B"}),
        caught({"ErrorEquals": ["E", "States.ALL"], "Next": "B"}),
        caught(
            {"ErrorEquals": ["D"], "Next": "B"},
            {"ErrorEquals": ["States.ALL"], "Next": "B"},
            {"ErrorEquals": ["E"], "Next": "B"},
        ),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X=DONE)],
                "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}],
                "End": True,
            }
        ),
        scope(
            A={
                "Type": "Map",
                "ItemProcessor": scope(X=DONE),
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}, {"ErrorEquals": ["E"], "Next": "B"}],
                "Next": "B",
            },
            B=DONE,
        ),
    ],
    "duplicate_name": [
        scope(
            A={"Type": "Parallel", "Branches": [scope(X=DONE), scope(X=DONE)], "End": True},
        ),
        scope(A={"Type": "Parallel", "Branches": [scope(A=DONE)], "End": True}),
        scope(A={"Type": "Map", "ItemProcessor": scope(B=DONE), "Next": "B"}, B=DONE),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X={"Type": "Map", "ItemProcessor": scope(Y=DONE), "End": True}), scope(Y=DONE)],
                "End": True,
            }
        ),
    ],
    "escaping_branch": [
        scope(
            A={"Type": "Parallel", "Branches": [scope(X={"Type": "Pass", "Next": "B"}), scope(Y=DONE)], "Next": "B"},
            B=DONE,
        ),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=task(Next="B")), "Next": "B"}, B=DONE),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X={"Type": "Pass", "Next": "Y"}), scope(Y=DONE)],
                "End": True,
            }
        ),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X=task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}], End=True))],
                "Next": "B",
            },
            B=DONE,
        ),
        scope(A={"Type": "Pass", "Next": "X"}, B={"Type": "Parallel", "Branches": [scope(X=DONE)], "End": True}),
        scope(A={"Type": "Map", "ItemProcessor": scope(X={"Type": "Pass", "Next": "A"}), "Next": "B"}, B=DONE),
    ],
    "out_of_range": [
        scope(A=task(TimeoutSeconds=0, End=True)),
        scope(A=task(TimeoutSeconds=-1, End=True)),
        scope(A=task(TimeoutSeconds=100_000_000, End=True)),
        scope(A={"Type": "Wait", "Seconds": -1, "End": True}),
        retried(IntervalSeconds=0),
        retried(MaxAttempts=-1),
        retried(BackoffRate=0.5),
        retried(JitterStrategy="SOME"),
        retried(IntervalSeconds=10, MaxDelaySeconds=10),
        retried(MaxDelaySeconds=0),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=DONE), "MaxConcurrency": -1, "End": True}),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=DONE), "ToleratedFailurePercentage": 101, "End": True}),
    ],
    "missing_field": [
        {"StartAt": "A"},
        {"StartAt": "A", "States": {}},
        scope(A={"Type": "Task", "End": True}),
        scope(A={"Type": "Parallel", "End": True}),
        scope(A={"Type": "Parallel", "Branches": [], "End": True}),
        scope(A={"Type": "Map", "End": True}),
        scope(A={"Type": "Wait", "End": True}),
        scope(A={"Type": "Choice", "Default": "B"}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [], "Default": "B"}, B=DONE),
        scope(A=task(Catch=[{"ErrorEquals": ["States.ALL"]}], End=True)),
    ],
    "exclusive_fields": [
        scope(A={"Type": "Wait", "Seconds": 1, "Timestamp": "2016-03-14T01:59:00Z", "End": True}),
        scope(A={"Type": "Map", "ItemProcessor": scope(X=DONE), "Iterator": scope(Y=DONE), "End": True}),
    ],
    "map_config": [
        scope(A={"Type": "Map", "Label": "x" * 41, "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Map", "Label": "a b", "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLNE"}, **scope(X=DONE)}, "End": True}),
        scope(
            A={
                "Type": "Map",
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **scope(X=DONE)},
                "End": True,
            }
        ),
        scope(A={"Type": "Map", "ItemBatcher": {}, "ItemProcessor": scope(X=DONE), "End": True}),
    ],
    "query_language": [
        scope(A={"Type": "Pass", "QueryLanguage": "jsonata", "End": True}),
        scope(A={"Type": "Pass", "QueryLanguage": "JMESPath", "End": True}),
        scope(A={"Type": "Pass", "QueryLanguage": None, "End": True}),
    ],
    "reserved_variable": [
        scope(A={"Type": "Pass", "Assign": {"states": 1}, "End": True}),
        scope(A={"Type": "Pass", "Assign": {"a-b": 1}, "End": True}),
        scope(A={"Type": "Pass", "Assign": {"1a": 1}, "End": True}),
        scope(A={"Type": "Pass", "Assign": {"$a": 1}, "End": True}),
    ],
    "shadowed_variable": [
        scope(
            A={"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
            B={
                "Type": "Parallel",
                "Branches": [scope(C={"Type": "Pass", "Assign": {"x": 2}, "End": True})],
                "End": True,
            },
        ),
        scope(
            A={"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
            B={"Type": "Map", "ItemProcessor": scope(C={"Type": "Pass", "Assign": {"x": 2}, "End": True}), "End": True},
        ),
    ],
}
"""What is broken whatever the query language."""

JSONATA: dict[str, list[Machine]] = {
    "dangling_next": [
        scope(A=choice("Missing", default="B"), B=DONE),
        scope(A=choice("B", "Missing", default="B"), B=DONE),
        scope(A=choice("B", default="Missing"), B=DONE),
    ],
    "unreachable_state": [scope(A=choice("B", default="B"), B=DONE, C=DONE)],
    "next_or_end": [
        scope(A={**choice("B"), "Next": "B"}, B=DONE),
        scope(A={**choice("B", default="B"), "End": True}, B=DONE),
    ],
    "missing_field": [
        scope(A={"Type": "Choice", "Choices": [{"Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Condition": "{% true %}"}], "Default": "B"}, B=DONE),
    ],
    "unknown_field": [
        scope(A={"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B", "If": 1}]}, B=DONE),
        scope(A={"Type": "Wait", "Seconds": 1, "Arguments": {}, "End": True}),
        scope(A={"Type": "Pass", "Condition": "{% true %}", "End": True}),
    ],
    "bad_type": [
        scope(A={"Type": "Choice", "Choices": [{"Condition": "true", "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Condition": 1, "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Map", "Items": "list", "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Pass", "Assign": "{% {'x': 1} %}", "End": True}),
        retried(MaxAttempts="{% 3 %}"),
    ],
    "bad_jsonata": [
        passed("{% $states.input. %}"),
        passed("{% $states.input.a[ %}"),
        passed("{% $sum(1, 2 %}"),
        passed("{% 1 + %}"),
        passed("{% 'open %}"),
        passed("{% %}"),
        passed("{%%}"),
        passed("{% {'a': } %}"),
        passed("{% a b %}"),
        passed("{% $x := %}"),
        passed("{% $states.input.a == 1 %}"),
        passed("{% $states.input.a && true %}"),
        passed("{% $states.input.a ?? 1 %}"),
        passed("{% $states.input.a ?: 1 %}"),
        passed("{% ) %}"),
        passed("{% function($x) $x %}"),
        passed("{% /* never closed %}"),
        passed("{% $match('a', /(/) %}"),
        passed("{% $states.input"),
        passed("$states.input %}"),
        passed("{% $states.input %} "),
        passed({"deep": [{"er": "{% ( %}"}]}),
        called(Payload={"x": "{% $states.input.x + %}"}),
        scope(A=task(Assign={"x": "{% $states.result[ %}"}, End=True)),
        scope(A={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a = %}", "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Wait", "Seconds": "{% 1 + %}", "End": True}),
        scope(A={"Type": "Map", "Items": "{% [1, %}", "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Fail", "Cause": "{% 'a' & %}"}),
        caught({"ErrorEquals": ["E"], "Output": "{% $states.errorOutput. %}", "Next": "B"}),
    ],
    "jsonpath_field": [
        scope(A=task(Parameters={"x": 1}, End=True)),
        scope(A=task(InputPath="$.x", End=True)),
        scope(A=task(InputPath=None, End=True)),
        scope(A=task(ResultSelector={"x.$": "$"}, End=True)),
        scope(A=task(ResultPath="$.x", End=True)),
        scope(A=task(OutputPath="$.x", End=True)),
        scope(A=task(TimeoutSecondsPath="$.x", End=True)),
        scope(A=task(HeartbeatSecondsPath="$.x", End=True)),
        scope(A={"Type": "Pass", "Result": {"x": 1}, "End": True}),
        scope(A={"Type": "Pass", "Next": "B"}, B={"Type": "Succeed", "OutputPath": "$"}),
        scope(A={"Type": "Wait", "SecondsPath": "$.x", "End": True}),
        scope(A={"Type": "Wait", "TimestampPath": "$.x", "End": True}),
        scope(A={"Type": "Fail", "ErrorPath": "$.x"}),
        scope(A={"Type": "Fail", "CausePath": "$.x"}),
        scope(A={"Type": "Map", "ItemsPath": "$.x", "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Map", "MaxConcurrencyPath": "$.x", "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Parallel", "Parameters": {}, "Branches": [scope(X=DONE)], "End": True}),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": 1, "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"And": [{"Variable": "$.x", "IsNull": True}], "Next": "B"}]}, B=DONE),
        scope(A={**choice("B", default="B"), "InputPath": "$"}, B=DONE),
        caught({"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B"}),
        called(**{"Payload.$": "$.x"}),
        called(Payload={"deep": [{"x.$": "$.x"}]}),
        passed({"x.$": "$.x"}),
        scope(A={"Type": "Pass", "Assign": {"x.$": "$.x"}, "End": True}),
        scope(
            A={"Type": "Map", "ItemSelector": {"x.$": "$$.Map.Item.Value"}, "ItemProcessor": scope(X=DONE), "End": True}
        ),
    ],
    "undefined_variable": [
        passed("{% $nothing %}"),
        passed({"x": ["{% $nothing.field + 1 %}"]}),
        passed("{% $count($nothing) %}"),
        passed("{% $map([1], function($v) { $v + $nothing }) %}"),
        passed("{% ($a := 1; $a + $b) %}"),
        passed("{% (($inner := 1); $inner) %}"),
        passed("{% $states.input.x[$ = $nothing] %}"),
        passed("{% {'a': $nothing} %}"),
        passed("{% $state.input %}"),
        passed("{% $upper('a') %}"),
        passed("{% $eval('1 + 1') %}"),
        passed("{% $x := $x %}"),
        called(Payload={"x": "{% $nothing %}"}),
        scope(A={"Type": "Pass", "Assign": {"x": 1, "y": "{% $x %}"}, "End": True}),
        scope(A=task(Assign={"x": 1}, Output="{% $x %}", End=True)),
        scope(A={"Type": "Choice", "Choices": [{"Condition": "{% $x > 1 %}", "Next": "B"}], "Default": "B"}, B=DONE),
        scope(
            A={
                "Type": "Choice",
                "Choices": [{"Condition": "{% true %}", "Assign": {"x": 1}, "Next": "B"}],
                "Default": "B",
            },
            B={"Type": "Succeed", "Output": "{% $x %}"},
        ),
        scope(
            A=choice("B", default="C"),
            B={"Type": "Pass", "Assign": {"x": 1}, "Next": "C"},
            C={"Type": "Succeed", "Output": "{% $x %}"},
        ),
        scope(
            A=task(Assign={"x": 1}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}], Next="B"),
            B={"Type": "Succeed", "Output": "{% $x %}"},
        ),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X={"Type": "Pass", "Assign": {"mine": 1}, "End": True})],
                "Next": "B",
            },
            B={"Type": "Succeed", "Output": "{% $mine %}"},
        ),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [
                    scope(X={"Type": "Pass", "Assign": {"mine": 1}, "End": True}),
                    scope(Y={"Type": "Pass", "Output": "{% $mine %}", "End": True}),
                ],
                "End": True,
            }
        ),
        scope(
            A={
                "Type": "Map",
                "ItemProcessor": scope(X={"Type": "Pass", "Assign": {"mine": 1}, "End": True}),
                "Output": "{% $mine %}",
                "End": True,
            }
        ),
        scope(
            A={"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
            B={
                "Type": "Map",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    **scope(X={"Type": "Pass", "Output": "{% $x %}", "End": True}),
                },
                "End": True,
            },
        ),
        scope(
            A={
                "Type": "Parallel",
                "Branches": [scope(X={"Type": "Pass", "Output": "{% $late %}", "End": True})],
                "Next": "B",
            },
            B={"Type": "Pass", "Assign": {"late": 1}, "End": True},
        ),
        scope(A={"Type": "Wait", "Seconds": "{% $seconds %}", "End": True}),
        scope(A={"Type": "Fail", "Cause": "{% $cause %}"}),
        caught({"ErrorEquals": ["E"], "Output": "{% $nothing %}", "Next": "B"}),
        scope(A=task(TimeoutSeconds="{% $t %}", End=True)),
        scope(A={"Type": "Map", "Items": "{% $items %}", "ItemProcessor": scope(X=DONE), "End": True}),
    ],
    "states_field": [
        passed("{% $states.result %}"),
        passed("{% $states.outputs %}"),
        passed("{% $states.errorOutput %}"),
        called(Payload="{% $states.result.Payload %}"),
        scope(A=task(Output="{% $states.errorOutput %}", End=True)),
        caught({"ErrorEquals": ["E"], "Output": "{% $states.result %}", "Next": "B"}),
        scope(A={"Type": "Choice", "Choices": [{"Condition": "{% $states.result = 1 %}", "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Map", "Items": "{% $states.result %}", "ItemProcessor": scope(X=DONE), "End": True}),
    ],
    "top_level_reference": [
        passed("{% input.x %}"),
        passed("{% $.x %}"),
        passed("{% $ %}"),
        passed("{% $$.x %}"),
        passed("{% states.input %}"),
        passed("{% $map([1], function($v) { other }) %}"),
    ],
    "bad_intrinsic": [
        passed("{% States.Format('{}', $states.input.x) %}"),
        passed("{% States.UUID() %}"),
        passed("{% States.Nothing($states.input) %}"),
        passed("States.Format('{}', $.x)"),
        called(Payload={"x": "{% $count(States.Array(1, 2)) %}"}),
        called(Payload={"x": "States.UUID()"}),
    ],
    "task_token": [
        scope(A=task(Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken", Arguments={"a": 1}, End=True)),
        scope(A=task(Resource="arn:aws:states:::ecs:runTask.waitForTaskToken", End=True)),
        scope(
            A=task(
                Resource=INVOKE + ".waitForTaskToken", Arguments={"x": "{% $states.context.Execution.Id %}"}, End=True
            )
        ),
    ],
}

JSONPATH: dict[str, list[Machine]] = {
    "dangling_next": [
        scope(
            A={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "No"}], "Default": "B"}, B=DONE
        ),
        scope(
            A={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "B"}], "Default": "No"}, B=DONE
        ),
    ],
    "jsonata_field": [
        scope(A=task(Arguments={"x": 1}, End=True)),
        scope(A={"Type": "Pass", "Output": {"x": 1}, "End": True}),
        scope(A={"Type": "Map", "Items": [1], "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}]}, B=DONE),
        scope(A=task(Parameters={"x": "{% $states.input %}"}, End=True)),
        caught({"ErrorEquals": ["States.ALL"], "Output": {}, "Next": "B"}),
    ],
    "bad_intrinsic": [
        parameters(x="States.Nothing()"),
        parameters(x="States.format('{}', $.a)"),
        parameters(x="States.Format('{}', $.a"),
        parameters(x="States.Format('{}, $.a)"),
        parameters(x="States.Format('{}')"),
        parameters(x="States.Format('{} {}', $.a)"),
        parameters(x="States.Format()"),
        parameters(x="States.UUID"),
        parameters(x="States.UUID(1)"),
        parameters(x="States.MathAdd(1)"),
        parameters(x="States.MathAdd(1, '1')"),
        parameters(x="States.ArrayLength($.a, $.b)"),
        parameters(x="States.Array($.a $.b)"),
        parameters(x="States.Array(a)"),
        parameters(x="States.Array($.a,)"),
        parameters(x="States.Array($.a) and more"),
        parameters(x="States.ArrayGetItem(States.Nope($.a), 0)"),
        parameters(x="Format('{}', $.a)"),
        parameters(x="plain text"),
        parameters(x="$uuid() text"[1:]),
        scope(A={"Type": "Pass", "Parameters": {"deep": [{"x.$": "States.Hash($.a)"}]}, "End": True}),
        scope(A={"Type": "Pass", "Assign": {"x.$": "States.Nope()"}, "End": True}),
        scope(A=task(ResultSelector={"x.$": "States.Nope()"}, End=True)),
        scope(A={"Type": "Map", "ItemSelector": {"x.$": "States.Nope()"}, "ItemProcessor": scope(X=DONE), "End": True}),
        scope(A={"Type": "Fail", "CausePath": "States.Nope()"}),
    ],
    "bad_path": [
        scope(A=task(InputPath="x", End=True)),
        scope(A=task(ResultPath="$$.x", End=True)),
        scope(A=task(ResultPath="$.x[*]", End=True)),
        scope(A=task(ResultPath="$name.x", End=True)),
        scope(A=task(OutputPath="$.x[0", End=True)),
        scope(A=task(OutputPath="$.", End=True)),
        scope(A=task(InputPath=3, End=True)),
        parameters(x="$.a["),
        scope(A={"Type": "Wait", "SecondsPath": "$.a[*]", "End": True}),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "x", "IsNull": True, "Next": "B"}]}, B=DONE),
    ],
    "bad_choice_rule": [
        scope(A={"Type": "Choice", "Choices": [{"Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"IsNull": True, "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"And": [], "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Not": [], "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": "1", "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "StringEquals": 1, "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "BooleanEquals": "true", "Next": "B"}]}, B=DONE),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$.x", "TimestampEquals": "now", "Next": "B"}]}, B=DONE),
        scope(
            A={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "IsPresent": True, "Next": "B"}]},
            B=DONE,
        ),
        scope(
            A={
                "Type": "Choice",
                "Choices": [{"Or": [{"Variable": "$.x", "IsNull": True, "Next": "B"}], "Next": "B"}],
            },
            B=DONE,
        ),
    ],
    "duplicate_key": [
        scope(A=task(Parameters={"x": 1, "x.$": "$.x"}, End=True)),
        scope(A=task(Parameters={"deep": [{"x": 1, "x.$": "$.x"}]}, End=True)),
    ],
    "exclusive_fields": [
        scope(A=task(TimeoutSeconds=3, TimeoutSecondsPath="$.t", End=True)),
        scope(A={"Type": "Wait", "Seconds": 1, "SecondsPath": "$.x", "End": True}),
        scope(A={"Type": "Fail", "Cause": "x", "CausePath": "$.x"}),
    ],
    "undefined_variable": [
        parameters(x="$nothing.field"),
        parameters(x="States.Format('{}', $nothing)"),
        scope(A=task(InputPath="$nothing", End=True)),
        scope(A={"Type": "Choice", "Choices": [{"Variable": "$nothing", "IsNull": True, "Next": "B"}]}, B=DONE),
    ],
    "task_token": [
        scope(
            A=task(
                Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                Parameters={"a.$": "$$.Execution.Id"},
                End=True,
            )
        ),
    ],
}


def cases() -> list[tuple[str, str, Machine]]:
    """(rule, query language, scope) of every variant."""
    return [
        (rule, language, broken)
        for language, kinds in (("JSONata", ANY), ("JSONPath", ANY), ("JSONata", JSONATA), ("JSONPath", JSONPATH))
        for rule, variants in kinds.items()
        for broken in variants
    ]


__all__ = ["LAMBDA", "cases", "inside"]
