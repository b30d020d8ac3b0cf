"""Bytes of a zip that depend on nothing but the names and bytes of its members.

Members are stored, not deflated (what deflate writes depends on the build of zlib), sorted by name, dated 1980-01-01,
mode 0644, without entries for folders and without extra fields.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_FILE_0644 = 0o100644 << 16


@dataclass(frozen=True)
class Zip:
    """A packed zip; `name` is that of the function or layer, `members` are names in it, sorted.

    `outside`: the modules that its code imports from layers.
    """

    name: str
    data: bytes = field(repr=False)
    members: tuple[str, ...]
    outside: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return self.name + ".zip"

    @property
    def size(self) -> int:
        """Bytes of the zip; within a few percent also those of its files, which are stored."""
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        """In hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def source_code_hash(self) -> str:
        """The same in base64, the form in which Lambda and Terraform give it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode("ascii")


def pack(members: Mapping[str, bytes]) -> bytes:
    """A zip of `members` (name with `/` -> bytes), whatever their order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = _UNIX
            info.external_attr = _FILE_0644
            archive.writestr(info, members[name], zipfile.ZIP_STORED)
    return target.getvalue()
