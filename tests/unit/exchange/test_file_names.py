"""A data file has a name that leaves no doubt, and its companions are named after it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.exchange.file_names import (
    FileNameRefused,
    check_data_file_name,
    metadata_name,
    receipt_name,
    split_name,
    temporary_name,
    trigger_name,
)


def test_companions_are_named_after_the_whole_name_of_the_data_file() -> None:
    assert trigger_name("A.txt") == "A.txt.trigger"
    assert metadata_name("A.txt") == "A.txt.metadata"
    assert receipt_name("A.txt") == "A.txt.sftpreceipt"
    assert temporary_name("A.txt") == "A.txt.part"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("A.txt", ("A.txt", "")),
        ("A.txt.trigger", ("A.txt", ".trigger")),
        ("A.txt.metadata", ("A.txt", ".metadata")),
        ("A.txt.sftpreceipt", ("A.txt", ".sftpreceipt")),
        ("A.txt.TRIGGER", ("A.txt.TRIGGER", "")),
        (".trigger", (".trigger", "")),
    ],
)
def test_a_name_is_split_into_the_data_files_and_the_suffix(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize(
    "name",
    ["BAFORESP_0101_20261130_MD01.txt", "D180927.L123456", "Blåbær grød.txt", "a", "a" * 243, "a.part"],
)
def test_ordinary_names_are_taken(name: str) -> None:
    check_data_file_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        " a",
        "a ",
        "a/b",
        "..\\b",
        "a\x00b",
        "a\nb",
        "a\ud800",
        "A.trigger",
        "A.Metadata",
        "A.SFTPRECEIPT",
        "a" * 244,
        "æ" * 122,
    ],
)
def test_a_name_that_leaves_doubt_is_refused(name: str) -> None:
    with pytest.raises(FileNameRefused):
        check_data_file_name(name)


def test_a_refusal_does_not_repeat_the_name() -> None:
    with pytest.raises(FileNameRefused) as refused:
        check_data_file_name("6101901234/a")
    assert "6101901234" not in str(refused.value)


@given(st.text(max_size=300))
def test_a_name_that_is_taken_stays_itself_with_every_suffix(name: str) -> None:
    try:
        check_data_file_name(name)
    except FileNameRefused:
        return
    for companion in (trigger_name, metadata_name, receipt_name):
        assert split_name(companion(name))[0] == name
        assert len(companion(name).encode()) <= 255
    assert split_name(name) == (name, "")
