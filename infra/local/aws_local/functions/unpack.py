"""Zips as folders, each once and read-only: /var/task and /opt of docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-
environment.html. Who runs the server as root can write to them all the same; AWS refuses everybody."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

_ONE = threading.Lock()


def unpacked(folder: Path, content: bytes) -> Path:
    """The folder of these bytes; byte code is never written, as AWS cannot write it either."""
    place = folder / hashlib.sha256(content).hexdigest()
    with _ONE:
        if not place.exists():
            folder.mkdir(parents=True, exist_ok=True)
            half = Path(tempfile.mkdtemp(dir=folder))
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(half)
            for at, _, files in os.walk(half):
                for name in files:
                    (Path(at) / name).chmod(0o444)
                Path(at).chmod(0o555)
            half.rename(place)
    return place


def remove(folder: Path) -> None:
    """Folders without the right to write are emptied after it is given back."""
    for at, _, _ in os.walk(folder):
        Path(at).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
