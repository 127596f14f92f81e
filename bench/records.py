"""How fast a file of a million records is read with all checks and written, beside others without checks.

Every reader starts from the same file on disk and ends with columns of all fields of record 020 (numbers
and øre as integers; dates and identifiers may stay text) and the sum of the amounts. Every writer starts
from columns in its own form in memory and ends with the bytes. Rounds are interleaved; the best counts.
"""

from __future__ import annotations

import io
import mmap
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from bench.made_answers import ANSWER, START, made_columns
from sf2530.records.columns import Columns
from sf2530.records.layout import Field, FieldType
from sf2530.records.reading import check, decode
from sf2530.records.writing import encode

RECORDS = 1_000_000
ROUNDS = 3
SLOW = frozenset({"pandas"})
"""Measured once: it takes fifty times as long, and more rounds would not change who wins."""
MEMORY_RECORDS = 10_000_000
MEMORY_GOAL_MIB = 300

RECORD = ANSWER.record("020")
FIELDS = RECORD.fields
NUMBERS = [one for one in FIELDS if one.type in {FieldType.NUMBER, FieldType.ORE}]
NO_SEPARATOR = "\x01"
"""A byte that no file has: makes a CSV reader give whole lines."""


def entries() -> list[dict[str, Any]]:
    """Measure reading, checking, writing, and the memory that checking ten million records takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.txt")
        columns = made_columns(RECORDS)
        file.write_bytes(encode(ANSWER, start=START, rows={"020": columns}))
        return [*reading(file, columns), writing(columns), memory()]


def reading(file: Path, columns: Columns) -> list[dict[str, Any]]:
    """Decode and check a file, and check it from a stream, beside readers that only cut its fields out."""
    amount = int(columns["MDRBELOEB"].sum())
    readers: Mapping[str, Callable[[Path], int]] = {
        "decode": read_ours,
        "check": check_ours,
        "polars": read_polars,
        "duckdb": read_duckdb,
        "struct": read_struct,
        "pandas": read_pandas,
    }
    seconds = best_of(
        {
            name: lambda read=read: same(read(file), amount)
            for name, read in readers.items()
            if name != "check"
        }
        | {"check": lambda: same(check_ours(file), RECORDS)}
    )
    others = {name: seconds[name] for name in readers if name not in {"decode", "check"}}
    return [
        beside("records.decode", seconds["decode"], others),
        beside("records.check", seconds["check"], others),
    ]


def writing(columns: Columns) -> dict[str, Any]:
    """Write a file with envelope, totals and all checks, beside writers of the bare lines."""
    frame = framed(columns)
    plain = {name: cells.tolist() for name, cells in columns.items()}
    with quiet_duckdb() as connection:
        connection.register("given", pd.DataFrame({name: frame[name].to_list() for name in frame.columns}))
        connection.execute("CREATE TABLE made AS SELECT * FROM given")
        writers: Mapping[str, Callable[[], bytes]] = {
            "ours": lambda: encode(ANSWER, start=START, rows={"020": columns}),
            "polars": lambda: write_polars(frame),
            "duckdb": lambda: write_duckdb(connection),
            "f-string": lambda: write_plain(plain),
        }
        lines = writers["ours"]()[ANSWER.line_length : -ANSWER.line_length]
        for name in writers.keys() - {"ours"}:
            same(writers[name]() == lines, wanted=True)
        seconds = best_of(writers)
    others = {name: seconds[name] for name in writers if name != "ours"}
    return beside("records.encode", seconds["ours"], others)


def memory() -> dict[str, Any]:
    """Check a stream of ten million records in a process of its own, and tell the most memory it held."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.records_memory", str(MEMORY_RECORDS)],
        check=True,
        capture_output=True,
        text=True,
    )
    mebibytes = float(done.stdout)
    return {
        "name": "records.check-memory",
        "unit": "MiB",
        "ours": mebibytes,
        "others": {},
        "ratio": None,
        "goal": f"< {MEMORY_GOAL_MIB}",
        "met": mebibytes < MEMORY_GOAL_MIB,
    }


# Reading. Each takes the file from disk and gives the sum of the amounts, with all columns made.


def read_ours(file: Path) -> int:
    """Read with every check there is, from a memory map as Polars does; dates become numbers too."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        decoded = decode(content, ANSWER, name=file.name)
    same(decoded.report.accepted, wanted=True)
    return int(decoded.columns["020"]["MDRBELOEB"].sum())


def check_ours(file: Path) -> int:
    """Check from a stream in bounded memory; keeps no columns, gives the count."""
    with file.open("rb") as stream:
        return check(stream, ANSWER, name=file.name).records


def read_pandas(file: Path) -> int:
    """Use `pandas.read_fwf` with the layout's positions, numbers as int64, everything else as text."""
    numeric = {one.name: "int64" for one in NUMBERS}
    frame = pd.read_fwf(
        file,
        colspecs=[(one.first - 1, one.last) for one in FIELDS],
        names=[one.name for one in FIELDS],
        dtype={one.name: numeric.get(one.name, "str") for one in FIELDS},
        skiprows=1,
        nrows=RECORDS,
        header=None,
    )
    return int(frame["MDRBELOEB"].sum())


def read_polars(file: Path) -> int:
    """Read whole lines with Polars' CSV reader, slice them with its expressions, cast the numbers."""
    lines = pl.scan_csv(
        file,
        has_header=False,
        separator=NO_SEPARATOR,
        quote_char=None,
        skip_rows=1,
        n_rows=RECORDS,
        new_columns=["line"],
    )
    frame = lines.select(polars_field(one) for one in FIELDS).collect()
    return int(frame["MDRBELOEB"].sum())


