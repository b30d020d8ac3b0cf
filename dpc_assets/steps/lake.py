"""Where things lie in the lake. The only module that spells its keys (contract: docs/lake.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dpc_assets.steps.errors import InputError

FACILITIES = "ref/facilities.csv"
WAIVERS = "ref/waivers.csv"
RUNS = "logs/runs/"
RAW = "raw/"
ARCHIVE = "archive/"
_SUBMISSION = re.compile(r"(?:raw|archive)/yyyymm=(20[0-9]{2}-[0-9]{2})/([0-9]{9})/v([1-9][0-9]*)/([^/]+)")
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
    def archive(self) -> str:
        """Where the version lies once it has left raw/."""
        return archived(self.raw)

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


def parse_delivered_key(key: str) -> tuple[Submission, str] | None:
    """The submission and file name of a key under raw/ or archive/, or None where the key has another shape."""
    found = _SUBMISSION.fullmatch(key)
    return (Submission(found[1], found[2], int(found[3])), found[4]) if found else None


def submission_named(name: str) -> Submission:
    """The submission of a `Submission.name`; raises InputError for a text of another shape."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise InputError(f"version: expected a name such as 2025-04/131000123/v1, found {name!r}")
    return Submission(found[1], found[2], int(found[3]))


def archived(key: str) -> str:
    """Where an object of raw/ lies once it has left it: the same key below archive/."""
    return ARCHIVE + key.removeprefix(RAW)


def month_folder(month: str) -> str:
    return f"{RAW}yyyymm={month}/"


def delivered_folders(month: str, facility: str = "") -> tuple[str, str]:
    """What was delivered for the month (by one facility) lies below these two: what is in raw/, what has left it."""
    raw = month_folder(month) + (f"{facility}/" if facility else "")
    return raw, archived(raw)


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
