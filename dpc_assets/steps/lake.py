"""Where things lie in the lake. The only module that spells its keys (contract: docs/lake.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dpc_assets.steps.errors import InputError

FACILITIES = "ref/facilities.csv"
WAIVERS = "ref/waivers.csv"
RUNS = "logs/runs/"
_SUBMISSION = re.compile(r"raw/yyyymm=(20[0-9]{2}-[0-9]{2})/([0-9]{9})/v([1-9][0-9]*)/([^/]+)")
_NAME = re.compile(r"(20[0-9]{2}-[0-9]{2})/([0-9]{9})/v([1-9][0-9]*)")


@dataclass(frozen=True, order=True)
class Submission:
    """One delivered version: month as `2025-04`, facility code of 9 digits, version from 1."""

    month: str
    facility: str
    version: int

    @property
    def name(self) -> str:
        """`2025-04/131000123/v1`: how control data names the version."""
        return f"{self.month}/{self.facility}/v{self.version}"

    @property
    def raw(self) -> str:
        return f"raw/yyyymm={self.month}/{self.facility}/v{self.version}/"

    @property
    def manifest(self) -> str:
        return self.raw + "_manifest.json"

    @property
    def stage(self) -> str:
        return f"stage/yyyymm={self.month}/{self.facility}/v{self.version}/"

    @property
    def verdict(self) -> str:
        return f"logs/validation/{self.month.replace('-', '')}/{self.facility}/v{self.version}.json"

    def staged(self, file_name: str) -> str:
        """Folder of one file's parts: `.../EFn_131000123_2504/`."""
        return f"{self.stage}{file_name.rsplit('.', 1)[0]}/"


def parse_raw_key(key: str) -> tuple[Submission, str] | None:
    """The submission and file name of a key under raw/, or None where the key has another shape."""
    found = _SUBMISSION.fullmatch(key)
    return (Submission(found[1], found[2], int(found[3])), found[4]) if found else None


def submission_named(name: str) -> Submission:
    """The submission of a `Submission.name`; raises InputError for a text of another shape."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise InputError(f"version: expected a name such as 2025-04/131000123/v1, found {name!r}")
    return Submission(found[1], found[2], int(found[3]))


def month_folder(month: str) -> str:
    return f"raw/yyyymm={month}/"


def dataset_folder(dataset: str, month: str) -> str:
    return f"processed/{dataset}/month={month}/"


def success(month: str) -> str:
    return f"processed/_success/month={month}"


def done(month: str) -> str:
    """What an execution without a selection leaves when the month's quality is recorded."""
    return f"{RUNS}{month}/done.json"


def dictionary(suffix: str) -> str:
    """suffix: `json` or `md`."""
    return f"processed/metadata/data_dictionary.{suffix}"
