"""The arguments and options that the commands of `sf2530 file` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sf2530.language import _

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("A fixed-length file."))]
LayoutOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID|KIND|FILE", help=_("The layout; without it, the file is recognised by its first record.")
    ),
]
ProfileOption = Annotated[
    str | None, typer.Option(help=_("standard, or bare: without start and end record. Goes with a KIND."))
]
