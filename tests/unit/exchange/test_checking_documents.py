"""A document is held against the schema, and its faults are told in our own words without its content."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sf2530.exchange.documents import NAMESPACE, FileDescriptor, Trigger
from sf2530.exchange.xml_checking import violations
from sf2530.exchange.xml_writing import write

CPR_SHAPED = "6101901234"
WELL = write(
    Trigger(descriptor=FileDescriptor(file_name="A.txt", size_bytes=3, sender="KY", recipients=("UDKDEB",)))
)


def test_a_valid_document_has_no_violations() -> None:
    assert violations(WELL) == []


def test_white_space_in_the_content_descriptor_is_valid() -> None:
    assert (
        violations(
            WELL.replace(b"<FileContentDescriptor/>", b"<FileContentDescriptor>\n</FileContentDescriptor>")
        )
        == []
    )


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (b"<FileContentDescriptor/>", b"", "line 2, element Trigger: expected here: FileContentDescriptor"),
        (b"<Sender>KY</Sender>", b"", "line 7, element Recipients: expected here: Sender"),
        (b">A.txt<", b">" + b"A" * 256 + b"<", "line 4, element FileName: the value is too long"),
        (b">3<", b">three<", "line 5, element SizeInBytes: the value is not of the prescribed type"),
        (
            b">3<",
            b">18446744073709551616<",
            "line 5, element SizeInBytes: the value is not of the prescribed type",
        ),
        (
            b"ns2:Trigger",
            b"ns2:Tigger",
            "line 2, element ?: no document of the protocol begins with this element",
        ),
        (
            b"<FileContentDescriptor/>",
            b"<FileContentDescriptor><Stray/></FileContentDescriptor>",
            "line 9, element ?: expected here: ##other*, SFTPDynamicRoutingInfo",
        ),
    ],
)
def test_a_violation_names_line_element_and_rule(old: bytes, new: bytes, text: str) -> None:
    (found,) = violations(WELL.replace(old, new))
    assert text in found


def test_children_in_the_namespace_are_a_violation() -> None:
    data = WELL.replace(b"ns2:Trigger", b"Trigger").replace(b"xmlns:ns2", b"xmlns")
    assert violations(data)


def test_an_upper_case_uuid_is_a_violation() -> None:
    routing = """<SFTPDynamicRoutingInfo><InfRef>a</InfRef>
      <SenderIt-system>0B5EAE2D-3A4C-4F1E-9C55-0123456789AB</SenderIt-system>
      <SenderAuthority>urn:oio:cvr-nr:12345678</SenderAuthority>
      <TransactionId>5f7a1d9e-8f6d-4a43-8a11-0123456789ab</TransactionId>
      <SenderTimestamp>2026-11-30T08:30:00Z</SenderTimestamp>
      <RecipientAuthority>urn:oio:cvr-nr:1</RecipientAuthority></SFTPDynamicRoutingInfo>"""
    data = WELL.replace(
        b"<FileContentDescriptor/>", f"<FileContentDescriptor>{routing}</FileContentDescriptor>".encode()
    )
    system, authority = violations(data)
    assert "SenderIt-system: the value does not have the prescribed form" in system
    assert "RecipientAuthority: the value does not have the prescribed form" in authority


def test_foreign_content_is_valid_without_its_schema() -> None:
    content = b'<FileContentDescriptor><a:Case xmlns:a="urn:a"/><b xmlns="urn:b"/></FileContentDescriptor>'
    assert violations(WELL.replace(b"<FileContentDescriptor/>", content)) == []


@pytest.mark.parametrize(
    "data",
    [
        WELL.replace(b">3<", f">{CPR_SHAPED}x<".encode()),
        WELL.replace(b">A.txt<", b">" + CPR_SHAPED.encode() * 30 + b"<"),
        WELL.replace(b"<FileName>", f'<FileName a{CPR_SHAPED}="{CPR_SHAPED}">'.encode()),
        WELL.replace(b"<FileName>", f"<n{CPR_SHAPED}>1</n{CPR_SHAPED}><FileName>".encode()),
        f'<n{CPR_SHAPED} xmlns="{NAMESPACE}"/>'.encode(),
        f'<n:n{CPR_SHAPED} xmlns:n="{NAMESPACE}"/>'.encode(),
        f'<n xmlns="urn:{CPR_SHAPED}"/>'.encode(),
    ],
)
def test_a_violation_never_repeats_what_stands_in_the_document(data: bytes) -> None:
    found = violations(data)
    assert found
    assert CPR_SHAPED not in "".join(found)


def test_documents_checked_at_the_same_time_keep_their_own_violations() -> None:
    faulty = WELL.replace(b">3<", b">three<")
    with ThreadPoolExecutor(max_workers=4) as threads:
        found = list(threads.map(violations, [WELL, faulty] * 200))
    assert {len(each) for each in found[::2]} == {0}
    assert {len(each) for each in found[1::2]} == {1}
