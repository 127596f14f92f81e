"""Documents are read as real systems write them, and what cannot be trusted is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sf2530.exchange.documents import (
    NAMESPACE,
    Acceptance,
    BusinessReceipt,
    BusinessResponse,
    ErrorMessage,
    FileDescriptor,
    TechnicalReceipt,
    Trigger,
)
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT, DocumentError
from sf2530.exchange.xml_reading import (
    read_business_receipt,
    read_business_response,
    read_metadata,
    read_technical_receipt,
    read_trigger,
)

CPR_SHAPED = "6101901234"
DESCRIPTOR = """
<FileDescriptor>
  <FileName>A.txt</FileName>
  <SizeInBytes>3</SizeInBytes>
  <Sender>KY</Sender>
  <SendersFileId>F1</SendersFileId>
  <Recipients>UDKDEB</Recipients>
</FileDescriptor>
"""
FILE = FileDescriptor(
    file_name="A.txt", size_bytes=3, sender="KY", senders_file_id="F1", recipients=("UDKDEB",)
)
ROUTING = """
<SFTPDynamicRoutingInfo>
  <InfRef>Ansøgning_1</InfRef>
  <SenderIt-system>0b5eae2d-3a4c-4f1e-9c55-0123456789ab</SenderIt-system>
  <SenderAuthority>urn:oio:cvr-nr:12345678</SenderAuthority>
  <TransactionId>5f7a1d9e-8f6d-4a43-8a11-0123456789ab</TransactionId>
  <SenderTimestamp>2026-11-30T08:30:00.1234567+01:00</SenderTimestamp>
  <RecipientAuthority>urn:oio:cvr-nr:87654321</RecipientAuthority>
  <RouteParameterList>
    <RouteParameter><Other xmlns="urn:other"/></RouteParameter>
    <RouteParameter><t:RouteSelectionValueDate>2026-11-30+01:00</t:RouteSelectionValueDate></RouteParameter>
  </RouteParameterList>
