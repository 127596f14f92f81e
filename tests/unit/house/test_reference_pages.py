"""The generated pages of the reference are what the code says today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = ("layouts.md", "checks.md", "receipt-errors.md", "commands.md")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the pages in a process of their own: the language is chosen once per process."""
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, str(ROOT / "tools" / "write_reference.py"), str(folder)], check=True)
    return folder


def test_all_generated_pages_are_held_to_the_code(written: Path) -> None:
    assert {page.name for page in written.iterdir()} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_tool_writes(written: Path, name: str) -> None:
    kept = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")

    assert kept == (written / name).read_text(encoding="utf-8"), "write it anew: make docs"


def test_every_command_says_what_it_and_its_options_are_for(written: Path) -> None:
    lines = (written / "commands.md").read_text(encoding="utf-8").splitlines()

    silent = [
        line for line, after in zip(lines, lines[2:], strict=False) if line.startswith("#") and not after
    ]
    silent += [line for line in lines if line.endswith("` |  |")]

    assert silent == []
