"""XML made to exhaust us, or to make us fetch or disclose something, is refused at the door."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.exchange.documents import NAMESPACE, FileDescriptor, Trigger
from sf2530.exchange.xml_checking import violations
from sf2530.exchange.xml_parsing import DEEPEST_ELEMENT, DocumentError, parse
from sf2530.exchange.xml_reading import read_metadata, read_technical_receipt, read_trigger
from sf2530.exchange.xml_writing import write

WELL = write(
    Trigger(descriptor=FileDescriptor(file_name="A.txt", size_bytes=3, sender="KY", recipients=("UDKDEB",)))
)


def with_doctype(doctype: str, name: str = "A.txt") -> bytes:
    declaration, body = WELL.split(b"\n", 1)
    return declaration + doctype.encode() + body.replace(b"A.txt", name.encode())


def test_a_billion_laughs_are_refused() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    with pytest.raises(DocumentError, match="document type"):
        read_trigger(with_doctype(f'<!DOCTYPE t [<!ENTITY l0 "ha">{levels}]>', "&l9;"))


def test_an_external_entity_is_refused_and_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    with pytest.raises(DocumentError, match="document type") as refused:
        read_trigger(with_doctype(f'<!DOCTYPE t [<!ENTITY x SYSTEM "{secret.as_uri()}">]>', "&x;"))
    assert "do not tell" not in str(refused.value)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE t [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
        '<!DOCTYPE t SYSTEM "http://127.0.0.1:9/t.dtd">',
        '<!DOCTYPE t PUBLIC "-//a//b" "t.dtd">',
        "<!DOCTYPE t>",
    ],
)
def test_any_document_type_is_refused(doctype: str) -> None:
    with pytest.raises(DocumentError, match="document type"):
        read_trigger(with_doctype(doctype))


def test_an_entity_nobody_declared_is_refused() -> None:
    with pytest.raises(DocumentError, match="not well-formed"):
        read_trigger(WELL.replace(b"A.txt", b"&secret;"))


def test_a_document_type_hidden_in_another_encoding_is_refused() -> None:
    hidden = with_doctype("<!DOCTYPE t>").decode()
    for encoding in ("utf-16", "utf-32", "utf-7"):
        with pytest.raises(DocumentError):
            read_trigger(hidden.replace("UTF-8", encoding).encode(encoding))


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def test_elements_may_stand_so_deep_and_no_deeper() -> None:
    assert parse(nested(DEEPEST_ELEMENT)).tag == "a"
    with pytest.raises(DocumentError, match="deep"):
        parse(nested(DEEPEST_ELEMENT + 1))


def test_deep_nesting_that_stops_the_parser_itself_is_refused_too() -> None:
    with pytest.raises(DocumentError):
        parse(nested(9_000))


def test_include_instructions_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    with pytest.raises(DocumentError) as refused:
        read_trigger(WELL.replace(b"A.txt", include.encode()))
    assert "do not tell" not in str(refused.value)


def test_a_schema_that_the_document_names_is_not_fetched() -> None:
    hint = f'xsi:schemaLocation="{NAMESPACE} http://127.0.0.1:9/x.xsd"'
    data = WELL.replace(
        b"<ns2:Trigger ",
        f'<ns2:Trigger xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {hint} '.encode(),
    )
    assert read_trigger(data).descriptor.file_name == "A.txt"
    assert violations(data) == []


def is_read_or_refused(data: bytes) -> bool:
    """Any other exception than our own passes through and fails the test."""
    for read in (read_trigger, read_metadata, read_technical_receipt, violations):
        with suppress(DocumentError):
            read(data)
    return True


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_whatever_comes_in_is_read_or_refused_in_our_own_words(data: bytes) -> None:
    assert is_read_or_refused(data)


@given(position=st.integers(0, len(WELL) - 1), byte=st.integers(0, 255))
def test_one_wrong_byte_is_read_or_refused_in_our_own_words(position: int, byte: int) -> None:
    assert is_read_or_refused(WELL[:position] + bytes([byte]) + WELL[position + 1 :])
