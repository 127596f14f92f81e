from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sf2530.database import content
from sf2530.database.content import CHUNK_BYTES, INLINE_BYTES, ContentDirectory, Spool
from sf2530.database.engines import open_engine, reading
from sf2530.database.errors import ArchiveUnreachable, ContentDamaged, ContentMissing
from sf2530.database.tables import content as content_table
from sf2530.database.tables import content_chunk, metadata

SMALL = b"a few bytes"
LARGE = bytes(range(256)) * (4 * 1024 * 2) + b"and a little more"
party = sa.MetaData()
letter = sa.Table("letter", party, sa.Column("sha256", sa.String(64), nullable=False))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = open_engine(database_url)
    metadata.create_all(engine)
    party.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def directory(tmp_path: Path) -> ContentDirectory:
    return ContentDirectory(tmp_path / "content")


def kept(engine: sa.Engine, data: bytes) -> str:
    with engine.begin() as tx:
        return content.put(tx, data)


def kept_as_file(engine: sa.Engine, directory: ContentDirectory, data: bytes) -> str:
    spool = directory.spool()
    spool.write(0, data)
    sealed = directory.adopt(spool.seal())
    with engine.begin() as tx:
        return content.put_sealed(tx, sealed)


def count(engine: sa.Engine, table: sa.Table) -> int:
    with reading(engine) as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def files(directory: ContentDirectory) -> list[Path]:
    return [path for path in directory.path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "data",
    [b"", SMALL, bytes(INLINE_BYTES), bytes(INLINE_BYTES + 1), bytes(CHUNK_BYTES), LARGE],
    ids=["none", "few", "just inline", "no longer inline", "one chunk", "many chunks"],
)
def test_bytes_come_back_as_they_were_put(engine: sa.Engine, data: bytes) -> None:
    sha256 = kept(engine, data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    with reading(engine) as tx:
        assert content.get(tx, sha256) == data
        assert content.size(tx, sha256) == len(data)
        content.verify(tx, sha256)


@pytest.mark.parametrize("keep_in", ["database", "directory"])
@pytest.mark.parametrize(
    ("offset", "length"),
    [
        (0, 10),
        (CHUNK_BYTES - 5, 10),
        (CHUNK_BYTES, CHUNK_BYTES),
        (len(LARGE) - 3, 100),
        (len(LARGE), 1),
        (9**9, 1),
        (5, 0),
    ],
)
def test_any_part_can_be_read(
    engine: sa.Engine, directory: ContentDirectory, offset: int, length: int, keep_in: str
) -> None:
    sha256 = kept_as_file(engine, directory, LARGE) if keep_in == "directory" else kept(engine, LARGE)
    with reading(engine) as tx:
        stored = content.find(tx, sha256)
        part = content.read(tx, stored, offset=offset, length=length, directory=directory)
    assert part == LARGE[offset : offset + length]


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_the_same_bytes_are_kept_once(engine: sa.Engine, data: bytes) -> None:
    assert kept(engine, data) == kept(engine, data)
    with engine.begin() as tx:
        content.put(tx, data)
        content.put(tx, data)
    assert count(engine, content_table) == 1


def test_bytes_go_with_the_transaction_that_put_them(engine: sa.Engine) -> None:
    def put_and_fail() -> None:
        with engine.begin() as tx:
            content.put(tx, LARGE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    assert count(engine, content_table) == count(engine, content_chunk) == 0


def test_a_spooled_upload_is_kept_in_the_database_without_a_directory(engine: sa.Engine) -> None:
    spool = Spool()
    spool.write(0, LARGE)
    sealed = spool.seal()
    with engine.begin() as tx:
        sha256 = content.put_sealed(tx, sealed)
    sealed.discard()
    with reading(engine) as tx:
        assert content.get(tx, sha256) == LARGE
    assert count(engine, content_chunk) == 3


def test_a_large_upload_is_one_file_and_a_small_one_none(
    engine: sa.Engine, directory: ContentDirectory
) -> None:
    small, large = (kept_as_file(engine, directory, data) for data in (SMALL, LARGE))
    assert [path.stat().st_size for path in files(directory)] == [len(LARGE)]
    assert count(engine, content_chunk) == 0
    with reading(engine) as tx:
        assert content.get(tx, small) == SMALL
        assert content.get(tx, large, directory=directory) == LARGE
        with pytest.raises(ContentMissing, match="none is configured"):
            content.get(tx, large)


def test_what_is_not_there_is_said_to_be_missing(engine: sa.Engine) -> None:
    nothing = "0" * 64
    with reading(engine) as tx:
        for ask in (content.get, content.find, content.size, content.verify):
            with pytest.raises(ContentMissing) as missing:
                ask(tx, nothing)
            assert missing.value.where == nothing


def test_damage_is_noticed_wherever_the_bytes_are(engine: sa.Engine, directory: ContentDirectory) -> None:
    small, large = kept(engine, SMALL), kept(engine, LARGE)
    in_file = kept_as_file(engine, directory, LARGE[1:])
    with engine.begin() as tx:
        tx.execute(
            sa.update(content_table).where(content_table.c.sha256 == small).values(inline=b"a few bYtes")
        )
        tx.execute(
            sa.update(content_chunk).where(content_chunk.c.number == 1).values(data=bytes(CHUNK_BYTES))
        )
    (path,) = files(directory)
    path.write_bytes(LARGE[1:-1])
    with reading(engine) as tx:
        for sha256 in (small, large, in_file):
            with pytest.raises(ContentDamaged):
                content.get(tx, sha256, directory=directory)
            with pytest.raises(ContentDamaged):
                content.verify(tx, sha256, directory=directory)

    path.unlink()
    with reading(engine) as tx, pytest.raises(ContentMissing, match="is not there"):
        content.get(tx, in_file, directory=directory)


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_deleted_bytes_are_gone_and_may_be_put_again(engine: sa.Engine, data: bytes) -> None:
    sha256 = kept(engine, data)
    with engine.begin() as tx:
        assert content.delete(tx, sha256)
        assert not content.delete(tx, sha256)
    assert count(engine, content_table) == count(engine, content_chunk) == 0
    assert kept(engine, data) == sha256


def test_bytes_that_are_still_needed_stay(engine: sa.Engine) -> None:
    sha256 = kept(engine, SMALL)
    needs = [sa.select(letter.c.sha256).where(letter.c.sha256 == sha256)]
    with engine.begin() as tx:
        tx.execute(sa.insert(letter), {"sha256": sha256})
    with engine.begin() as tx:
        assert not content.delete(tx, sha256, unless=needs)
        tx.execute(sa.delete(letter))
        assert content.delete(tx, sha256, unless=needs)


def test_deleting_waits_for_a_put_of_the_same_bytes_and_sees_its_need(engine: sa.Engine) -> None:
    sha256 = kept(engine, SMALL)
    needs = [sa.select(letter.c.sha256).where(letter.c.sha256 == sha256)]
    deleted: list[bool] = []

    def delete() -> None:
        with engine.begin() as tx:
            deleted.append(content.delete(tx, sha256, unless=needs))

    with engine.begin() as tx:
        content.put(tx, SMALL)
        deleting = threading.Thread(target=delete)
        deleting.start()
        wait_until_somebody_waits_for(tx)
        tx.execute(sa.insert(letter), {"sha256": sha256})
    deleting.join()

    assert deleted == [False]
    with reading(engine) as tx:
        assert content.get(tx, sha256) == SMALL


def wait_until_somebody_waits_for(tx: sa.Connection) -> None:
    if tx.dialect.name == "sqlite":
        return  # its one writer at a time lets nobody in
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while not tx.exec_driver_sql(waiting).scalar():
        tx.exec_driver_sql("SELECT pg_stat_clear_snapshot()")


def test_many_threads_may_put_the_same_bytes(engine: sa.Engine) -> None:
    together = threading.Barrier(6)

    def put() -> None:
        together.wait()
        kept(engine, LARGE)

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as tx:
        assert content.get(tx, hashlib.sha256(LARGE).hexdigest()) == LARGE


def test_a_sweep_removes_what_no_row_names_and_only_when_it_is_old(
    engine: sa.Engine, directory: ContentDirectory
) -> None:
    needed = kept_as_file(engine, directory, LARGE)
    deleted = kept_as_file(engine, directory, LARGE[1:])
    with engine.begin() as tx:
        content.delete(tx, deleted)
    broken_upload, failed_transaction = directory.spool(), directory.spool()
    broken_upload.write(0, LARGE)
    failed_transaction.write(0, LARGE)
    directory.adopt(failed_transaction.seal())
    assert len(files(directory)) == 4

    now = datetime.now(UTC)
    assert content.sweep(engine, directory, now=now) == 0
    assert content.sweep(engine, directory, now=now + timedelta(days=1, minutes=1)) == 3
    assert len(files(directory)) == 1
    with reading(engine) as tx:
        assert content.get(tx, needed, directory=directory) == LARGE
    broken_upload.discard()


def test_an_upload_that_paused_for_long_is_not_swept_before_its_row_is_written(
    engine: sa.Engine, directory: ContentDirectory
) -> None:
    spool = directory.spool()
    spool.write(0, LARGE)
    (uploading,) = files(directory)
    long_ago = datetime.now(UTC) - timedelta(days=3)
    os.utime(uploading, (long_ago.timestamp(),) * 2)
    sealed = directory.adopt(spool.seal())
    assert content.sweep(engine, directory, now=datetime.now(UTC)) == 0
    with engine.begin() as tx:
        content.put_sealed(tx, sealed)
        content.verify(tx, sealed.sha256, directory=directory)


def test_a_repeated_upload_relies_on_no_file_that_another_one_left(
    engine: sa.Engine, directory: ContentDirectory
) -> None:
    orphan = directory.spool()
    orphan.write(0, LARGE)
    left = directory.adopt(orphan.seal())
    sha256 = kept_as_file(engine, directory, LARGE)
    assert left.path
    left.path.unlink()
    with reading(engine) as tx:
        assert content.get(tx, sha256, directory=directory) == LARGE


def test_a_file_is_on_the_disk_for_good_before_a_row_names_it(
    engine: sa.Engine, directory: ContentDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noting_fsync(descriptor: int) -> None:
        steps.append("flush folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "flush file")  # noqa: PTH112  a descriptor, not a path
        fsync(descriptor)

    def noting_rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "rename", noting_rename)
    spool = directory.spool()
    spool.write(0, LARGE)
    directory.adopt(spool.seal())
    assert steps == ["flush file", "flush folder", "rename", "flush folder"]


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveUnreachable) as failed:
        ContentDirectory(tmp_path / "file" / "content")
    assert failed.value.exit_status == 3
