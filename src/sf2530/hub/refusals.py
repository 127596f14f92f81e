"""The one border where what goes wrong inside becomes an SFTP status that a client understands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
import structlog

from sf2530.errors import DataError, Sf2530Error, UseError
from sf2530.exchange.file_names import FileNameRefused
from sf2530.hub.names import NameRefused
from sf2530.hub.receiving import AlreadyThere, NotThere
from sf2530.language import _

_log = structlog.get_logger()


@contextmanager
def told_to_the_client(request: str, *, system: str, path: str = "") -> Iterator[None]:
    """Turn errors into SFTP statuses. What the client did wrong is noted, what we did wrong is logged."""
    try:
        yield
    except asyncssh.SFTPError as error:
        if not isinstance(error, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPEOFError)):
            _log.info("request-refused", request=request, system=system, path=path, why=error.reason)
        raise
    except Sf2530Error as error:
        if isinstance(error, NotThere):  # clients ask before they upload; that is no news
            raise _status(error) from error
        level = "info" if isinstance(error, (DataError, UseError)) else "error"
        getattr(_log, level)("request-refused", request=request, system=system, path=path, why=error.what)
        raise _status(error) from error
    except Exception as error:
        _log.exception("request-failed", request=request, system=system, path=path)
        raise asyncssh.SFTPFailure(_("The hub can't do this now. Try again later.")) from error


def _status(error: Sf2530Error) -> asyncssh.SFTPError:
    text = " ".join(part for part in (error.what, error.remedy) if part)
    match error:
        case NotThere():
            return asyncssh.SFTPNoSuchFile(text)
        case AlreadyThere():
            return asyncssh.SFTPFileAlreadyExists(text)
        case NameRefused() | FileNameRefused():
            return asyncssh.SFTPInvalidFilename(text)
        case DataError() | UseError():
            return asyncssh.SFTPFailure(text)
        case _unreachable:
            # Where the database is, and why it can't be reached, is for the operator.
            return asyncssh.SFTPFailure(_("The hub can't do this now. Try again later."))
