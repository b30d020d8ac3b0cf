"""Rules about what is uploaded: zips, their layers, and the policies of roles.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and the quotas of IAM.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compiler.errors import Problem
from compiler.pack import Zip

ZIPPED_BYTES = 50 * 1024 * 1024
UNZIPPED_BYTES = 250 * 1024 * 1024
LAYERS = 5
POLICY_CHARACTERS = 10_240


def zip_size(zips: Iterable[Zip], manifest: Mapping[str, Any], layers: Mapping[str, Zip]) -> Iterator[Problem]:
    """A zip has at most 50 MB, the limit of an upload that does not go through a bucket."""
    for each in (*zips, *layers.values()):
        if each.size > ZIPPED_BYTES:
            message = f"expected a zip of at most {ZIPPED_BYTES:,} bytes, found {each.size:,}"
            yield Problem("zip_size", f"zip {each.name}", message, "put packages into a layer, or make it a container")


def unzipped_size(zips: Iterable[Zip], manifest: Mapping[str, Any], layers: Mapping[str, Zip]) -> Iterator[Problem]:
    """A function and its layers have at most 250 MB when unzipped."""
    sizes = {name: unzipped(layer) for name, layer in layers.items()}
    for each in zips:
        used = _layers(manifest, each.name)
        size = unzipped(each) + sum(sizes.get(name, 0) for name in used)
        if size > UNZIPPED_BYTES:
            beside = f" with {', '.join(used)}" if used else ""
            message = f"expected at most {UNZIPPED_BYTES:,} bytes unzipped, found {size:,}{beside}"
            yield Problem("unzipped_size", f"zip {each.name}", message, "split the layer, or make it a container")


def layer_count(zips: Iterable[Zip], manifest: Mapping[str, Any], layers: Mapping[str, Zip]) -> Iterator[Problem]:
    """A function has at most five layers."""
    for each in zips:
        used = _layers(manifest, each.name)
        if len(used) > LAYERS:
            message = f"expected at most {LAYERS} layers, found {len(used)}: {', '.join(used)}"
            yield Problem("layer_count", f"function {each.name}", message, "put packages into one layer")


def missing_zip(zips: Iterable[Zip], manifest: Mapping[str, Any], layers: Mapping[str, Zip]) -> Iterator[Problem]:
    """Every function of the manifest has its zip, with the digest that stands there."""
    packed = {each.name: each for each in zips}
    for name, function in manifest.get("functions", {}).items():
        if name not in packed:
            yield Problem("missing_zip", f"function {name}", "expected a zip, found none")
        elif function.get("sha256") != packed[name].sha256:
            message = f"expected the digest of its zip ({packed[name].sha256}), found {function.get('sha256')}"
            yield Problem("missing_zip", f"function {name}", message)


def policy_size(zips: Iterable[Zip], manifest: Mapping[str, Any], layers: Mapping[str, Zip]) -> Iterator[Problem]:
    """The policy of a role has at most 10,240 characters, white space not counted."""
    for kind, role in manifest.get("roles", {}).items():
        if role["size"] > POLICY_CHARACTERS:
            message = f"expected a policy of at most {POLICY_CHARACTERS:,} characters, found {role['size']:,}"
            hint = "let steps share resources by prefix, or give some functions a role of their own"
            yield Problem("policy_size", f"role {role['name']} ({kind})", message, hint)


def _layers(manifest: Mapping[str, Any], function: str) -> list[str]:
    return list(manifest.get("functions", {}).get(function, {}).get("layers", ()))


def unzipped(packed: Zip) -> int:
    """Bytes of the files in a zip."""
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        return sum(member.file_size for member in archive.infolist())
