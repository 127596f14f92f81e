"""What KY asks of an answer beyond its records: the right parties, and each agreement once. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sf2530.ky.envelopes import Terms
from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.reading import Decoded


def party_findings(decoded: Decoded, *, name: str, terms: Terms) -> Iterator[Finding]:
    """Say where the start record names other parties than those of our terms. Bare files name none."""
    expected = {"AFSENDER": terms.counterpart, "MODTAGER": terms.own_name}
    for field, party in expected.items():
        if decoded.start.get(field) not in {None, party}:
            yield Finding(
                code="party-wrong",
                severity=Severity.ERROR,
                what=_("The start record names another party than agreed."),
                where=Place(file=name, line=1, field=field),
                rule=_("%(field)s is %(party)s") % {"field": field, "party": party},
                remedy=_("Correct the start record, or `own_name` and `counterpart` in the configuration."),
            )


def repeated_agreements(decoded: Decoded, *, name: str) -> Iterator[Finding]:
    """Say which agreements stand in the answer more than once: each would be withheld twice."""
    agreements = decoded.columns["020"]
    once, first, counts = np.unique(agreements["AFTALENR"], return_index=True, return_counts=True)
    for number, at, count in zip(once[counts > 1], first[counts > 1], counts[counts > 1], strict=True):
        yield Finding(
            code="agreement-repeated",
            severity=Severity.ERROR,
            what=_("Agreement %(number)s stands there %(count)d times.")
            % {"number": number.decode("ascii"), "count": count},
            where=Place(file=name, line=int(agreements["LBNR"][at]), record="020", field="AFTALENR"),
            rule=_("each agreement once per answer"),
            remedy=_("Ask for an answer that holds each agreement once."),
        )
