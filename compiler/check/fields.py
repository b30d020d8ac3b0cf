"""Which fields each kind of object may have, and what their values may be, as the States Language tables say.

Sources: https://states-language.net (tables of state types and fields), and the Step Functions guide for what AWS adds
(JitterStrategy, ProcessorConfig, Label). `JSONATA_FIELDS` and `JSONPATH_FIELDS` belong to one query language only.
"""

from collections.abc import Mapping

COMMON = frozenset({"Type", "Comment", "QueryLanguage"})
GOES_ON = frozenset({"Next", "End"})
RECOVERS = frozenset({"Retry", "Catch"})
PATHS = frozenset({"InputPath", "OutputPath"})
RESULTS = frozenset({"Parameters", "ResultPath", "ResultSelector"})

BOTH: Mapping[str, frozenset[str]] = {
    "Task": COMMON | GOES_ON | RECOVERS | {"Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials", "Assign"},
    "Parallel": COMMON | GOES_ON | RECOVERS | {"Branches", "Assign"},
    "Map": COMMON
    | GOES_ON
    | RECOVERS
    | {"ItemProcessor", "Iterator", "ItemReader", "ItemBatcher", "ItemSelector", "ResultWriter", "Label", "Assign"}
    | {"MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"},
    "Pass": COMMON | GOES_ON | {"Assign"},
    "Wait": COMMON | GOES_ON | {"Seconds", "Timestamp", "Assign"},
    "Choice": COMMON | {"Choices", "Default", "Assign"},
    "Succeed": COMMON,
    "Fail": COMMON | {"Error", "Cause"},
}
"""Fields of each state type in either query language."""

JSONATA_FIELDS: Mapping[str, frozenset[str]] = {
    "Task": frozenset({"Arguments", "Output"}),
    "Parallel": frozenset({"Arguments", "Output"}),
    "Map": frozenset({"Items", "Output"}),
    "Pass": frozenset({"Output"}),
    "Wait": frozenset({"Output"}),
    "Choice": frozenset({"Output"}),
    "Succeed": frozenset({"Output"}),
    "Fail": frozenset(),
}

JSONPATH_FIELDS: Mapping[str, frozenset[str]] = {
    "Task": PATHS | RESULTS | {"TimeoutSecondsPath", "HeartbeatSecondsPath"},
    "Parallel": PATHS | RESULTS,
    "Map": PATHS
    | RESULTS
    | {"ItemsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"},
    "Pass": PATHS | {"Parameters", "ResultPath", "Result"},
    "Wait": PATHS | {"SecondsPath", "TimestampPath"},
    "Choice": PATHS,
    "Succeed": PATHS,
    "Fail": frozenset({"ErrorPath", "CausePath"}),
}

ANY_JSONPATH_FIELD = frozenset(name for names in JSONPATH_FIELDS.values() for name in names)
ANY_JSONATA_FIELD = frozenset(name for names in JSONATA_FIELDS.values() for name in names) | {"Condition"}

MACHINE_FIELDS = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"})
BRANCH_FIELDS = frozenset({"Comment", "StartAt", "States", "QueryLanguage"})
PROCESSOR_FIELDS = BRANCH_FIELDS | {"ProcessorConfig"}

RETRIER_FIELDS = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
CATCHER_FIELDS = frozenset({"ErrorEquals", "Next", "Assign", "Comment"})
CHOICE_RULE_FIELDS = frozenset({"Next", "Assign", "Comment"})
JSONATA_RULE_FIELDS: Mapping[str, frozenset[str]] = {
    "Catch": frozenset({"Output"}),
    "Choices": frozenset({"Condition", "Output"}),
}

_COMPARED = ("String", "Numeric", "Timestamp")
_WAYS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
COMPARATORS = frozenset(
    {f"{kind}{way}{path}" for kind in _COMPARED for way in _WAYS for path in ("", "Path")}
    | {"BooleanEquals", "BooleanEqualsPath", "StringMatches"}
    | {"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"}
)
"""Comparison operators of a JSONPath choice rule."""

JSONPATH_RULE_FIELDS: Mapping[str, frozenset[str]] = {
    "Catch": frozenset({"ResultPath"}),
    "Choices": COMPARATORS | {"Variable", "And", "Or", "Not"},
}

READER_FIELDS = frozenset({"Resource", "ReaderConfig", "Bucket", "Parameters", "Arguments"})
WRITER_FIELDS = frozenset({"Resource", "WriterConfig", "Parameters", "Arguments"})
BATCHER_FIELDS = frozenset(
    {"BatchInput", "MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}
)

MOST_SECONDS = 99_999_999

INTEGERS: Mapping[str, tuple[int, int]] = {
    "TimeoutSeconds": (1, MOST_SECONDS),
    "HeartbeatSeconds": (1, MOST_SECONDS),
    "Seconds": (0, MOST_SECONDS),
    "MaxConcurrency": (0, 10_000_000),
    "ToleratedFailureCount": (0, 10_000_000_000),
    "IntervalSeconds": (1, MOST_SECONDS),
    "MaxAttempts": (0, MOST_SECONDS),
    "MaxDelaySeconds": (1, 31_622_400),
}
"""Fields that hold an integer, with the least and the greatest; a JSONata state may compute all but a retrier's."""

STRINGS = frozenset({"Comment", "StartAt", "Next", "Default", "Label", "Version", "Error", "Cause", "Timestamp"})
OBJECTS = frozenset({"Assign", "ItemProcessor", "Iterator", "ItemReader", "ItemBatcher", "ResultWriter", "States"})
LISTS = frozenset({"Retry", "Catch", "Choices", "Branches"})

REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Task": (("Resource",),),
    "Parallel": (("Branches",),),
    "Map": (("ItemProcessor", "Iterator"),),
    "Choice": (("Choices",),),
    "Wait": (("Seconds", "Timestamp", "SecondsPath", "TimestampPath"),),
}
"""What a state type cannot do without; one of each group."""

EXCLUSIVE: tuple[tuple[str, ...], ...] = (
    ("Seconds", "Timestamp", "SecondsPath", "TimestampPath"),
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("ItemProcessor", "Iterator"),
    ("MaxItems", "MaxItemsPath"),
    ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
    ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ("ItemSelector", "Parameters"),
)
"""Fields of which an object may have one at most (the last pair in a Map only)."""
