"""Every document that can be written is valid, and is read back as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from sf2530.exchange.documents import (
    LARGEST_SIZE,
    LONGEST_TEXT,
    Acceptance,
    BusinessReceipt,
    BusinessResponse,
    DynamicRouting,
    ErrorMessage,
    FileDescriptor,
    FileMetadata,
    MetadataRoot,
    TechnicalReceipt,
    Trigger,
)
from sf2530.exchange.xml_checking import violations
from sf2530.exchange.xml_reading import (
    read_business_receipt,
    read_business_response,
    read_metadata,
    read_technical_receipt,
    read_trigger,
)
from sf2530.exchange.xml_writing import write, write_metadata

_SPACE = " \t\r\n"
_signs = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
shorts = st.text(_signs, min_size=1, max_size=LONGEST_TEXT).filter(lambda text: text == text.strip(_SPACE))
prose = st.text(_signs | st.sampled_from("\t\n"), max_size=300).map(lambda text: text.strip(_SPACE))
uuids = st.uuids().map(str)
authorities = st.integers(0, 99_999_999).map(lambda number: f"urn:oio:cvr-nr:{number:08d}")
instants = st.datetimes(
    min_value=datetime.fromisoformat("1900-01-01"),
    max_value=datetime.fromisoformat("9000-01-01"),
    timezones=st.just(UTC),
)

descriptors = st.builds(
    FileDescriptor,
    file_name=shorts,
    size_bytes=st.integers(0, LARGEST_SIZE),
    sender=shorts,
    recipients=st.lists(shorts, min_size=1, max_size=5).map(tuple),
    senders_file_id=st.none() | shorts,
)
routings = st.builds(
    DynamicRouting,
    inf_ref=shorts,
    sender_it_system=uuids,
    sender_authority=authorities,
    transaction_id=uuids,
    sender_timestamp=instants,
    recipient_authority=authorities,
    recipient_it_system=st.none() | uuids,
    value_date=st.none() | st.dates(min_value=date(1900, 1, 1)),
)
foreign_pieces = st.lists(
    st.sampled_from(
        [b'<a:Case xmlns:a="urn:made-up"><a:Id>7</a:Id> text</a:Case>', b'<B xmlns="urn:b" c="d"></B>']
    ),
    max_size=3,
).map(tuple)
triggers = st.builds(Trigger, descriptor=descriptors, routing=st.none() | routings) | st.builds(
    Trigger, descriptor=descriptors, foreign=foreign_pieces
)
metadata = st.builds(
    FileMetadata, transfer_id=shorts, descriptor=descriptors, routing=st.none() | routings
) | st.builds(FileMetadata, transfer_id=shorts, descriptor=descriptors, foreign=foreign_pieces)
errors = st.builds(ErrorMessage, code=st.integers(-(2**31), 2**31 - 1), description=prose, detail=prose)
technical_receipts = st.builds(
    TechnicalReceipt, transfer_id=shorts, senders_file_id=st.none() | shorts, message=prose
) | st.builds(
    TechnicalReceipt,
    transfer_id=shorts,
    senders_file_id=st.none() | shorts,
    errors=st.lists(errors, min_size=1, max_size=4).map(tuple),
)
business_receipts = st.builds(
    BusinessReceipt,
    transfer_id=shorts,
    file_name=shorts,
    recipient=shorts,
    acceptance=st.sampled_from(Acceptance),
    reason=st.none() | prose,
)
business_responses = st.builds(BusinessResponse, message=st.none() | prose) | st.builds(
    BusinessResponse, errors=st.lists(errors, max_size=3).map(tuple)
)


@given(triggers)
def test_a_trigger_is_written_valid_and_read_back_as_it_was(trigger: Trigger) -> None:
    data = write(trigger)
    assert violations(data) == []
    assert read_trigger(data) == trigger


@given(metadata)
def test_metadata_is_written_valid_and_read_back_as_it_was(document: FileMetadata) -> None:
    data = write(document)
    assert violations(data) == []
    assert read_metadata(data) == document


@given(metadata)
def test_metadata_under_the_older_root_says_the_same_thing(document: FileMetadata) -> None:
    data = write_metadata(document, root=MetadataRoot.TRIGGER)
    assert b"<ns2:Trigger xmlns:ns2=" in data
    assert read_metadata(data) == document
    assert data.replace(b"ns2:Trigger", b"ns2:FileMetadata") == write(document)


@given(technical_receipts)
def test_a_technical_receipt_is_written_valid_and_read_back_as_it_was(receipt: TechnicalReceipt) -> None:
    data = write(receipt)
    assert violations(data) == []
    assert read_technical_receipt(data) == receipt


@given(business_receipts)
def test_a_business_receipt_is_written_valid_and_read_back_as_it_was(receipt: BusinessReceipt) -> None:
    data = write(receipt)
    assert violations(data) == []
    assert read_business_receipt(data) == receipt


@given(business_responses)
def test_a_business_response_is_written_valid_and_read_back_as_it_was(response: BusinessResponse) -> None:
    data = write(response)
    assert violations(data) == []
    assert read_business_response(data) == response


@given(triggers)
def test_the_same_document_always_gives_the_same_bytes(trigger: Trigger) -> None:
    assert write(trigger) == write(trigger)
