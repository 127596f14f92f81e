"""A file is recognised by its first bytes alone."""

from __future__ import annotations

from typing import Any

import pytest

from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.recognising import recognise


@pytest.mark.parametrize("kind", list(FileKind))
@pytest.mark.parametrize("profile", ["standard", "bare"])
def test_every_kind_is_recognised_in_both_profiles(sample: Any, kind: FileKind, profile: str) -> None:
    assert recognise(sample(kind, profile=profile).content[:30]) is layout(kind, profile)


def test_an_unknown_version_is_still_recognised_as_its_kind(answer: Any) -> None:
    spoiled = answer.with_field(1, "LAYOUTVERSION", b"0200")

    assert recognise(spoiled.content) is layout(FileKind.ANSWER)


@pytest.mark.parametrize("head", [b"", b"000", b"garbage", b"0000101000000", b"00001010000001UKENDT  0100"])
def test_anything_else_is_not_recognised(head: bytes) -> None:
    assert recognise(head) is None
