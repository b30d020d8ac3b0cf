"""What a service here refuses a request with."""

from __future__ import annotations


class AwsError(Exception):
    """`code` is the name of the error in the service's API model, `status` the HTTP status it is answered with."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
