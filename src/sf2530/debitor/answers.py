"""Write the answer to an inquiry: every marked agreement of the municipality, one record each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sf2530.debitor.envelopes import Terms
from sf2530.debitor.inquiries import Inquiry
from sf2530.denmark.business_time import copenhagen
from sf2530.records.columns import day_number
from sf2530.records.layout import FileKind
from sf2530.records.naming import delivery_id
from sf2530.records.writing import encode

_ACTIVE = b"A"
_EXPECTED = b"J"


def write_answer(
    inquiry: Inquiry, agreements: Mapping[str, NDArray[Any]], terms: Terms, *, produced_at: datetime
) -> bytes:
    """Write the answer with these agreements, columns by field name in the answer's order; there may be none.

    `produced_at` is when it was first written: the same answer is never written a second time.
    """
    local = copenhagen(produced_at)
    count = len(agreements["PNR"])
    start = {
        "KOMMUNENR": inquiry.key.municipality,
        "PRODDATO": local.date(),
        "PRODTID": f"{local:%H%M%S}",
        "LEVERANCEID": delivery_id(FileKind.ANSWER, inquiry.key),
        "REF_LEVERANCEID": inquiry.delivery_id,
        "AFSENDER": terms.own_name,
        "MODTAGER": terms.counterpart,
        "DISPOSITIONSDATO": inquiry.key.value_date,
    }
    rows = {
        **agreements,
        "AFTALESTATUS": np.full(count, _ACTIVE),
        "FORVENTET_MRK": np.full(count, _EXPECTED),
        "FORVENTET_DATO": np.full(count, day_number(inquiry.key.value_date)),
    }
    return encode(terms.layouts[FileKind.ANSWER], start=start, rows={"020": rows})
