"""What a handler finds beside its own code: boto3 and what boto3 needs, as on docs.aws.amazon.com/lambda/latest/dg/
lambda-runtimes.html ("Python runtimes include the AWS SDK").

A folder of links to those packages alone, made from what pip recorded of them: the server's environment holds much
else, and a second installation would have to be downloaded and could differ. AWS's runtime has a boto3 of its own
date; this one is the version that the server is locked to.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

SDK = "boto3"


def linked(folder: Path) -> Path:
    """Makes the folder, or takes it as it is; answers it."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in _needed(SDK).values():
        for name in _top_level(each):
            link = folder / name
            if not link.is_symlink():
                link.symlink_to(Path(str(each.locate_file(name))))
    return folder


def _needed(name: str) -> dict[str, Distribution]:
    """A distribution and all that it requires, by name; extras are left out."""
    found: dict[str, Distribution] = {}
    left = [name]
    while left:
        name = left.pop()
        if name not in found:
            found[name] = distribution(name)
            required = [each for each in found[name].requires or () if "extra ==" not in each]
            left += [re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0] for each in required]
    return found


def _top_level(found: Distribution) -> set[str]:
    """Names beside each other in site-packages; scripts stand elsewhere and byte code is made from its source."""
    names = {path.parts[0] for path in found.files or ()}
    return {name for name in names if name not in ("..", "__pycache__")}