</SFTPDynamicRoutingInfo>
"""


def document(root: str, content: str, *, prefix: str = "t") -> bytes:
    name = f"{prefix}:{root}" if prefix else root
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    return f'<{name} {declared}="{NAMESPACE}">{content}</{name}>'.encode()


def trigger(content: str = DESCRIPTOR + "<FileContentDescriptor/>") -> bytes:
    return document("Trigger", content)


@pytest.mark.parametrize("prefix", ["ns2", "sftp", "x", ""])
def test_any_prefix_is_read_and_children_may_be_in_the_namespace(prefix: str) -> None:
    assert read_trigger(document("Trigger", DESCRIPTOR, prefix=prefix)).descriptor == FILE


@pytest.mark.parametrize("root", ["FileMetadata", "Trigger"])
def test_metadata_is_read_under_both_roots(root: str) -> None:
    metadata = read_metadata(document(root, f"<FileTransferUUID>t1</FileTransferUUID>{DESCRIPTOR}"))
    assert metadata.transfer_id == "t1"
    assert metadata.descriptor == FILE


def test_metadata_as_spsftps_tests_have_it_is_read() -> None:
    # That client's fixture has line breaks around the id and no FileContentDescriptor.
    data = f"""<ns2:Trigger
        xmlns:ns2="{NAMESPACE}">
        <FileTransferUUID>
            5f7a1d9e-8f6d-4a43-8a11-0123456789ab
        </FileTransferUUID>{DESCRIPTOR}</ns2:Trigger>"""
    assert read_metadata(data.encode()).transfer_id == "5f7a1d9e-8f6d-4a43-8a11-0123456789ab"


@pytest.mark.parametrize(
    "declaration", [b"", b'<?xml version="1.0"?>\n', b'<?xml version="1.0" encoding="UTF-8"?>']
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_is_read_with_and_without_declaration(declaration: bytes, mark: bytes) -> None:
    data = trigger(DESCRIPTOR.replace("A.txt", "Blåbær.txt"))
    assert read_trigger(mark + declaration + data).descriptor.file_name == "Blåbær.txt"


def test_other_encodings_are_refused_whatever_they_declare() -> None:
    data = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + trigger().replace(
        b"A.txt", "Å.txt".encode("latin-1")
    )
    with pytest.raises(DocumentError, match="not UTF-8"):
        read_trigger(data)
    with pytest.raises(DocumentError, match="not UTF-8"):
        read_trigger(trigger().decode().encode("utf-16"))


def test_comments_do_not_split_a_value() -> None:
    data = trigger(DESCRIPTOR.replace("A.txt", "A<!-- no -->.txt"))
    assert read_trigger(data).descriptor.file_name == "A.txt"


def test_an_empty_senders_file_id_is_none() -> None:
    data = trigger(DESCRIPTOR.replace("<SendersFileId>F1", "<SendersFileId> "))
    assert read_trigger(data).descriptor.senders_file_id is None


def test_several_recipients_are_kept_in_order() -> None:
    data = trigger(DESCRIPTOR.replace("<Recipients>", "<Recipients> B </Recipients><Recipients>"))
    assert read_trigger(data).descriptor.recipients == ("B", "UDKDEB")


def test_dynamic_routing_is_read() -> None:
    routing = read_trigger(
        trigger(f"{DESCRIPTOR}<FileContentDescriptor>{ROUTING}</FileContentDescriptor>")
    ).routing
    assert routing
    assert routing.inf_ref == "Ansøgning_1"
    assert routing.sender_timestamp == datetime(2026, 11, 30, 7, 30, 0, 123456, tzinfo=UTC)
    assert routing.recipient_it_system is None
    assert routing.value_date == date(2026, 11, 30)


def test_an_upper_case_uuid_means_the_same_system() -> None:
    routing = ROUTING.replace("0b5eae2d-3a4c-4f1e-9c55-0123456789ab", "0B5EAE2D-3A4C-4F1E-9C55-0123456789AB")
    read = read_trigger(
        trigger(f"{DESCRIPTOR}<FileContentDescriptor>{routing}</FileContentDescriptor>")
    ).routing
    assert read
    assert read.sender_it_system == "0b5eae2d-3a4c-4f1e-9c55-0123456789ab"


def test_a_time_without_zone_is_danish() -> None:
    routing = ROUTING.replace("2026-11-30T08:30:00.1234567+01:00", "2026-07-01T10:00:00")
    read = read_trigger(
        trigger(f"{DESCRIPTOR}<FileContentDescriptor>{routing}</FileContentDescriptor>")
    ).routing
    assert read
    assert read.sender_timestamp == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_foreign_content_is_carried_along_and_content_without_namespace_is_left_out() -> None:
    content = '<FileContentDescriptor><Stray/><a:Case xmlns:a="urn:a">7</a:Case></FileContentDescriptor>'
    read = read_trigger(trigger(DESCRIPTOR + content))
    assert read.foreign == (b'<a:Case xmlns:a="urn:a">7</a:Case>',)


def test_unknown_elements_are_passed_over() -> None:
    assert read_trigger(trigger(f"<New>1</New>{DESCRIPTOR}")) == Trigger(descriptor=FILE)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("<FileName>A.txt</FileName>", ""), "line 2, element FileDescriptor"),
        (("<FileName>A.txt</FileName>", "<FileName> </FileName>"), "line 3, element FileName"),
        (("A.txt", "A" * 256), "line 3, element FileName"),
        (("A.txt", "A<b/>.txt"), "line 3, element FileName"),
        (("<Sender>", "<Sender>X</Sender><Sender>"), "line 5, element Sender"),
        ((">3<", ">-3<"), "line 4, element SizeInBytes"),
        ((">3<", ">1_0<"), "line 4, element SizeInBytes"),
        ((">3<", ">٣<"), "line 4, element SizeInBytes"),
        ((">3<", f">{2**64}<"), "line 4, element SizeInBytes"),
        ((">3<", ">" + "9" * 5000 + "<"), "line 4, element SizeInBytes"),
        (("<Recipients>UDKDEB</Recipients>", ""), "line 2, element FileDescriptor"),
    ],
)
def test_a_value_that_is_missing_doubled_or_meaningless_is_refused_with_its_place(
    change: tuple[str, str], place: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        read_trigger(trigger(DESCRIPTOR.replace(*change)))
    assert refused.value.where == place
    assert refused.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        ("urn:oio:cvr-nr:12345678", "12345678"),
        ("5f7a1d9e-8f6d-4a43-8a11-0123456789ab", "5f7a1d9e"),
        ("2026-11-30T08:30:00.1234567+01:00", "30-11-2026"),
        ("2026-11-30T08:30:00.1234567+01:00", "2026-02-30T08:30:00"),
        ("2026-11-30T08:30:00.1234567+01:00", "0001-01-01T00:00:00+01:00"),
        (">2026-11-30+01:00<", ">tomorrow<"),
    ],
)
def test_routing_that_means_nothing_is_refused(change: tuple[str, str]) -> None:
    content = f"<FileContentDescriptor>{ROUTING.replace(*change)}</FileContentDescriptor>"
    with pytest.raises(DocumentError, match="has no meaning"):
        read_trigger(trigger(DESCRIPTOR + content))


def test_another_document_or_another_namespace_is_refused() -> None:
    with pytest.raises(DocumentError, match="not a Trigger"):
        read_trigger(document("BusinessResponse", ""))
    with pytest.raises(DocumentError, match="namespace"):
        read_trigger(f"<Trigger>{DESCRIPTOR}</Trigger>".encode())


@pytest.mark.parametrize("data", [b"", b"   ", b"<", b"plain text", b"\x00\x01", b"<a></b>"])
def test_what_is_not_xml_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match="not well-formed"):
        read_trigger(data)


def test_a_technical_receipt_without_errors_and_with_success_has_succeeded() -> None:
    content = "<FileTransferUUID>t</FileTransferUUID><Receipt><Message> SUCCESS </Message></Receipt>"
    assert read_technical_receipt(document("TechnicalReceipt", content)).succeeded


def test_any_other_message_has_not_succeeded() -> None:
    content = "<FileTransferUUID>t</FileTransferUUID><Receipt><Message>Success!</Message></Receipt>"
    receipt = read_technical_receipt(document("TechnicalReceipt", content))
    assert not receipt.succeeded
    assert receipt.message == "Success!"


def test_a_technical_receipt_with_errors_is_read_whole() -> None:
    content = """<FileTransferUUID>t</FileTransferUUID><SendersFileId>F1</SendersFileId>
        <ErrorMessage><ErrorCode>-7</ErrorCode><ErrorCodeDescription>SIZE</ErrorCodeDescription>
        <ErrorDescription>4 is not 3</ErrorDescription></ErrorMessage>"""
    assert read_technical_receipt(document("TechnicalReceipt", content)) == TechnicalReceipt(
        transfer_id="t",
        senders_file_id="F1",
        errors=(ErrorMessage(code=-7, description="SIZE", detail="4 is not 3"),),
    )


def test_a_technical_receipt_that_says_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(DocumentError, match="neither"):
        read_technical_receipt(document("TechnicalReceipt", "<FileTransferUUID>t</FileTransferUUID>"))


def test_a_business_receipt_is_read() -> None:
    content = """<FileTransferUUID>t</FileTransferUUID><Filename>A.txt</Filename><Recipient>KY</Recipient>
        <FileAcceptance>REJECTED</FileAcceptance><Reason>wrong month</Reason>"""
    assert read_business_receipt(document("BusinessReceipt", content)) == BusinessReceipt(
        transfer_id="t",
        file_name="A.txt",
        recipient="KY",
        acceptance=Acceptance.REJECTED,
        reason="wrong month",
    )


def test_an_unknown_acceptance_is_refused() -> None:
    content = """<FileTransferUUID>t</FileTransferUUID><Filename>A.txt</Filename><Recipient>KY</Recipient>
        <FileAcceptance>PERHAPS</FileAcceptance>"""
    with pytest.raises(DocumentError, match="has no meaning"):
        read_business_receipt(document("BusinessReceipt", content))


def test_an_empty_business_response_is_one() -> None:
    assert read_business_response(document("BusinessResponse", "")) == BusinessResponse()


def test_an_error_never_repeats_what_stands_in_the_document() -> None:
    shaped = [
        trigger(DESCRIPTOR.replace(">3<", f">{CPR_SHAPED}x<")),
        trigger(DESCRIPTOR.replace("</FileName>", f"</n{CPR_SHAPED}>")),
        trigger(DESCRIPTOR.replace("A.txt", f"&n{CPR_SHAPED};")),
        trigger(DESCRIPTOR.replace("A.txt", f"<n{CPR_SHAPED}/>")),
        document(f"n{CPR_SHAPED}", DESCRIPTOR),
        trigger(DESCRIPTOR).replace(b"<t:Trigger ", f'<t:Trigger a="{CPR_SHAPED}" a="" '.encode()),
    ]
    for data in shaped:
        with pytest.raises(DocumentError) as refused:
            read_trigger(data)
        assert CPR_SHAPED not in str(refused.value)


def test_the_largest_document_is_read_and_one_byte_more_is_not() -> None:
    data = trigger()
    full = data + b" " * (LARGEST_DOCUMENT - len(data))
    assert read_trigger(full).descriptor == FILE
    with pytest.raises(DocumentError, match="larger than 65536 bytes"):
        read_trigger(full + b" ")
