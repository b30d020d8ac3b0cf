"""AWS as the commands call it: boto3, of which whatever goes wrong is said in one sentence with what to do.

Region, credentials and endpoint come from the surroundings, as for the AWS CLI: AWS_REGION (which boto3 alone does not
read), AWS_PROFILE, AWS_ENDPOINT_URL (which makes it an AWS on a laptop).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NoReturn

from dpc_assets.cli.errors import CommandError, RunError, UsageError

_CONNECT_SECONDS, _READ_SECONDS, _TRIES = 5, 60, 4

_CREDENTIALS = (
    "AWS credentials: {found}. Log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY / AWS の認証情報を確認してください"
)
_REGION = (
    "AWS region: none is set. Set AWS_REGION, such as AWS_REGION=ap-northeast-1 / "
    "AWS_REGION にリージョンを設定してください"
)
_REFUSED_KEYS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "IncompleteSignature",
        "MissingAuthenticationToken",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "KmsAccessDeniedException", "UnauthorizedOperation"})
_THROTTLED = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "KmsThrottlingException",
    }
)


class Refused(RunError):
    """AWS answered with an error of its own. `code`: its name in the API reference; `message`: AWS's text."""

    def __init__(self, text: str, code: str, message: str) -> None:
        super().__init__(text)
        self.code = code
        self.message = message


class Unreached(RunError):
    """AWS is busy, broken or out of reach: the same call may pass later."""


class Account:
    """One account and region; a client of each service is made on its first call."""

    def __init__(self) -> None:
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            self._session = boto3.session.Session(region_name=os.environ.get("AWS_REGION"))
            self.region = str(self._session.region_name or "")
        except BotoCoreError as error:
            raise UsageError(f"AWS settings: {error}. Mend AWS_PROFILE or ~/.aws/config") from error
        if not self.region:
            raise UsageError(_REGION)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """boto3's client, which tries again where AWS is busy."""
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        if service not in self._clients:
            config = Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": _TRIES},
            )
            try:
                self._clients[service] = self._session.client(service, config=config)
            except (BotoCoreError, ValueError) as error:  # an endpoint that is no URL is a ValueError
                raise UsageError(f"AWS settings: {error}. Mend AWS_REGION or AWS_ENDPOINT_URL") from error
        return self._clients[service]

    def call(self, service: str, operation: str, **given: Any) -> Mapping[str, Any]:
        """The answer of one call. Raises UsageError, Unreached, or Refused where AWS itself says no."""
        client = self.client(service)
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: Mapping[str, Any] = getattr(client, operation)(**given)
            return answer
        except ClientError as error:
            raise _refused(error, service, operation, self.region) from error
        except BotoCoreError as error:
            _unreached(error, self.region)

    def identity(self) -> tuple[str, str]:
        """(partition, account id) of the caller."""
        caller = self.call("sts", "get_caller_identity")
        return str(caller["Arn"]).split(":")[1], str(caller["Account"])


def _refused(error: Any, service: str, operation: str, region: str) -> CommandError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", ""))
    called = f"{service} {operation.replace('_', '-')}"
    if code in _REFUSED_KEYS:
        return UsageError(_CREDENTIALS.format(found=f"AWS does not accept them ({code})"))
    if code in _DENIED:
        text = (
            f"AWS refuses {called} ({code}): {message}\nLog in with a role that may; executions are encrypted, so "
            "kms:Decrypt on alias/dpc-learning-kms is needed too / この操作を許されたロールでログインしてください"
        )
        return Refused(text, code, message)
    if code in _THROTTLED or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return Unreached(
            f"AWS is busy ({code}, {called}, {_TRIES} tries). Wait a minute and give the same command again / "
            "AWS が混雑しています。1分ほど待って同じコマンドを実行してください"
        )
    return Refused(f"AWS refuses {called} in {region} ({code}): {message}", code, message)


def _unreached(error: Exception, region: str) -> NoReturn:
    from botocore import exceptions

    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        raise UsageError(_CREDENTIALS.format(found=f"none were found ({error})")) from error
    if isinstance(error, exceptions.TokenRetrievalError | exceptions.UnauthorizedSSOTokenError):
        raise UsageError(_CREDENTIALS.format(found=f"the login has ended ({error})")) from error
    if isinstance(error, exceptions.CredentialRetrievalError | exceptions.SSOError):
        raise UsageError(_CREDENTIALS.format(found=str(error))) from error
    if isinstance(error, exceptions.ParamValidationError):
        raise UsageError(f"AWS does not take that: {' '.join(str(error).split())}") from error
    if isinstance(error, exceptions.NoRegionError):
        raise UsageError(_REGION) from error
    raise Unreached(
        f"AWS was not reached in {region}: {error}\nCheck the network, AWS_REGION and AWS_ENDPOINT_URL "
        "(an AWS on a laptop has to be up: make aws-local) / "
        "ネットワーク、AWS_REGION、AWS_ENDPOINT_URL を確認してください"
    ) from error
