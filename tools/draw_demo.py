"""Draw `docs/demo.svg`, the picture in the README: the last screen of a real demo. Run by `make picture`."""

from __future__ import annotations

import os
import re
from pathlib import Path

os.environ["SF2530_LANGUAGE"] = "en"

import logging

from rich.console import Console
from rich.terminal_theme import MONOKAI

from sf2530 import logs
from sf2530.denmark.business_time import business_date, utc_now
from sf2530.sandbox import population
from sf2530.sandbox.commands import next_value_date
from sf2530.sandbox.demo import Demo, run
from sf2530.sandbox.demo_folder import DemoPlan, passing
from sf2530.sandbox.progress import Step
from sf2530.sandbox.screen import LineScreen, drawing
from sf2530.sandbox.summary import closing_words, drawn

PICTURE = Path(__file__).parents[1] / "docs" / "demo.svg"
WIDTH = 132  # characters
FONT = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)  # rich names a font on a foreign host


def main() -> None:
    """Run the demo and keep its last screen."""
    logs.set_up(as_json=False, level=logging.WARNING)
    value_date = next_value_date(business_date(utc_now()))
    made_up = population.plan(value_date)
    plan = DemoPlan(
        municipalities=98, agreements=population.DEFAULT_AGREEMENTS, seed=2530, value_date=value_date
    )
    with passing(plan, None) as premises, LineScreen(Console()) as screen:
        summary = run(Demo(premises=premises, population=made_up, clock=utc_now), screen)
    console = Console(record=True, width=WIDTH, force_terminal=True, file=Path(os.devnull).open("w"))  # noqa: SIM115  ends with us
    settled = dict.fromkeys(made_up.municipalities, Step.SETTLED)
    console.print("$ make demo")
    console.print(drawing(settled, seconds=summary.seconds.cycle, width=WIDTH))
    console.print(drawn(summary))
    console.print(closing_words(summary), highlight=False)
    svg = console.export_svg(title="sf2530 demo", theme=MONOKAI)
    PICTURE.write_text(FONT.sub("", svg), encoding="utf-8")


if __name__ == "__main__":
    main()
