"""CloudWatch Logs as other services write it, and what its metric filters make of it: ministack keeps filters only.

docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html, unstructured log events.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch, cloudwatch_logs

Matches = Callable[[str], bool]

_TERM = re.compile(r'([-?]?)(?:"([^"]*)"|(\S+))')


def write(group: str, stream: str, messages: Sequence[str]) -> bool:
    """Puts the events and counts them in the group's metrics, under the request's account. Was the stream new?

    A missing group is made. Empty messages are left out: CloudWatch Logs refuses them.
    """
    kept = [each for each in messages if each]
    new = False
    if group not in cloudwatch_logs._log_groups:
        cloudwatch_logs._create_log_group({"logGroupName": group})
    if stream not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
        new = True
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": each} for each in kept]
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": events})
    _count(group, kept)
    return new


def matcher(pattern: str) -> Matches:
    """Words and quoted phrases: all of them, none of those with -, any of those with ?. Case counts.

    Raises ValueError for what is not for unstructured events ({...}, [...], %...%).
    """
    if pattern.strip()[:1] in ("{", "[", "%"):
        raise ValueError(f"{pattern}: only words and quoted phrases are matched on this laptop")
    found = [(sign, phrase or word) for sign, phrase, word in _TERM.findall(pattern)]
    wanted = [text for sign, text in found if not sign]
    refused = [text for sign, text in found if sign == "-"]
    either = [text for sign, text in found if sign == "?"]

    def matches(message: str) -> bool:
        return (
            all(each in message for each in wanted)
            and not any(each in message for each in refused)
            and (not either or any(each in message for each in either))
        )

    return matches


def refuse_filters() -> None:
    """Lets PutMetricFilter refuse what is not evaluated here, so that no filter silently counts nothing."""
    put = cloudwatch_logs._put_metric_filter

    def checked(data: dict[str, Any]) -> Any:
        try:
            matcher(data.get("filterPattern", ""))
            for each in data.get("metricTransformations", ()):
                float(each["metricValue"])
        except ValueError as error:
            return error_response_json("InvalidParameterException", f"Not on this laptop: {error}", 400)
        return put(data)

    cloudwatch_logs._put_metric_filter = checked


def _count(group: str, messages: Sequence[str]) -> None:
    """A match is worth the transformation's value, a number here; where nothing matched, the default is told.

    Alarms are looked at when something matched; on AWS each has a clock of its own, which also ends it.
    """
    for each in list(cloudwatch_logs._metric_filters.values()):
        if each["logGroupName"] != group:
            continue
        hits = sum(map(matcher(each["filterPattern"]), messages))
        for told in each["metricTransformations"]:
            default = [told["defaultValue"]] if not hits and "defaultValue" in told else []
            for value in [told["metricValue"]] * hits + default:
                place = (told["metricNamespace"], told["metricName"])
                cloudwatch.record_metric(*place, float(value), told.get("unit", "None"))
        if hits:
            cloudwatch._evaluate_all_alarms()
