"""What people see of agreements, exchanges and reconciliations: tables in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from sf2530.debitor.exchanges import Exchange, ExchangeDetails
from sf2530.debitor.labels import agreement_label, outcome_label, refusal_label
from sf2530.debitor.reconciling import Reconciliation
from sf2530.denmark.ore import format_ore
from sf2530.exchange.labels import incoming_label, outgoing_label
from sf2530.language import _
from sf2530.terminal.printing import print_table


def show_agreements(rows: Sequence[Mapping[str, Any]], *, total: int) -> None:
    """Print agreements, and how many there are where not all are shown."""
    headings = [
        _("Agreement"),
        _("CPR"),
        _("Municipality"),
        _("Type"),
        _("Priority"),
        _("Per month, kr."),
        _("From"),
        _("To"),
        _("State"),
    ]
    names = ("agreement_number", "cpr", "municipality", "agreement_type", "priority")
    print_table(
        headings,
        [
            (
                *(row[name] for name in names),
                format_ore(row["monthly_ore"]),
                row["valid_from"],
                row["valid_to"],
                agreement_label(row["state"]),
            )
            for row in rows
        ],
    )
    if total > len(rows):
        typer.echo(_("%(shown)d of %(total)d shown.") % {"shown": len(rows), "total": total})


def show_exchanges(found: Sequence[Exchange]) -> None:
    """Print exchanges, one a line."""
    headings = [
        "#",
        _("File"),
        _("From"),
        _("Received"),
        _("State"),
        _("Outcome"),
        _("Records"),
        _("Reply"),
        _("Reply's state"),
    ]
    print_table(
        headings,
        [
            (
                each.number,
                each.file_name,
                each.sender,
                each.received_at,
                incoming_label(each.state),
                outcome_label(each.outcome),
                each.records,
                each.reply,
                each.reply_state and outgoing_label(each.reply_state),
            )
            for each in found
        ],
    )


def show_details(details: ExchangeDetails) -> None:
    """Print one exchange, with what was found wrong, what was refused, and what became of it."""
    show_exchanges([details.exchange])
    if details.findings:
        typer.echo()
        print_table(
            [_("Error"), _("Where"), _("What"), _("Rule"), _("What to do")],
            [
                [each[name] for name in ("code", "where", "what", "rule", "remedy")]
                for each in details.findings
            ],
            title=_("Why it was refused"),
        )
    if details.refused_lines:
        typer.echo()
        _show_refused_lines(details.refused_lines)
    if details.reconciliation:
        typer.echo()
        show_reconciliations([details.reconciliation])


def show_reconciliations(found: Sequence[Reconciliation]) -> None:
    """Print what became of expectations, one inquiry a line."""
    headings = [
        _("Inquiry"),
        _("Municipality"),
        _("Value date"),
        _("Expected"),
        _("Settled"),
        _("Partly"),
        _("Zero"),
        _("Refused"),
        _("Missing"),
        _("Expected, kr."),
        _("Withheld, kr."),
        _("Outstanding, kr."),
        _("Refused lines"),
    ]
    print_table(
        headings,
        [
            (
                each.delivery_id,
                each.municipality,
                each.value_date,
                each.expected,
                each.settled,
                each.partly,
                each.zero,
                each.refused,
                each.missing,
                format_ore(each.expected_ore),
                format_ore(each.withheld_ore),
                format_ore(each.outstanding_ore),
                each.refused_lines,
            )
            for each in found
        ],
    )


def _show_refused_lines(lines: Sequence[Mapping[str, Any]]) -> None:
    headings = [
        _("Line"),
        _("Refused because"),
        _("Agreement"),
        _("CPR"),
        _("Agreed, kr."),
        _("Withheld, kr."),
        _("Reason"),
    ]
    print_table(
        headings,
        [
            (
                line["line"],
                refusal_label(line["refusal"]),
                line["agreement_number"],
                line["cpr"],
                format_ore(line["agreed_ore"]),
                format_ore(line["withheld_ore"]),
                line["reason"],
            )
            for line in lines
        ],
        title=_("Refused lines"),
    )
