"""The root command: puts the parties' commands together, and turns errors into plain words."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from sf2530 import logs
from sf2530.errors import Sf2530Error
from sf2530.language import Language, _

# Where each group of commands lives. Only the group that is asked for is imported: a party needs
# half a second for its libraries, and `sf2530 file check` none of them.
GROUPS = {
    "hub": "sf2530.hub.commands",
    "debitor": "sf2530.debitor.commands",
    "ky": "sf2530.ky.commands",
    "file": "sf2530.cli.file_commands",
    "layout": "sf2530.cli.layout_commands",
}
SINGLE_COMMANDS = dict.fromkeys(("demo", "init"), "sf2530.sandbox.commands")


def run() -> None:
    """Run `sf2530` with the arguments of this process and end it with the command's exit status."""
    arguments = sys.argv[1:]
    choose_language(arguments)
    os.umask(0o077)  # databases, exports and logs hold personal data: they are their owner's alone
    logs.set_up(as_json=False, level=logging.WARNING)  # `serve` says more
    try:
        build(arguments)(args=arguments, prog_name="sf2530")
    except Sf2530Error as error:
        show(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        # The reader of our output (`| head`) has left; writing the rest anywhere would be noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def choose_language(arguments: Sequence[str]) -> None:
    """Let `--language` decide before the first text is made: the help texts already need it."""
    for number, argument in enumerate(arguments):
        if argument == "--language" and number + 1 < len(arguments):
            os.environ["SF2530_LANGUAGE"] = arguments[number + 1]
        elif argument.startswith("--language="):
            os.environ["SF2530_LANGUAGE"] = argument.partition("=")[2]


def build(arguments: Sequence[str]) -> typer.Typer:
    """Make the command tree; with a group named in `arguments`, only that group's branch of it."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # they print local variables, and those hold personal data
        help=_("SF2530 and SF2520: child support withheld from cash benefit, exchanged as files over SFTP."),
    )
    app.callback()(_options)
    asked_for = next((word for word in arguments if word in GROUPS | SINGLE_COMMANDS), None)
    if asked_for is None or asked_for in SINGLE_COMMANDS:
        for module in set(SINGLE_COMMANDS.values()):
            import_module(module).add_to(app)
    for name, module in GROUPS.items():
        if asked_for in (None, name):
            app.add_typer(import_module(module).app, name=name)
    return app


def show(error: Sf2530Error) -> None:
    """Print what went wrong, where, and what to do, on standard error."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    place = f"{error.where}: " if error.where else ""
    console.print(Text(f"{place}{error.what}", style="bold red"))
    if error.remedy:
        console.print(Text(error.remedy))


def _options(
    language: Annotated[
        Language,
        typer.Option(
            help=_("Language of what is shown; also by the environment variable SF2530_LANGUAGE."),
            envvar="SF2530_LANGUAGE",
        ),
    ] = Language.DANISH,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            help=_("Print the version and end."),
            is_eager=True,
            callback=lambda wanted: _print_version() if wanted else None,
        ),
    ] = False,
) -> None:
    """Take the options that stand before every command; `choose_language` has acted on the language."""


def _print_version() -> None:
    typer.echo(f"sf2530 {version('sf2530')}")
    raise typer.Exit
