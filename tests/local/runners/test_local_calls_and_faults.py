"""What is recorded of a call, and how a call is made to fail."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from runners_aws import Aws, key_of, name_of

ROLE = "arn:aws:iam::000000000000:role/recorded"


@pytest.fixture
def bucket(aws: Aws, request: pytest.FixtureRequest) -> str:
    name = name_of(request.node.name)
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    return name


def noted(aws: Aws, caller: str) -> list[tuple[str, str, dict[str, Any], int]]:
    """Without what botocore adds of its own, such as checksums."""
    own = ("Checksum", "SdkChecksum", "ContentMD5", "ContentLength", "ContentEncoding", "Expect")
    return [
        (
            each["service"],
            each["operation"],
            {name: value for name, value in each["given"].items() if not name.startswith(own)},
            each["status"],
        )
        for each in aws.calls(caller=caller)
    ]


def test_calls_of_s3_have_boto3s_names(aws: Aws, bucket: str) -> None:
    role = f"{ROLE}-s3"
    s3 = aws.client("s3", **key_of(role))
    key = "raw/月 2025-04/a+b.txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"1", IfNoneMatch="*")
    s3.get_object(Bucket=bucket, Key=key)
    s3.head_object(Bucket=bucket, Key=key)
    s3.list_objects_v2(Bucket=bucket, Prefix="raw/", MaxKeys=5)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    tag = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"2")["ETag"]
    parts = {"Parts": [{"ETag": tag, "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    s3.copy_object(Bucket=bucket, Key="copied", CopySource=f"{bucket}/parts")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "parts"}]})
    s3.delete_object(Bucket=bucket, Key="copied")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="none")
    with pytest.raises(ClientError):
        s3.get_bucket_policy(Bucket=bucket)
    place = {"Bucket": bucket, "Key": "parts"}
    assert noted(aws, role) == [
        ("s3", "PutObject", {"Bucket": bucket, "Key": key, "IfNoneMatch": "*"}, 200),
        ("s3", "GetObject", {"Bucket": bucket, "Key": key}, 200),
        ("s3", "HeadObject", {"Bucket": bucket, "Key": key}, 200),
        ("s3", "ListObjectsV2", {"Bucket": bucket, "Prefix": "raw/", "MaxKeys": "5", "EncodingType": "url"}, 200),
        ("s3", "CreateMultipartUpload", place, 200),
        ("s3", "UploadPart", {**place, "UploadId": upload, "PartNumber": "1"}, 200),
        ("s3", "CompleteMultipartUpload", {**place, "UploadId": upload}, 200),
        ("s3", "CopyObject", {"Bucket": bucket, "Key": "copied", "CopySource": f"{bucket}/parts"}, 200),
        ("s3", "DeleteObjects", {"Bucket": bucket}, 200),
        ("s3", "DeleteObject", {"Bucket": bucket, "Key": "copied"}, 204),
        ("s3", "GetObject", {"Bucket": bucket, "Key": "none"}, 404),
        ("s3", "GetBucketPolicy", {"Bucket": bucket}, 404),
    ]


def test_calls_of_the_other_protocols_too_and_no_secret_is_kept(aws: Aws) -> None:
    role = f"{ROLE}-others"
    keys = key_of(role)
    topic = aws.client("sns").create_topic(Name="recorded")["TopicArn"]
    aws.client("sns", **keys).publish(TopicArn=topic, Subject="a", Message="b & c")
    aws.client("secretsmanager", **keys).create_secret(Name="recorded", SecretString="not to be kept")
    aws.client("secretsmanager", **keys).get_secret_value(SecretId="recorded")
    with pytest.raises(ClientError):
        aws.client("lambda", **keys).invoke(FunctionName="none", Payload=b'{"not": "kept"}')
    assert noted(aws, role)[0] == ("sns", "Publish", {"TopicArn": topic, "Subject": "a", "Message": "b & c"}, 200)
    created = noted(aws, role)[1]
    assert created[:2] == ("secretsmanager", "CreateSecret") and set(created[2]) == {"Name", "ClientRequestToken"}
    assert noted(aws, role)[2:] == [
        ("secretsmanager", "GetSecretValue", {"SecretId": "recorded"}, 200),
        ("lambda", "Invoke", {"FunctionName": "none"}, 404),
    ]
    assert "not to be kept" not in (aws.folder / "calls.jsonl").read_text("utf-8")


def test_a_presigned_call_is_its_signers(aws: Aws, bucket: str) -> None:
    """ministack checks these signatures and knows no key of a role: it is refused."""
    keys = key_of(f"{ROLE}-presigned")
    signing = Config(signature_version="s3v4")
    s3 = boto3.client("s3", endpoint_url=aws.endpoint, region_name="ap-northeast-1", config=signing, **keys)
    with pytest.raises(urllib.error.HTTPError) as found:
        urllib.request.urlopen(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"}))
    found.value.close()
    ((service, operation, given, status),) = noted(aws, f"{ROLE}-presigned")
    assert (service, operation, given["Key"], status) == ("s3", "GetObject", "a", 403)


def refused(call: Any, **given: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as found:
        call(**given)
    told = found.value.response
    return told["Error"]["Code"], told["Error"]["Message"], told["ResponseMetadata"]["HTTPStatusCode"]


def fault(service: str, operation: str, code: str, **more: Any) -> dict[str, Any]:
    return {"service": service, "operation": operation, "code": code, "message": "as told < here", **more}


def test_a_fault_is_an_error_of_its_service(aws: Aws, bucket: str) -> None:
    """One of each protocol: REST with XML, query, JSON, REST with JSON, EC2, CBOR."""
    s3, sns, logs, functions = (aws.client(each) for each in ("s3", "sns", "logs", "lambda"))
    aws.faults(
        "POST",
        [
            fault("s3", "PutObject", "SlowDown", status=503),
            fault("sns", "Publish", "AuthorizationError", status=403),
            fault("logs", "DescribeLogGroups", "ThrottlingException"),
            fault("lambda", "Invoke", "TooManyRequestsException", status=429),
            fault("ec2", "DescribeVpcs", "RequestLimitExceeded", status=503),
            fault("monitoring", "ListMetrics", "InternalServiceFault", status=500),
        ],
    )
    topic = "arn:aws:sns:ap-northeast-1:000000000000:any"
    told = "as told < here"
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"1" * 100_000) == ("SlowDown", told, 503)
    assert refused(sns.publish, TopicArn=topic, Message="a") == ("AuthorizationError", told, 403)
    assert refused(logs.describe_log_groups) == ("ThrottlingException", told, 400)
    assert refused(functions.invoke, FunctionName="any") == ("TooManyRequestsException", told, 429)
    assert refused(aws.client("ec2").describe_vpcs) == ("RequestLimitExceeded", told, 503)
    assert refused(aws.client("cloudwatch").list_metrics) == ("InternalServiceFault", told, 500)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert aws.faults("GET") == {"faults": []}


def test_a_head_is_refused_by_its_status_alone(aws: Aws, bucket: str) -> None:
    aws.faults("POST", fault("s3", "HeadObject", "AccessDenied", status=403))
    s3 = aws.client("s3")
    assert refused(s3.head_object, Bucket=bucket, Key="a")[::2] == ("403", 403)
    assert refused(s3.head_object, Bucket=bucket, Key="a")[::2] == ("404", 404)


def test_a_fault_meets_whom_it_is_for(aws: Aws, bucket: str) -> None:
    aws.faults(
        "POST",
        fault("s3", "*", "AccessDenied", status=403, caller="faulty", containing="/month=2025-04", times=2, after=1),
    )
    person, other, role = (
        aws.client("s3"),
        aws.client("s3", **key_of("arn:aws:iam::000000000000:role/other")),
        aws.client("s3", **key_of("arn:aws:iam::000000000000:role/faulty")),
    )
    for each in (person, other):
        each.put_object(Bucket=bucket, Key="month=2025-04/a", Body=b"1")
    role.put_object(Bucket=bucket, Key="month=2025-05/a", Body=b"1")
    role.put_object(Bucket=bucket, Key="month=2025-04/a", Body=b"1")  # `after` lets it through
    assert refused(role.get_object, Bucket=bucket, Key="month=2025-04/a")[0] == "AccessDenied"
    assert refused(role.delete_object, Bucket=bucket, Key="month=2025-04/a")[0] == "AccessDenied"
    assert role.get_object(Bucket=bucket, Key="month=2025-04/a")["Body"].read() == b"1"


def test_a_refused_call_is_recorded_with_its_status(aws: Aws) -> None:
    role = f"{ROLE}-refused"
    aws.faults("POST", fault("s3", "ListBuckets", "InternalError", status=500))
    assert refused(aws.client("s3", **key_of(role)).list_buckets)[0] == "InternalError"
    assert noted(aws, role) == [("s3", "ListBuckets", {}, 500)]


def test_botocore_tries_a_throttled_call_again(aws: Aws) -> None:
    aws.faults("POST", fault("logs", "DescribeLogGroups", "ThrottlingException", times=2))
    keys = {"aws_access_key_id": "person", "aws_secret_access_key": "person"}
    client = boto3.client("logs", endpoint_url=aws.endpoint, region_name="ap-northeast-1", **keys)
    assert client.describe_log_groups()["ResponseMetadata"]["RetryAttempts"] == 2


def test_faults_are_listed_and_forgotten(aws: Aws) -> None:
    aws.faults("POST", {"service": "sns", "operation": "Publish", "code": "InternalError"})
    kept = {
        "service": "sns",
        "operation": "Publish",
        "code": "InternalError",
        "message": "Injected by /_dpc/faults",
        "status": 400,
        "caller": "",
        "containing": "",
        "times": 1,
        "after": 0,
    }
    assert aws.faults("GET") == {"faults": [kept]}
    assert aws.faults("DELETE") == {"faults": []}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"service": "s3"}, "code: missing; operation: missing"),
        (
            {"service": "s3", "operation": "*", "code": "A", "time": 1, "times": "2"},
            "time: unknown; times: expected a number, found '2'",
        ),
        ("s3", "expected an object or a list of them, found 's3'"),
        ({"kill": {"functions": "a"}}, "kill: expected function or task"),
    ],
)
def test_a_wrong_fault_is_refused(aws: Aws, given: object, problem: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as found:
        aws.faults("POST", given)
    assert (found.value.code, json.load(found.value)["message"]) == (400, problem)
    found.value.close()