def polars_field(one: Field) -> pl.Expr:
    """Slice one field out of a line."""
    cut = pl.col("line").str.slice(one.first - 1, one.length)
    return (cut.cast(pl.Int64) if one in NUMBERS else cut).alias(one.name)


def read_duckdb(file: Path) -> int:
    """Read whole lines with DuckDB's CSV reader into a table of its own, cut with `substr`, numbers cast."""
    fields = ", ".join(duckdb_field(one) for one in FIELDS)
    with quiet_duckdb() as connection:
        connection.execute(
            f"CREATE TABLE read AS SELECT {fields} FROM read_csv(?, columns = {{'line': 'VARCHAR'}}, "  # noqa: S608  our own layout's names
            "delim = '\x01', quote = '', escape = '', header = false, skip = 1, auto_detect = false) "
            "WHERE line LIKE '020%'",
            [str(file)],
        )
        found = connection.execute("SELECT sum(MDRBELOEB) FROM read").fetchone()
    return int(found[0]) if found else 0


def quiet_duckdb() -> duckdb.DuckDBPyConnection:
    """Open a database in memory that draws no progress bar."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    return connection


def duckdb_field(one: Field) -> str:
    """Cut one field out of a line."""
    cut = f"substr(line, {one.first}, {one.length})"
    return f'{f"CAST({cut} AS BIGINT)" if one in NUMBERS else cut} AS "{one.name}"'


def read_struct(file: Path) -> int:
    """Loop over `struct.iter_unpack` in plain Python, numbers by `int`, one list per field."""
    content = file.read_bytes()[ANSWER.line_length : -ANSWER.line_length]
    form = struct.Struct("".join(f"{one.length}s" for one in FIELDS) + "2x")
    columns = dict(
        zip((one.name for one in FIELDS), zip(*form.iter_unpack(content), strict=True), strict=True)
    )
    numbers = {one.name: list(map(int, columns[one.name])) for one in NUMBERS}
    return sum(numbers["MDRBELOEB"])


# Writing. Each gives the lines of record 020 with their line ends.


def write_polars(frame: pl.DataFrame) -> bytes:
    """Join padded columns with Polars' expressions, and write them with its CSV writer."""
    line = pl.concat_str([polars_text(one) for one in FIELDS]).alias("line")
    out = io.BytesIO()
    frame.select(line).write_csv(out, include_header=False, quote_style="never", line_terminator="\r\n")
    return out.getvalue()


def polars_text(one: Field) -> pl.Expr:
    """Give one field as it stands in the line."""
    if one.constant is not None or one.type is FieldType.FILLER:
        return pl.lit((one.constant or "").ljust(one.length))
    if one.type in {FieldType.NUMBER, FieldType.ORE, FieldType.DATE}:
        return pl.col(one.name).cast(pl.String).str.zfill(one.length)
    return pl.col(one.name).str.pad_end(one.length)


def write_duckdb(connection: duckdb.DuckDBPyConnection) -> bytes:
    """Join padded columns in SQL, and write them with `COPY`."""
    line = " || ".join(duckdb_text(one) for one in FIELDS)
    with tempfile.NamedTemporaryFile() as file:
        connection.execute(
            f"COPY (SELECT {line} || '\r' FROM made) TO '{file.name}' "  # noqa: S608  our own layout's names
            "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"
        )
        return Path(file.name).read_bytes()


def duckdb_text(one: Field) -> str:
    """Give one field as it stands in the line."""
    if one.constant is not None or one.type is FieldType.FILLER:
        return f"'{(one.constant or '').ljust(one.length)}'"
    if one.type in {FieldType.NUMBER, FieldType.ORE, FieldType.DATE}:
        return f"lpad(\"{one.name}\"::VARCHAR, {one.length}, '0')"
    return f"rpad(\"{one.name}\", {one.length}, ' ')"


def write_plain(columns: Mapping[str, list[Any]]) -> bytes:
    """Loop over a format string in plain Python."""
    form = "".join(plain_text(one) for one in FIELDS) + "\r\n"
    names = [one.name for one in FIELDS if one.name in columns]
    rows = zip(*(columns[name] for name in names), strict=True)
    return b"".join(form.encode() % row for row in rows)


def plain_text(one: Field) -> str:
    """Give one field as a bytes format string wants it."""
    if one.constant is not None or one.type is FieldType.FILLER:
        return (one.constant or "").ljust(one.length)
    if one.type in {FieldType.NUMBER, FieldType.ORE, FieldType.DATE}:
        return f"%0{one.length}d"
    return f"%-{one.length}b"


# What is measured, and how.


def framed(columns: Columns) -> pl.DataFrame:
    """Put the columns into a frame of Polars, identifiers as its own text."""
    return pl.DataFrame(
        {name: cells.astype("U") if cells.dtype.kind == "S" else cells for name, cells in columns.items()}
    )


def best_of(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Run each in turn, several rounds, and give the shortest time of each."""
    seconds = dict.fromkeys(runs, float("inf"))
    for turn in range(ROUNDS):
        for name, run in runs.items():
            if turn and name in SLOW:
                continue
            begun = time.perf_counter()
            run()
            seconds[name] = min(seconds[name], time.perf_counter() - begun)
    return seconds


def beside(name: str, ours: float, others: Mapping[str, float]) -> dict[str, Any]:
    """Make the entry: records a second, and how many times the best of the others ours is."""
    ratio = min(others.values()) / ours
    return {
        "name": name,
        "unit": "records/s",
        "ours": RECORDS / ours,
        "others": {other: RECORDS / seconds for other, seconds in others.items()},
        "ratio": ratio,
        "goal": "> 1",
        "met": ratio > 1,
    }


def same(found: object, wanted: object) -> None:
    """Refuse a measurement of something that gives another result."""
    if found != wanted:
        message = f"expected {wanted}, and not {found}"
        raise AssertionError(message)
