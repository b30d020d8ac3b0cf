"""Files are replaced whole, only where they differ, and what is stale goes."""

import os
from pathlib import Path

import pytest

from compiler.errors import UsageError
from compiler.write import Written, write


def test_new_equal_and_stale(tmp_path: Path) -> None:
    a, b, old, mine = (tmp_path / "out" / name for name in ("a.json", "b.json", "old.json", "mine.txt"))
    first = write({a: b"1\n", old: b"x"})
    mine.write_bytes(b"kept")
    os.utime(a, (1, 1))
    second = write({a: b"1\n", b: b"2\n"}, stale=[old, a, tmp_path / "out" / "never.json"])
    assert first == Written(written=(a, old), unchanged=(), removed=())
    assert second == Written(written=(b,), unchanged=(a,), removed=(old,))
    assert a.stat().st_mtime == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.json", "b.json", "mine.txt"]


def test_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write({tmp_path / "a": b""})
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(UsageError, match=r"/a: cannot be written \(it is a folder\)"):
        write({tmp_path / "a": b"1"})
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be written"):
        write({tmp_path / "b" / "c": b"1"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
