from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.database.errors import ArchiveUnreachable
from sf2530.database.spooling import CHUNK_BYTES, INLINE_BYTES, Sealed, Spool


def content(sealed: Sealed) -> bytes:
    return b"".join(sealed.chunks())


@given(
    writes=st.lists(
        st.tuples(st.integers(0, INLINE_BYTES + 500), st.binary(max_size=2_000)),
        max_size=8,
    ),
    cut=st.none() | st.integers(0, INLINE_BYTES + 500),
)
def test_bytes_written_in_any_order_are_what_is_sealed(
    writes: list[tuple[int, bytes]], cut: int | None
) -> None:
    spool, expected = Spool(), bytearray()
    for offset, data in writes:
        spool.write(offset, data)
        if data:
            expected.extend(bytes(max(0, offset - len(expected))))
            expected[offset : offset + len(data)] = data
        assert spool.read(0, spool.size) == expected
    if cut is not None:
        spool.truncate(cut)
        del expected[cut:]
        expected.extend(bytes(cut - len(expected)))

    sealed = spool.seal()
    try:
        assert content(sealed) == expected
        assert sealed.size == len(expected)
        assert sealed.sha256 == hashlib.sha256(expected).hexdigest()
    finally:
        sealed.discard()


def test_few_bytes_stay_in_memory_and_many_go_to_a_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(0, bytes(INLINE_BYTES))
    assert list(tmp_path.iterdir()) == []
    spool.write(INLINE_BYTES, b"x")
    sealed = spool.seal()
    assert [sealed.path] == list(tmp_path.iterdir())

    sealed.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_large_file_written_in_order_is_sealed_as_it_is(tmp_path: Path) -> None:
    block = bytes(range(256)) * 128
    spool = Spool(tmp_path)
    for number in range(100):
        spool.write(number * len(block), block)
    sealed = spool.seal()
    assert sealed.size > 3 * CHUNK_BYTES
    assert sealed.sha256 == hashlib.sha256(block * 100).hexdigest()
    assert content(sealed) == block * 100


def test_what_is_discarded_leaves_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(INLINE_BYTES, b"x")
    spool.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnreachable) as failed:
        Spool(tmp_path / "gone").write(INLINE_BYTES, b"x")
    assert str(tmp_path / "gone") in failed.value.where
