"""`python -m sf2530.cli` is `sf2530`: how the sandbox starts a party without searching the PATH."""

from sf2530.cli.main import run

run()
