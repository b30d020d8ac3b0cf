"""What ministack answers otherwise than AWS, put right: each as the API reference says it, read by boto3."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from local_aws import LocalAws


def test_a_lifecycle_keeps_the_size_that_it_was_put_with(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="lifecycle", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 9}}]
    for size in ("varies_by_storage_class", "all_storage_classes_128K"):
        s3.put_bucket_lifecycle_configuration(
            Bucket="lifecycle", LifecycleConfiguration={"Rules": rules}, TransitionDefaultMinimumObjectSize=size
        )
        assert s3.get_bucket_lifecycle_configuration(Bucket="lifecycle")["TransitionDefaultMinimumObjectSize"] == size
    s3.put_bucket_lifecycle_configuration(Bucket="lifecycle", LifecycleConfiguration={"Rules": rules})
    found = s3.get_bucket_lifecycle_configuration(Bucket="lifecycle")
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


def test_a_copy_has_the_checksum_that_it_asks_for(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="copies", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="copies", Key="raw/a b", Body=b"as delivered")
    source = {"Bucket": "copies", "Key": "raw/a b"}
    s3.copy_object(Bucket="copies", Key="archive/a b", CopySource=source, ChecksumAlgorithm="SHA256")
    found = s3.head_object(Bucket="copies", Key="archive/a b", ChecksumMode="ENABLED")
    assert found["ChecksumSHA256"] == "OlM/6QmicCo+yfwxr7ty0hYVzz3RA6aL8KGFjVdhyI8="


def test_the_account_s_own_block_of_public_buckets_is_kept(aws: LocalAws) -> None:
    control = aws.client("s3control", Config(proxies={"http": aws.endpoint}))
    with pytest.raises(ClientError) as none:
        control.get_public_access_block(AccountId="000000000000")
    assert none.value.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration"
    asked = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": True,
    }
    control.put_public_access_block(AccountId="000000000000", PublicAccessBlockConfiguration=asked)
    found = control.get_public_access_block(AccountId="000000000000")["PublicAccessBlockConfiguration"]
    assert found == asked
    control.delete_public_access_block(AccountId="000000000000")
    with pytest.raises(ClientError):
        control.get_public_access_block(AccountId="000000000000")


ALARM: dict[str, Any] = {
    "AlarmName": "badly",
    "AlarmDescription": "ended badly & <so>",
    "ActionsEnabled": True,
    "AlarmActions": ["arn:aws:sns:ap-northeast-1:000000000000:told"],
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "Metrics": [
        {
            "Id": "failed",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/States",
                    "MetricName": "ExecutionsFailed",
                    "Dimensions": [{"Name": "StateMachineArn", "Value": "arn"}],
                },
                "Period": 300,
                "Stat": "Sum",
            },
        },
        {"Id": "badly", "Expression": "FILL(failed, 0)", "ReturnData": True, "Label": "failed"},
    ],
}

SENT = (
    "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=badly&AlarmDescription=ended+badly+%26+%3Cso%3E"
    "&ActionsEnabled=true&AlarmActions.member.1=arn%3Aaws%3Asns%3Aap-northeast-1%3A000000000000%3Atold"
    "&EvaluationPeriods=1&Threshold=0&ComparisonOperator=GreaterThanThreshold&TreatMissingData=notBreaching"
    "&Metrics.member.1.Id=failed&Metrics.member.1.ReturnData=false"
    "&Metrics.member.1.MetricStat.Metric.Namespace=AWS%2FStates"
    "&Metrics.member.1.MetricStat.Metric.MetricName=ExecutionsFailed"
    "&Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Name=StateMachineArn"
    "&Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Value=arn"
    "&Metrics.member.1.MetricStat.Period=300&Metrics.member.1.MetricStat.Stat=Sum"
    "&Metrics.member.2.Id=badly&Metrics.member.2.Expression=FILL%28failed%2C+0%29"
    "&Metrics.member.2.ReturnData=true&Metrics.member.2.Label=failed"
)


def test_an_alarm_over_the_query_protocol_is_read_as_it_was_put(aws: LocalAws) -> None:
    """The provider speaks the query protocol; boto3 no longer does, so the request is written out here."""
    scope = "Credential=laptop/20250401/ap-northeast-1/monitoring/aws4_request, SignedHeaders=host, Signature=none"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {scope}",
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    }

    def ask(form: str) -> str:
        asked = urllib.request.Request(aws.endpoint, data=form.encode(), headers=headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(answer.read().decode())

    ask(SENT)
    (found,) = aws.client("cloudwatch").describe_alarms(AlarmNames=["badly"])["MetricAlarms"]
    assert {name: found.get(name) for name in ALARM} == ALARM
    told = ask("Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=badly")
    for each in (
        "<AlarmDescription>ended badly &amp; &lt;so&gt;</AlarmDescription>",
        "<AlarmActions><member>arn:aws:sns:ap-northeast-1:000000000000:told</member></AlarmActions>",
        "<Dimensions><member><Name>StateMachineArn</Name><Value>arn</Value></member></Dimensions>",
        "<Expression>FILL(failed, 0)</Expression>",
        "<TreatMissingData>notBreaching</TreatMissingData>",
        "<StateValue>INSUFFICIENT_DATA</StateValue>",
    ):
        assert each in told


def test_a_trail_keeps_its_log_group_and_its_tags(aws: LocalAws) -> None:
    trails = aws.client("cloudtrail")
    group = "arn:aws:logs:ap-northeast-1:000000000000:log-group:trail:*"
    role = "arn:aws:iam::000000000000:role/role-cloudtrail-dpc"
    made = trails.create_trail(
        Name="watched",
        S3BucketName="bucket",
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn=role,
        TagsList=[{"Key": "project", "Value": "dpc-learning"}],
    )
    found = trails.get_trail(Name="watched")["Trail"]
    assert (found["CloudWatchLogsLogGroupArn"], found["CloudWatchLogsRoleArn"]) == (group, role)
    (tags,) = trails.list_tags(ResourceIdList=[made["TrailARN"]])["ResourceTagList"]
    assert tags["TagsList"] == [{"Key": "project", "Value": "dpc-learning"}]


def test_a_machine_keeps_its_tracing(aws: LocalAws) -> None:
    machines = aws.client("stepfunctions")
    role = aws.client("iam").create_role(RoleName="traced", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    definition = '{"QueryLanguage": "JSONata", "StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'
    made = machines.create_state_machine(
        name="traced", definition=definition, roleArn=role, tracingConfiguration={"enabled": True}
    )
    arn = made["stateMachineArn"]
    assert machines.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"] == {"enabled": True}
    machines.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": False})
    assert machines.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"] == {"enabled": False}


def test_a_secret_made_without_a_value_has_none_until_one_is_put(aws: LocalAws) -> None:
    secrets = aws.client("secretsmanager")
    made = secrets.create_secret(Name="webhook")
    assert "VersionId" not in made
    with pytest.raises(ClientError) as none:
        secrets.get_secret_value(SecretId="webhook")
    assert none.value.response["Error"]["Code"] == "ResourceNotFoundException"
    secrets.put_secret_value(SecretId="webhook", SecretString="https://example.org/hook")
    assert secrets.get_secret_value(SecretId="webhook")["SecretString"] == "https://example.org/hook"
