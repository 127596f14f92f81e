"""`make bench`: run the measurements, print the ratios, write `build/bench.json`."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable
from importlib import import_module
from os import cpu_count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

MODULES = ("records", "cycle")
RESULT = Path("build/bench.json")


def main(only: Iterable[str]) -> int:
    """Run the measurements named in `only` (all when empty); 0 if every goal was met, else 1."""
    wanted = [name for name in MODULES if name in only] or MODULES
    entries = [entry for name in wanted for entry in import_module(f"bench.{name}").entries()]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps({"machine": machine(), "entries": entries}, indent=2) + "\n", encoding="utf-8"
    )
    Console(width=150).print(drawn(entries))
    print(f"Written to {RESULT}")
    return 0 if all(entry["met"] for entry in entries) else 1


def machine() -> dict[str, Any]:
    """Tell what the figures were measured on."""
    return {"system": platform.platform(), "python": platform.python_version(), "cores": cpu_count()}


def drawn(entries: list[dict[str, Any]]) -> Table:
    """Draw one line per measurement."""
    table = Table("name", "unit", "ours", "others", "ratio", "goal", "met", title="sf2530 bench")
    for entry in entries:
        others = ", ".join(f"{name} {value:,.1f}" for name, value in entry["others"].items())
        ratio = "" if entry["ratio"] is None else f"{entry['ratio']:.2f}"
        met = "yes" if entry["met"] else "no"
        table.add_row(
            entry["name"], entry["unit"], f"{entry['ours']:,.1f}", others, ratio, entry["goal"], met
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
