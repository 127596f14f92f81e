"""`sf2530 layout`: what layouts there are, what is wrong in one of your own, and the page about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sf2530.records.layout_files import default_layouts

LAYOUTS_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "layouts.md"
GOOD = """
id = "ours-with-names-of-theirs"
extends = "answer"
title = "Answer by another name"
"""


@pytest.fixture
def layout_file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        file = tmp_path / "own.toml"
        file.write_text(text)
        return file

    return write


def test_every_layout_is_listed(sf2530: Any) -> None:
    listed = sf2530("layout", "list")
    assert listed.status == 0
    assert {each.id for each in default_layouts()} <= set(listed.out.split())


def test_the_list_is_there_for_machines(sf2530: Any) -> None:
    listed = sf2530("layout", "list", "--json").json
    answer = next(each for each in listed if each["id"] == "sf2530-answer")
    assert answer["kind"] == "answer"
    assert answer["profile"] == "standard"
    assert answer["record_length"] == 128


def test_the_page_about_layouts_is_what_the_command_prints(sf2530: Any) -> None:
    assert sf2530("layout", "document").out == LAYOUTS_PAGE.read_text(encoding="utf-8"), (
        "write it anew: sf2530 layout document > docs/reference/layouts.md"
    )


def test_the_page_names_every_field_of_every_layout() -> None:
    page = LAYOUTS_PAGE.read_text(encoding="utf-8")
    for layout in default_layouts():
        assert f"`{layout.id}`" in page
        for record in layout.records:
            for field in record.fields:
                assert f"| `{field.name}` |" in page


def test_a_layout_of_ones_own_is_described_too(sf2530: Any, layout_file: Callable[[str], Path]) -> None:
    page = sf2530("layout", "document", layout_file(GOOD)).out
    assert "## Answer by another name" in page
    assert "`MDRBELOEB`" in page


def test_a_usable_layout_is_said_to_be_usable(sf2530: Any, layout_file: Callable[[str], Path]) -> None:
    checked = sf2530("layout", "check", layout_file(GOOD))
    assert checked.status == 0
    assert "can be used" in checked.out


def test_every_fault_of_a_layout_is_told_with_its_remedy_and_ends_with_1(
    sf2530: Any, layout_file: Callable[[str], Path]
) -> None:
    faulty = layout_file(GOOD + "record_length = 127\n")
    told = sf2530("layout", "check", faulty)
    assert told.status == 1
    assert "cannot be used" in told.out
    for_machines = sf2530("layout", "check", faulty, "--json")
    assert for_machines.status == 1
    assert for_machines.json["usable"] is False
    for finding in for_machines.json["findings"]:
        assert finding["what"] in told.out
        assert finding["remedy"] in told.out


def test_a_layout_that_is_missing_or_no_toml_is_wrong_use(
    sf2530: Any, layout_file: Callable[[str], Path], tmp_path: Path
) -> None:
    for file in (tmp_path / "nowhere.toml", tmp_path, layout_file("id = ")):
        refused = sf2530("layout", "check", file)
        assert refused.status == 2
        assert str(file) in refused.err
        assert refused.out == ""


def test_a_faulty_layout_cannot_be_described(sf2530: Any, layout_file: Callable[[str], Path]) -> None:
    refused = sf2530("layout", "document", layout_file(GOOD + "record_length = 127\n"))
    assert refused.status == 2
    assert "layout check" in refused.err
