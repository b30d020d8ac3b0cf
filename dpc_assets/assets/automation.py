"""Jobs, the daily schedule, the sensor that sees new submissions, the summary after a run.

A month is loaded by the job `monthly` (one run a month); the marts follow in one run of the job `marts`. Runs queue one
behind the other (cli/dagster.yaml), so that marts requested together with months are built after them. The job
`archive` runs once a day. Schedules and sensors are off until somebody switches them on in the user interface.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dagster import (
    AssetKey,
    AssetSelection,
    DagsterRunStatus,
    RunRequest,
    RunStatusSensorContext,
    ScheduleDefinition,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    define_asset_job,
    in_process_executor,
    run_status_sensor,
    sensor,
)

from dpc_assets.assets.partitions import MONTHS_TAG, known_months
from dpc_assets.resources import LakeResource, PipelineResource
from dpc_assets.steps import find_work, notify, verdict
from dpc_assets.steps.ports import ObjectStore
from dpc_assets.steps.run import Run

MONTHLY = "monthly"
MARTS = "marts"
ARCHIVE = "archive"


class Automation(NamedTuple):
    """What starts runs without a person: jobs, schedules, sensors."""

    jobs: tuple[Any, ...]
    schedules: tuple[ScheduleDefinition, ...]
    sensors: tuple[SensorDefinition, ...]


def automation(by_month: Sequence[AssetKey], in_full: Sequence[AssetKey], archived: Sequence[AssetKey]) -> Automation:
    """The jobs and what starts them. by_month: the partitioned assets and the unpartitioned ones they are made from;
    archived: what the day's last job does, beside all months."""
    monthly = define_asset_job(
        MONTHLY,
        AssetSelection.assets(*by_month),
        executor_def=in_process_executor,
        description="1か月分の提出データを検査し読み込む。 Judges and loads the submissions of one month.",
    )
    marts = define_asset_job(
        MARTS,
        AssetSelection.assets(*in_full),
        executor_def=in_process_executor,
        description="マート・品質検査・出力を作り直す。 Rebuilds marts, runs the quality rules, exports.",
    )

    archive = define_asset_job(
        ARCHIVE,
        AssetSelection.assets(*archived),
        executor_def=in_process_executor,
        description="13か月を過ぎた提出ファイルを保管する。 Archives deliveries after 13 months.",
    )

    @sensor(
        name="new_submissions",
        minimum_interval_seconds=60,
        jobs=[monthly, marts],
        description="変更された月とマートを実行する。 Runs a month whose folders have changed, then the marts.",
    )
    def new_submissions(context: SensorEvaluationContext, lake: LakeResource) -> SensorResult:
        due, cursor = new_months(lake.store(), context.cursor)
        skipped = None if due else SkipReason("no month has changed / 変更された月はありません")
        return SensorResult(run_requests=requests(due), skip_reason=skipped, cursor=cursor)

    @run_status_sensor(
        name="summary",
        run_status=DagsterRunStatus.SUCCESS,
        monitored_jobs=[marts],
        description="実行の要約を通知する。 Sends the summary of a run of the marts.",
    )
    def summary(context: RunStatusSensorContext, pipeline: PipelineResource) -> None:
        run = context.dagster_run
        months = tuple(month for month in run.tags.get(MONTHS_TAG, "").split(",") if month)
        notify.run(Run(run.run_id, months), pipeline.ports())

    daily = ScheduleDefinition(
        name="daily",
        job=marts,
        cron_schedule="0 3 * * *",
        execution_timezone="Asia/Tokyo",
        description="毎日3時にマートを作り直す。 Rebuilds the marts: takes in waivers and imported tables.",
    )
    tidied = ScheduleDefinition(
        name="daily_archive",
        job=archive,
        cron_schedule="30 3 * * *",
        execution_timezone="Asia/Tokyo",
        description="毎日3時半に保管期限の来た月を移す。 Archives the months that are due.",
    )
    return Automation((monthly, marts, archive), (daily, tidied), (new_submissions, summary))


def month_digests(store: ObjectStore) -> dict[str, str]:
    """Month -> digest of all its versions as they lie in the lake (manifests, names, sizes); known months only."""
    known = set(known_months())
    return {
        month: hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()[:16]
        for month, keys in find_work.keys_by_month(store).items()
        if month in known
    }


def unjudged_months(store: ObjectStore) -> tuple[str, ...]:
    """Known months that hold a version without a current verdict."""
    return tuple(
        month
        for month in month_digests(store)
        if any(verdict.current(store, each) is None for each in verdict.submissions(store, month))
    )


def requests(months: Mapping[str, str]) -> list[RunRequest]:
    """A run for each month (month -> digest), then one for the marts."""
    if not months:
        return []
    together = hashlib.sha256(json.dumps(months, sort_keys=True).encode()).hexdigest()[:16]
    return [
        *(
            RunRequest(run_key=f"{month}-{digest}", job_name=MONTHLY, partition_key=month)
            for month, digest in sorted(months.items())
        ),
        RunRequest(run_key=f"marts-{together}", job_name=MARTS, tags={MONTHS_TAG: ",".join(sorted(months))}),
    ]


def new_months(store: ObjectStore, cursor: str | None) -> tuple[dict[str, str], str]:
    """(months to run with their digests, the next cursor).

    A month is run once its folders have stood still from one look to the next, so that a half-finished upload is not
    judged. Without a cursor, months whose every version has a current verdict count as already run.
    """
    seen = month_digests(store)
    if cursor is None:
        unjudged = unjudged_months(store)
        done = {month: digest for month, digest in seen.items() if month not in unjudged}
        return {}, json.dumps({"seen": seen, "done": done})
    before = json.loads(cursor)
    done = {month: digest for month, digest in before["done"].items() if month in seen}
    due = {
        month: digest
        for month, digest in seen.items()
        if done.get(month) != digest and before["seen"].get(month) == digest
    }
    return due, json.dumps({"seen": seen, "done": done | due})
