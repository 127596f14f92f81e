"""Structured logs: JSON lines or readable ones on standard error, never with a CPR number in them."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

_TEN_DIGITS = re.compile(r"(?<!\d)\d{6}[- ]?\d{4}(?!\d)")


def set_up(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send this process's logs to standard error, one event a line."""
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_cpr_numbers,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # looked up for each event: whoever replaces standard error, as tests do, gets what comes after
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def hide_cpr_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace whatever has the shape of a CPR number: the last net, where no line should need it."""
    return {name: _hidden(value) for name, value in event.items()}


def mask_cpr_numbers(text: str) -> str:
    """Star whatever in a text has the shape of a CPR number.

    For texts that others wrote, or that a person typed, before they are kept or shown.

    >>> mask_cpr_numbers("no route for 610190-1234")
    'no route for **********'
    """
    return _TEN_DIGITS.sub("**********", text)


def _hidden(value: object) -> object:
    if isinstance(value, (int, str, bytes, Exception)) and not isinstance(value, bool):
        text = str(value)
        clean = mask_cpr_numbers(text)
        return value if clean == text else clean
    if isinstance(value, dict):
        return {name: _hidden(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(inner) for inner in value]
    return value
