"""Refuse a file as a whole: its reject answer in the outbox, a row with the findings, and an alarm."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from sf2530.debitor.envelopes import Identity, Terms
from sf2530.debitor.naming import Reject, reject_of_file, reject_of_run
from sf2530.debitor.receiving import Received
from sf2530.debitor.rejects import Errors, errors_of, write_reject
from sf2530.debitor.tables import refused_file
from sf2530.exchange import outgoing
from sf2530.exchange.alarms import raise_alarm
from sf2530.language import _, ngettext
from sf2530.records.findings import Finding
from sf2530.records.layout import FileKind
from sf2530.records.naming import file_name, run_of_delivery

FILE_REFUSED: Final = "file-refused"
"""The code of the alarm about a file that was refused as a whole."""

_LONGEST_SUBJECT = 200
_MANY_DIGITS = re.compile(r"[0-9]{10,}")

_log = structlog.get_logger()


def refuse(
    tx: Connection,
    received: Received,
    identity: Identity,
    *,
    found: tuple[Finding, ...],
    terms: Terms,
    again: bool = False,
) -> int:
    """Refuse the file for what the record checks have found, and for what was `found` besides.

    Gives the number of the outgoing file with the reject answer. It goes to whoever sent the file. Where the
    run is not certain, or a file of it was refused before (`again`), it is named after the file and its
    bytes, so that it never takes the place of another.
    """
    errors = errors_of(found, received.decoded.report)
    key = None if again else identity.key
    reject = _reject_of_file(received, identity) if key is None else reject_of_run(received.kind, key)
    known = outgoing.find(tx, name=reject.file_name) if key is None else None
    if known is None:
        reply = _put(tx, received, identity, errors=errors, reject=reject, terms=terms)
    else:  # the very same bytes, let in once more by a person: they get the same reply
        outgoing.send_again(tx, name=known.name, now=received.work.now)
        reply = known.id
    _keep(tx, received, errors, reply)
    _raise_refused(tx, received, errors)
    first = errors.findings[0].code
    _log.warning("file-refused", file=received.work.file.name, errors=errors.total, first=first)
    return reply


def _reject_of_file(received: Received, identity: Identity) -> Reject:
    file = received.work.file
    # A certain run's name, so that a sender without start records can tell from it what was refused.
    name = file.name if identity.key is None else file_name(received.kind, identity.key)
    return reject_of_file(name, sender=file.sender, sha256=file.sha256)


def _put(
    tx: Connection, received: Received, identity: Identity, *, errors: Errors, reject: Reject, terms: Terms
) -> int:
    work = received.work
    content = write_reject(
        received.envelope,
        identity,
        errors,
        delivery_id=reject.delivery_id,
        terms=terms,
        produced_at=work.now,
    )
    return outgoing.put(
        tx,
        name=reject.file_name,
        content=content,
        recipient=work.file.sender,
        senders_file_id=reject.delivery_id,
        subject=(_("Reject answer to %(file)s") % {"file": work.file.name})[:_LONGEST_SUBJECT],
        now=work.now,
    )


def _keep(tx: Connection, received: Received, errors: Errors, reply: int) -> None:
    row = {
        "received_file_id": received.work.file.id,
        "kind": received.kind,
        "delivery_id": _presentable_id(received),
        "findings": [_plain(finding) for finding in errors.findings],
        "reply_file_id": reply,
        "refused_at": received.work.now,
    }
    tx.execute(sa.insert(refused_file).values(**row))


def _presentable_id(received: Received) -> str | None:
    """Give the claimed delivery id if it has the form of one: anything else may be a person's number."""
    claimed = received.envelope.delivery_id
    return claimed if run_of_delivery(claimed, received.kind) else None


def _plain(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "what": finding.what,
        "where": str(finding.where),
        # The record checks mask by field; in a refused file no field is trusted to hold what it should.
        "shown": _MANY_DIGITS.sub("**********", finding.shown),
        "rule": finding.rule,
        "remedy": finding.remedy,
    }


def _raise_refused(tx: Connection, received: Received, errors: Errors) -> None:
    text = ngettext(
        "A file from %(sender)s was refused, with %(count)d error. First: %(first)s",
        "A file from %(sender)s was refused, with %(count)d errors. First: %(first)s",
        errors.total,
    )
    raise_alarm(
        tx,
        code=FILE_REFUSED,
        subject=received.work.file.name,
        text=text
        % {
            "sender": received.work.file.sender,
            "count": errors.total,
            "first": errors.findings[0].what,
        },
        remedy=_remedy(received.kind),
        now=received.work.now,
    )


def _remedy(kind: FileKind) -> str:
    if kind is FileKind.REPORT:
        return _(
            "A reject answer names them all. See that the sender corrects the report and sends it anew: under"
            " the same delivery id, and under another file name."
        )
    return _(
        "A reject answer names them all. See that the sender corrects the inquiry and asks anew, under a new"
        " delivery id."
    )
