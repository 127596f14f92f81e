"""What may not stand in a document is refused before it is written; what is written looks as it should."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import etree

from sf2530.exchange.documents import (
    NAMESPACE,
    BusinessResponse,
    DynamicRouting,
    ErrorMessage,
    FileDescriptor,
    FileMetadata,
    MetadataRoot,
    TechnicalReceipt,
    Trigger,
)
from sf2530.exchange.xml_writing import UnwritableDocument, write, write_metadata

FILE = FileDescriptor(file_name="A.txt", size_bytes=3, sender="KY", recipients=("UDKDEB",))
ROUTING = DynamicRouting(
    inf_ref="HelbredstillægAnsøgning_1",
    sender_it_system="0b5eae2d-3a4c-4f1e-9c55-0123456789ab",
    sender_authority="urn:oio:cvr-nr:12345678",
    transaction_id="5f7a1d9e-8f6d-4a43-8a11-0123456789ab",
    sender_timestamp=datetime(2026, 11, 30, 8, 30, tzinfo=UTC),
    recipient_authority="urn:oio:cvr-nr:87654321",
    value_date=date(2026, 11, 30),
)
CPR_SHAPED = "6101901234"


def test_only_the_root_is_in_the_namespace() -> None:
    root = etree.fromstring(write(Trigger(descriptor=FILE, routing=ROUTING)))
    qualified = [etree.QName(each).localname for each in root.iter() if etree.QName(each).namespace]
    assert root.prefix == "ns2"
    assert etree.QName(root).namespace == NAMESPACE
    assert qualified == ["Trigger", "RouteSelectionValueDate"]


def test_a_trigger_without_routing_still_has_its_content_descriptor() -> None:
    assert b"<FileContentDescriptor/>" in write(Trigger(descriptor=FILE))


def test_a_document_is_utf_8_and_says_so() -> None:
    data = write(Trigger(descriptor=FILE, routing=ROUTING))
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert "HelbredstillægAnsøgning_1".encode() in data


def test_a_time_is_written_in_utc() -> None:
    summer = datetime.fromisoformat("2026-07-01T10:00:00+02:00")
    data = write(Trigger(descriptor=FILE, routing=replace(ROUTING, sender_timestamp=summer)))
    assert b"<SenderTimestamp>2026-07-01T08:00:00Z</SenderTimestamp>" in data


def test_every_recipient_has_an_element_of_its_own() -> None:
    data = write(Trigger(descriptor=replace(FILE, recipients=("A", "B"))))
    assert b"<Recipients>A</Recipients>\n    <Recipients>B</Recipients>" in data


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"file_name": "A" * 256}, "FileName"),
        ({"file_name": ""}, "FileName"),
        ({"file_name": " A.txt"}, "FileName"),
        ({"file_name": "A\x07.txt"}, "FileName"),
        ({"file_name": "A\ud800.txt"}, "FileName"),
        ({"size_bytes": -1}, "SizeInBytes"),
        ({"size_bytes": 2**64}, "SizeInBytes"),
        ({"sender": "A" * 256}, "Sender"),
        ({"senders_file_id": ""}, "SendersFileId"),
        ({"senders_file_id": "A" * 256}, "SendersFileId"),
        ({"recipients": ()}, "Recipients"),
        ({"recipients": ("A", "")}, "Recipients"),
    ],
)
def test_a_file_that_would_make_the_trigger_invalid_is_refused(change: dict[str, Any], element: str) -> None:
    with pytest.raises(UnwritableDocument) as refused:
        write(Trigger(descriptor=replace(FILE, **change)))
    assert refused.value.where == element


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"sender_it_system": "0B5EAE2D-3A4C-4F1E-9C55-0123456789AB"}, "SenderIt-system"),
        ({"sender_it_system": "0b5eae2d3a4c4f1e9c550123456789ab"}, "SenderIt-system"),
        ({"sender_it_system": "0b5eae2d-3a4c-4f1e-9c55-0123456789ab\n"}, "SenderIt-system"),
        ({"recipient_it_system": ""}, "RecipientIt-system"),
        ({"transaction_id": "one"}, "TransactionId"),
        ({"sender_authority": "12345678"}, "SenderAuthority"),
        ({"sender_authority": "urn:oio:cvr-nr:1234567"}, "SenderAuthority"),
        ({"recipient_authority": "urn:oio:cvr-nr:١٢٣٤٥٦٧٨"}, "RecipientAuthority"),
        ({"sender_timestamp": datetime(2026, 11, 30)}, "SenderTimestamp"),  # noqa: DTZ001  that is the fault
        ({"inf_ref": ""}, "InfRef"),
    ],
)
def test_routing_that_would_make_the_trigger_invalid_is_refused(change: dict[str, Any], element: str) -> None:
    with pytest.raises(UnwritableDocument) as refused:
        write(Trigger(descriptor=FILE, routing=replace(ROUTING, **change)))
    assert refused.value.where == element


@pytest.mark.parametrize(
    "piece", [b"<Case/>", b"<Case", b'<n:Trigger xmlns:n="%s"/>' % NAMESPACE.encode(), b"<!DOCTYPE a><a/>"]
)
def test_foreign_content_without_a_namespace_of_its_own_is_refused(piece: bytes) -> None:
    with pytest.raises(UnwritableDocument):
        write(Trigger(descriptor=FILE, foreign=(piece,)))


def test_routing_and_foreign_content_exclude_each_other() -> None:
    with pytest.raises(UnwritableDocument):
        write(Trigger(descriptor=FILE, routing=ROUTING, foreign=(b'<a xmlns="urn:a"/>',)))


def test_a_technical_receipt_says_either_yes_or_no() -> None:
    refusal = ErrorMessage(code=1, description="UNKNOWN", detail="")
    for receipt in (
        TechnicalReceipt(transfer_id="t"),
        TechnicalReceipt(transfer_id="t", message="SUCCESS", errors=(refusal,)),
    ):
        with pytest.raises(UnwritableDocument):
            write(receipt)


def test_a_business_response_is_a_message_or_errors_but_not_both() -> None:
    refusal = ErrorMessage(code=1, description="UNKNOWN", detail="")
    with pytest.raises(UnwritableDocument):
        write(BusinessResponse(message="taken", errors=(refusal,)))


def test_an_error_code_must_fit_32_bits() -> None:
    with pytest.raises(UnwritableDocument):
        write(
            TechnicalReceipt(transfer_id="t", errors=(ErrorMessage(code=2**31, description="", detail=""),))
        )


def test_a_document_too_large_for_our_own_reader_is_not_written() -> None:
    crowd = tuple(f"RECIPIENT{number}" for number in range(3000))
    with pytest.raises(UnwritableDocument):
        write(Trigger(descriptor=replace(FILE, recipients=crowd)))


def test_a_refusal_never_repeats_the_value() -> None:
    with pytest.raises(UnwritableDocument) as refused:
        write(Trigger(descriptor=replace(FILE, file_name=f" {CPR_SHAPED}")))
    assert CPR_SHAPED not in str(refused.value)


def test_metadata_has_todays_root_unless_asked_for_the_older_one() -> None:
    metadata = FileMetadata(transfer_id="t", descriptor=FILE)
    assert b"<ns2:FileMetadata " in write(metadata)
    assert b"<ns2:Trigger " in write_metadata(metadata, root=MetadataRoot.TRIGGER)
