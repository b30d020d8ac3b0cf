"""Definitions that Step Functions takes, written for these tests: what the checker must say nothing about."""

from typing import Any

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"
INVOKE = "arn:aws:states:::lambda:invoke"

Machine = dict[str, Any]


def task(**fields: Any) -> Machine:
    return {"Type": "Task", "Resource": LAMBDA + "work", **fields}


def scope(**states: Machine) -> Machine:
    return {"StartAt": next(iter(states)), "States": states}


def jsonata(**states: Machine) -> Machine:
    return {"QueryLanguage": "JSONata", **scope(**states)}


VALID: dict[str, Machine] = {
    "one task": scope(Hello=task(End=True)),
    "one succeed": scope(Done={"Type": "Succeed"}),
    "one fail": scope(Done={"Type": "Fail"}),
    "one pass with everything": {
        "Comment": "constants",
        "Version": "1.0",
        "TimeoutSeconds": 3600,
        "StartAt": "Constants",
        "States": {
            "Constants": {
                "Type": "Pass",
                "Comment": "made here",
                "InputPath": "$.in",
                "Result": {"x": 0.381018, "list": [1, 2, {"y": None}], "text": "{% this is text %}"},
                "ResultPath": "$.coords",
                "OutputPath": "$",
                "End": True,
            }
        },
    },
    "paths that are null": scope(A=task(InputPath=None, ResultPath=None, OutputPath=None, End=True)),
    "reference paths of every form": scope(
        A=task(InputPath="$.store.book[0]['title'].x", ResultPath="$.ledgers[0][22].foo", Next="B"),
        B=task(InputPath="$['store']['book']", ResultPath="$['a']['b']", OutputPath="$.a[?(@.price < 10)].b", Next="C"),
        C=task(InputPath="$$.Execution.Input", OutputPath="$..author", ResultPath="$.a-b.c_d", End=True),
    ),
    "every comparison": scope(
        Which={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.a", "StringEquals": "x", "Next": "Yes", "Comment": "first"},
                {"Variable": "$.a", "StringMatches": "log-*.txt", "Next": "Yes"},
                {"Variable": "$.a", "StringLessThanPath": "$.b", "Next": "Yes"},
                {"Variable": "$.a", "NumericEquals": 3, "Next": "Yes"},
                {"Variable": "$.a", "NumericGreaterThanEquals": 3.5, "Next": "Yes"},
                {"Variable": "$.a", "NumericLessThanEqualsPath": "$.c", "Next": "Yes"},
                {"Variable": "$.a", "BooleanEquals": False, "Next": "Yes"},
                {"Variable": "$.a", "BooleanEqualsPath": "$.d", "Next": "Yes"},
                {"Variable": "$.a", "TimestampGreaterThan": "2016-03-14T01:59:00Z", "Next": "Yes"},
                {"Variable": "$.a", "TimestampLessThanEquals": "2016-03-14T01:59:00.5+09:00", "Next": "Yes"},
                {"Variable": "$.a", "TimestampEqualsPath": "$.e", "Next": "Yes"},
                {"Variable": "$.a", "IsPresent": True, "Next": "Yes"},
                {"Variable": "$.a", "IsNull": False, "Next": "Yes"},
                {"Variable": "$$.Execution.Name", "IsString": True, "Next": "Yes"},
                {
                    "And": [
                        {"Variable": "$.value", "IsNumeric": True},
                        {"Not": {"Variable": "$.value", "NumericLessThan": 20}},
                        {"Or": [{"Variable": "$.z", "IsBoolean": True}, {"Variable": "$.z", "IsTimestamp": True}]},
                    ],
                    "Assign": {"range": "twenties"},
                    "Next": "Yes",
                },
                {"Not": {"Variable": "$.type", "StringEquals": "Private"}, "Next": "Yes"},
            ],
            "Default": "No",
            "InputPath": "$.in",
            "OutputPath": "$.out",
        },
        Yes={"Type": "Succeed", "InputPath": "$.x", "OutputPath": "$.y"},
        No={"Type": "Fail", "Error": "Nothing", "Cause": "no rule held"},
    ),
    "a choice without a default": scope(
        Which={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Yes"}]},
        Yes={"Type": "Succeed"},
    ),
    "parallel, retried and caught": scope(
        Both={
            "Type": "Parallel",
            "Branches": [
                scope(Address=task(Next="Checked"), Checked={"Type": "Pass", "End": True}),
                {"Comment": "the phone", **scope(Phone=task(End=True))},
            ],
            "Parameters": {"id.$": "$.id", "fixed": 88},
            "ResultSelector": {"address.$": "$[0].value", "phone.$": "$[1]"},
            "ResultPath": "$.found",
            "Retry": [
                {"ErrorEquals": ["ErrorA", "ErrorB"], "IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 2},
                {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0},
                {"ErrorEquals": ["States.ALL"]},
            ],
            "Catch": [
                {"ErrorEquals": ["java.lang.Exception"], "ResultPath": "$.error-info", "Next": "Mend"},
                {"ErrorEquals": ["States.ALL"], "Assign": {"failed": True}, "Next": "Give up"},
            ],
            "Next": "Done",
        },
        Mend=task(Next="Done"),
        **{"Give up": {"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "States.Format('{}', $.Cause)"}},
        Done={"Type": "Succeed"},
    ),
    "map with a processor": scope(
        Each={
            "Type": "Map",
            "InputPath": "$.detail",
            "ItemsPath": "$.shipped",
            "MaxConcurrency": 0,
            "ItemSelector": {"parcel.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "by.$": "$.courier"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                **scope(
                    Validate=task(Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "Skip"}], End=True),
                    Skip={"Type": "Pass", "End": True},
                ),
            },
            "ToleratedFailurePercentage": 5.5,
            "ResultPath": "$.detail.shipped",
            "End": True,
        }
    ),
    "map with the deprecated iterator": scope(
        Each={
            "Type": "Map",
            "Iterator": scope(One=task(End=True)),
            "Parameters": {"item.$": "$$.Map.Item.Value"},
            "MaxConcurrencyPath": "$.most",
            "ToleratedFailureCountPath": "$.few",
            "Next": "Done",
        },
        Done={"Type": "Succeed"},
    ),
    "distributed map": scope(
        Each={
            "Type": "Map",
            "Label": "Files",
            "MaxConcurrency": 1000,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItemsPath": "$.most"},
                "Parameters": {"Bucket.$": "$.bucket", "Key": "list.csv"},
            },
            "ItemBatcher": {
                "MaxItemsPerBatch": 10,
                "MaxInputBytesPerBatchPath": "$.bytes",
                "BatchInput": {"a.$": "$.a"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                **scope(One=task(End=True)),
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "results", "Prefix": "out"},
            },
            "ToleratedFailureCount": 3,
            "End": True,
        }
    ),
    "distributed map in JSONata": jsonata(
        Each={
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "ReaderConfig": {"MaxItems": "{% $states.input.most %}"},
                "Arguments": {"Bucket": "{% $states.input.bucket %}", "Prefix": "in/"},
            },
            "ItemBatcher": {"MaxItemsPerBatch": "{% $states.input.batch %}", "BatchInput": {"day": "{% $now() %}"}},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **scope(
                    One=task(Assign={"mine": 1}, Next="Two"), Two={"Type": "Pass", "Output": "{% $mine %}", "End": True}
                ),
            },
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "results"}},
            "ToleratedFailurePercentage": "{% $states.input.share %}",
            "Output": "{% $states.result %}",
            "End": True,
        }
    ),
    "waits": scope(
        A={"Type": "Wait", "Seconds": 0, "Next": "B"},
        B={"Type": "Wait", "SecondsPath": "$.seconds", "Next": "C"},
        C={"Type": "Wait", "Timestamp": "2016-03-14T01:59:00Z", "Next": "D"},
        D={"Type": "Wait", "TimestampPath": "$.expirydate", "End": True},
    ),
    "waits in JSONata": jsonata(
        A={"Type": "Wait", "Seconds": "{% $states.input.seconds %}", "Next": "B"},
        B={"Type": "Wait", "Timestamp": "{% $states.input.at %}", "Assign": {"at": "{% $now() %}"}, "Next": "C"},
        C={"Type": "Wait", "Seconds": 3, "Output": {"at": "{% $at %}"}, "End": True},
    ),
    "a token by a queue": scope(
        Ask={
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
                "QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/asked",
                "MessageBody": {"Input.$": "$", "TaskToken.$": "$$.Task.Token"},
            },
            "HeartbeatSeconds": 60,
            "TimeoutSeconds": 61,
            "End": True,
        }
    ),
    "a token by a container": jsonata(
        Run={
            "Type": "Task",
            "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
            "Arguments": {
                "Cluster": "${cluster}",
                "LaunchType": "FARGATE",
                "TaskDefinition": "${task_definition}",
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": "{% $split('${subnets}', ',') %}"}},
                "Overrides": {
                    "ContainerOverrides": [
                        {"Name": "dbt", "Environment": [{"Name": "T", "Value": "{% $states.context.Task.Token %}"}]}
                    ]
                },
            },
            "HeartbeatSeconds": 120,
            "TimeoutSeconds": 7200,
            "Retry": [
                {
                    "ErrorEquals": ["ECS.AmazonECSException", "States.HeartbeatTimeout"],
                    "IntervalSeconds": 30,
                    "MaxAttempts": 3,
                    "BackoffRate": 1.5,
                    "MaxDelaySeconds": 300,
                    "JitterStrategy": "FULL",
                }
            ],
            "Output": {},
            "End": True,
        }
    ),
    "a token in the task of the context": scope(
        Ask=task(
            Resource="arn:aws:states:::sns:publish.waitForTaskToken",
            Parameters={"TopicArn": "topic", "Message": {"task.$": "$$.Task"}},
            End=True,
        )
    ),
    "a token in the whole context": jsonata(
        Run=task(
            Resource=INVOKE + ".waitForTaskToken",
            Arguments={"FunctionName": "ask", "Payload": {"context": "{% $states.context %}"}},
            End=True,
        )
    ),
    "job poller": {
        "Comment": "asks until the job is done",
        "StartAt": "Submit Job",
        "States": {
            "Submit Job": task(ResultPath="$.guid", Next="Wait X Seconds"),
            "Wait X Seconds": {"Type": "Wait", "SecondsPath": "$.wait_time", "Next": "Get Job Status"},
            "Get Job Status": task(
                InputPath="$.guid",
                ResultPath="$.status",
                Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2.0}],
                Next="Job Complete?",
            ),
            "Job Complete?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.status", "StringEquals": "FAILED", "Next": "Job Failed"},
                    {"Variable": "$.status", "StringEquals": "SUCCEEDED", "Next": "Get Final Status"},
                ],
                "Default": "Wait X Seconds",
            },
            "Job Failed": {"Type": "Fail", "Cause": "Job Failed", "Error": "DescribeJob returned FAILED"},
            "Get Final Status": task(InputPath="$.guid", End=True),
        },
    },
    "a counter in a loop": jsonata(
        Init={"Type": "Pass", "Assign": {"tries": 0, "max": 3}, "Next": "Try"},
        Try=task(Next="More?", Assign={"tries": "{% $tries + 1 %}", "last": "{% $states.result %}"}),
        **{
            "More?": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $tries < $max and $last.status != 'done' %}", "Next": "Rest"}],
                "Default": "Done",
            }
        },
        Rest={"Type": "Wait", "Seconds": "{% $power(2, $tries) %}", "Next": "Try"},
        Done={"Type": "Succeed", "Output": {"tries": "{% $tries %}", "last": "{% $last %}"}},
    ),
    "variables of outer scopes": jsonata(
        Start={"Type": "Pass", "Assign": {"outer": "hello", "list": [1, 2]}, "Next": "Both"},
        Both={
            "Type": "Parallel",
            "Branches": [
                scope(
                    L1={"Type": "Pass", "Assign": {"mine": "{% $outer & '!' %}"}, "Next": "L2"},
                    L2={"Type": "Pass", "Output": "{% $mine & $outer %}", "End": True},
                ),
                scope(
                    R1={
                        "Type": "Map",
                        "Items": "{% $list %}",
                        "ItemSelector": {"value": "{% $states.context.Map.Item.Value %}", "word": "{% $outer %}"},
                        "ItemProcessor": scope(
                            Item={"Type": "Pass", "Assign": {"mine": "{% $states.input.value %}"}, "Next": "Out"},
                            Out={"Type": "Succeed", "Output": "{% $outer & $string($mine) %}"},
                        ),
                        "End": True,
                    }
                ),
            ],
            "Assign": {"outer": 2, "both": "{% $states.result[0] %}"},
            "Output": "{% $states.result %}",
            "Next": "End",
        },
        End={"Type": "Succeed", "Output": "{% {'outer': $outer, 'both': $both, 'in': $states.input} %}"},
    ),
    "assigned on both ways": jsonata(
        Which={
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": "{% $states.input.kind = 'a' %}",
                    "Assign": {"kind": 1},
                    "Output": {"x": 1},
                    "Next": "After",
                },
                {"Condition": True, "Assign": {"kind": 2}, "Next": "Work"},
            ],
            "Default": "After",
            "Assign": {"kind": 3},
            "Output": "{% $merge([$states.input, {'kind': 'none'}]) %}",
        },
        Work=task(
            Assign={"answer": "{% $states.result %}"},
            Catch=[
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"answer": "{% $states.errorOutput.Cause %}"},
                    "Output": "{% $states.errorOutput %}",
                    "Next": "Told",
                }
            ],
            Next="Told",
        ),
        Told={"Type": "Pass", "Output": "{% $answer %}", "Next": "After"},
        After={"Type": "Succeed", "Output": "{% $kind %}"},
    ),
    "asked before use": jsonata(
        Which={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.x %}", "Next": "Set"}], "Default": "Use"},
        Set={"Type": "Pass", "Assign": {"extra": 1}, "Next": "Use"},
        Use={
            "Type": "Choice",
            "Choices": [{"Condition": "{% $exists($extra) %}", "Next": "With"}],
            "Default": "Without",
        },
        With={"Type": "Pass", "Output": "{% $extra %}", "End": True},
        Without={"Type": "Pass", "Output": "{% $exists($other) ? $other : 'none' %}", "End": True},
    ),
    "JSONata of many forms": jsonata(
        A={
            "Type": "Pass",
            "Assign": {
                "order": {"lines": [{"sku": "a", "price": 2, "n": 3}], "tags": ["x"]},
                "data": "{% $parse($states.input.body) %}",
                "stamp": "{%$now()%}",
            },
            "Next": "B",
        },
        B={
            "Type": "Pass",
            "Output": {
                "filter": "{% $order.lines[price > 1 and n < 5].sku %}",
                "nested": "{% $order.lines[$.price > 1].($.price * n) %}",
                "sum": "{% $sum($order.lines.(price * n)) %}",
                "lambda": "{% $map($order.lines, function($v, $i, $a) { $v.price + $i + $count($a) }) %}",
                "letter": "{% $filter($order.tags, λ($t) { $t != 'y' }) %}",
                "block": "{% ($x := 3; $f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f($x)) %}",
                "reduce": "{% ($add := function($i, $j) { $i + $j }; $reduce([1..5], $add)) %}",
                "chain": "{% $order.tags ~> $join(',') ~> $uppercase() %}",
                "compose": "{% ($up := $trim ~> $uppercase; $up(' a ')) %}",
                "partial": "{% ($first := $substring(?, 0, 5); $first('Hello, World')) %}",
                "regex": "{% $match('ababbxabbcc', /a(b+)/i).groups[0] %}",
                "replace": "{% $replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1') %}",
                "object": "{% {'a': $order.tags[0], 'b': [$order.lines[0].sku, null, true, -1.5e3]} %}",
                "group": "{% $order.lines{sku: $sum(price)} %}",
                "sort": "{% $order.lines^(>price, sku).sku %}",
                "sorted": "{% $sort($order.lines, function($l, $r) { $l.price > $r.price }) %}",
                "bind": "{% $order.lines@$l.$order.tags@$t.{'l': $l.sku, 't': $t} %}",
                "index": "{% $order.lines#$i.{'i': $i, 'sku': sku} %}",
                "parent": "{% $order.lines.{'sku': sku, 'tags': %.tags} %}",
                "wild": "{% $order.* %}",
                "deep": "{% $order.**.sku %}",
                "transform": "{% $order ~> |lines|{'total': price * n}, ['n']| %}",
                "in": "{% 'x' in $order.tags %}",
                "range": "{% [1..$count($order.lines)] %}",
                "quoted": '{% $order.`lines`[0]."sku" %}',
                "own": "{% [$uuid(), $hash('a', 'SHA-256'), $random(), $random(1), $string($range(0, 10, 2))] %}",
                "chunks": "{% $partition([1, 2, 3], 2) %}",
                "time": "{% $fromMillis($toMillis('2020-01-01T00:00:00Z'), '[Y]-[M01]-[D01]') %}",
                "each": "{% $each($order, function($v, $k) { $k }) %}",
                "sift": "{% $sift($order, function($v, $k) { $k = 'tags' }) %}",
                "comment": "{% /* twice */ $order.lines[0].n * 2 %}",
                "and or": "{% $order.and or $order.or %}",
                "percent": "100 %",
                "dollar": "$order is text",
                "path": "$.order is text too",
                "lookup": "{% $lookup($order, 'tags')[0] %}",
                "context": "{% $states.context.Execution.Id & $states.context.State.Name %}",
                "lines": "{%\n  $order\n    .lines\n%}",
            },
            "End": True,
        },
    ),
    "a variable named as a function": jsonata(
        A={"Type": "Pass", "Assign": {"count": 1, "length": 2, "名前": "山田"}, "Next": "B"},
        B={"Type": "Pass", "Output": "{% $count + $length & $名前 %}", "End": True},
    ),
    "JSONata states in a JSONPath machine": {
        "QueryLanguage": "JSONPath",
        "StartAt": "Path",
        "States": {
            "Path": {
                "Type": "Pass",
                "Parameters": {"total.$": "$.transaction.total"},
                "Assign": {"total.$": "$.transaction.total", "fixed": 3},
                "Next": "Jsonata",
            },
            "Jsonata": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": {"total": "{% $total + $fixed %}"},
                "Next": "Both",
            },
            "Both": {
                "Type": "Parallel",
                "QueryLanguage": "JSONata",
                "Arguments": {"x": "{% $states.input.total %}"},
                "Branches": [
                    scope(P=task(Parameters={"x.$": "$.x", "y.$": "$total"}, End=True)),
                    scope(J={"Type": "Succeed", "QueryLanguage": "JSONata", "Output": "{% $total %}"}),
                ],
                "Output": "{% $states.result %}",
                "End": True,
            },
        },
    },
    "every intrinsic": scope(
        A={
            "Type": "Pass",
            "Parameters": {
                "format.$": "States.Format('Welcome to {} {}\\'s \\{list\\}.', $.firstName, $.lastName)",
                "plain.$": "States.Format('nothing')",
                "by path.$": "States.Format($.template, 'a', 2, null, true)",
                "parsed.$": "States.StringToJson($.someString)",
                "text.$": "States.JsonToString($.someJson)",
                "array.$": "States.Array('Foo', 2020, $.someJson, null, -1.5)",
                "empty.$": "States.Array()",
                "chunks.$": "States.ArrayPartition($.inputArray,4)",
                "contains.$": "States.ArrayContains($.inputArray, $.lookingFor)",
                "range.$": "States.ArrayRange(1, 9, 2)",
                "item.$": "States.ArrayGetItem($.inputArray, $.index)",
                "length.$": "States.ArrayLength($.inputArray[?(@.a == 'x,y')])",
                "unique.$": "States.ArrayUnique($['a,b)'].c)",
                "encoded.$": "States.Base64Encode($.input)",
                "decoded.$": "States.Base64Decode($.base64)",
                "hash.$": "States.Hash($.Data, 'SHA-256')",
                "merged.$": "States.JsonMerge($.json1, $.json2, false)",
                "random.$": "States.MathRandom(1, 999)",
                "seeded.$": "States.MathRandom($.start, $.end, 7)",
                "added.$": "States.MathAdd($.value1, -1)",
                "split.$": "States.StringSplit($.inputString, ',')",
                "uuid.$": "States.UUID()",
                "nested.$": "States.Format('{}', States.ArrayGetItem(States.StringSplit($.a, '/'), 2))",
                "context.$": "States.Format('{}', $$.Execution.Name)",
                "list": [{"deep.$": "States.UUID()"}],
                "not one": "States.Nothing(",
            },
            "End": True,
        }
    ),
    "variables in JSONPath": scope(
        A={"Type": "Pass", "Assign": {"user.$": "$.user", "limit": 3, "n.$": "States.MathAdd($.n, 1)"}, "Next": "B"},
        B=task(
            InputPath="$user.address",
            Parameters={"name.$": "$user.name", "text.$": "States.Format('{} of {}', $n, $limit)", "literal": "$unset"},
            ResultSelector={"out.$": "$.Payload"},
            Assign={"answer.$": "$.Payload.x", "execution.$": "$$.Execution.Id"},
            Next="C",
        ),
        C={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$n", "NumericLessThanPath": "$limit", "Next": "A"},
                {"And": [{"Variable": "$answer.ok", "BooleanEquals": True}], "Next": "D"},
            ],
            "Default": "D",
        },
        D={
            "Type": "Map",
            "ItemsPath": "$user.list",
            "ItemProcessor": scope(E=task(InputPath="$limit", End=True)),
            "End": True,
        },
    ),
    "many services": jsonata(
        **{
            f"S{number}": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::{call}",
                "Arguments": {"Any": "thing", "Token": "{% $states.context.Task.Token %}"},
                **({"End": True} if number == 24 else {"Next": f"S{number + 1}"}),
            }
            for number, (partition, call) in enumerate(
                [
                    ("aws", "lambda:invoke"),
                    ("aws-cn", "lambda:invoke.waitForTaskToken"),
                    ("aws-us-gov", "sns:publish"),
                    ("aws", "sqs:sendMessage"),
                    ("aws", "dynamodb:putItem"),
                    ("aws", "dynamodb:updateItem"),
                    ("aws", "ecs:runTask.sync"),
                    ("aws", "batch:submitJob.sync"),
                    ("aws", "glue:startJobRun.sync"),
                    ("aws", "sagemaker:createTrainingJob.sync"),
                    ("aws", "states:startExecution"),
                    ("aws", "states:startExecution.sync:2"),
                    ("aws", "states:startExecution.waitForTaskToken"),
                    ("aws", "events:putEvents.waitForTaskToken"),
                    ("aws", "http:invoke"),
                    ("aws", "apigateway:invoke"),
                    ("aws", "athena:startQueryExecution.sync"),
                    ("aws", "elasticmapreduce:addStep.sync"),
                    ("aws", "eks:runJob.sync"),
                    ("aws", "codebuild:startBuild.sync"),
                    ("aws", "bedrock:invokeModel"),
                    ("aws", "aws-sdk:s3:listBuckets"),
                    ("aws", "aws-sdk:redshiftdata:executeStatement"),
                    ("aws", "aws-sdk:sfn:startExecution.waitForTaskToken"),
                    ("aws", "emr-serverless:startJobRun.sync"),
                ]
            )
        }
    ),
    "resources of other kinds": scope(
        A=task(Resource=LAMBDA + "work:PROD", Next="B"),
        B=task(Resource=LAMBDA + "work:$LATEST", Next="C"),
        C=task(Resource="arn:aws:states:us-east-1:123456789012:activity:approve", HeartbeatSeconds=60, Next="D"),
        D=task(Resource="${WorkFunctionArn}", Next="E"),
        E=task(Resource="arn:${AWS::Partition}:states:::lambda:invoke", Next="F"),
        F=task(Resource="arn:aws:lambda:${region}:${account}:function:${name}", Next="G"),
        G=task(Resource="arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:a-b_c", Next="H"),
        H=task(Resource="arn:aws:states:us-east-1:123456789012:task:HelloWorld", End=True),
    ),
    "credentials and computed times": jsonata(
        A=task(
            Credentials={"RoleArn": "{% $states.input.role %}"},
            TimeoutSeconds="{% $states.input.timeout %}",
            HeartbeatSeconds="{% $states.input.beat %}",
            Arguments="{% $states.input %}",
            Output="{% $states.result.Payload %}",
            End=True,
        )
    ),
    "times by path": scope(A=task(TimeoutSecondsPath="$.t", HeartbeatSecondsPath="$.h", End=True)),
    "computed map": jsonata(
        A={
            "Type": "Map",
            "Items": [1, "{% $states.input.two %}", {"three": 3}],
            "MaxConcurrency": "{% $states.input.most %}",
            "ToleratedFailureCount": "{% $states.input.few %}",
            "ItemSelector": "{% $states.context.Map.Item.Value %}",
            "ItemProcessor": scope(B={"Type": "Pass", "End": True}),
            "Next": "C",
        },
        C={"Type": "Map", "ItemProcessor": scope(D={"Type": "Succeed"}), "Next": "E"},
        E={"Type": "Fail", "Error": "{% $states.input.Error %}", "Cause": "{% 'because ' & $states.input.Cause %}"},
    ),
    "fields that look like expressions": jsonata(
        A={"Type": "Pass", "Comment": "{% not evaluated", "Next": "B"},
        B={"Type": "Task", "Comment": "%}", "Resource": INVOKE, "Arguments": {"Text": "a {% inside %} b"}, "End": True},
    ),
    "saga": jsonata(
        Book=task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Unbook"}], Next="Pay"),
        Pay=task(
            Retry=[{"ErrorEquals": ["Busy", "States.Timeout"]}],
            Catch=[
                {"ErrorEquals": ["Declined"], "Output": "{% $states.errorOutput.Cause %}", "Next": "Unpay"},
                {"ErrorEquals": ["States.ALL"], "Next": "Unpay", "Comment": "everything else"},
            ],
            Next="Done",
        ),
        Unpay=task(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 99}], Next="Unbook"),
        Unbook=task(Next="Failed"),
        Failed={"Type": "Fail", "Error": "Cancelled", "Cause": "nothing was booked"},
        Done={"Type": "Succeed"},
    ),
    "deep": jsonata(
        P={
            "Type": "Parallel",
            "Branches": [
                scope(
                    M={
                        "Type": "Map",
                        "ItemProcessor": scope(
                            Q={
                                "Type": "Parallel",
                                "Branches": [
                                    scope(X=task(Next="Y"), Y={"Type": "Succeed"}),
                                    scope(Z={"Type": "Wait", "Seconds": 1, "End": True}),
                                ],
                                "End": True,
                            }
                        ),
                        "Next": "N",
                    },
                    N={
                        "Type": "Choice",
                        "Choices": [{"Condition": "{% $states.input.ok %}", "Next": "O"}],
                        "Default": "R",
                    },
                    O={"Type": "Pass", "End": True},
                    R={"Type": "Fail", "Error": "No"},
                )
            ],
            "End": True,
        }
    ),
    "names": jsonata(
        **{
            "集計: 月次 / 施設 | 全部?": {"Type": "Pass", "Next": "x" * 80},
            "x" * 80: {"Type": "Pass", "Next": "a.b-c_d (e) [f] {g} #1 $2 %3 & * ! ~"},
            "a.b-c_d (e) [f] {g} #1 $2 %3 & * ! ~": {"Type": "Succeed"},
        }
    ),
    "an infinite poll with a way out": scope(
        Poll=task(Next="Done?"),
        **{
            "Done?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "Out"}],
                "Default": "Rest",
            }
        },
        Rest={"Type": "Wait", "Seconds": 5, "Next": "Poll"},
        Out={"Type": "Succeed"},
    ),
}
