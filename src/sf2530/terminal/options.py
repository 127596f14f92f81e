"""The options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

from sf2530.language import _

JsonOption = Annotated[bool, typer.Option("--json", help=_("Print JSON for machines instead of a table."))]
RevealOption = Annotated[
    bool, typer.Option("--reveal", help=_("Show personal data in full; without it, it is masked."))
]

# What every `serve` takes.
UntilStdinClosesOption = Annotated[
    bool, typer.Option("--until-stdin-closes", help=_("Stop also when standard input ends."))
]
LogJsonOption = Annotated[bool, typer.Option("--json", help=_("Log JSON for machines."))]
