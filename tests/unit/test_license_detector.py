"""The detector of a process remembers what it found in copies, and only for the same path and text."""

from __future__ import annotations

import hashlib

from pipeline import detector
from pipeline.detector import detect


def test_copies_are_told_at_once_and_nothing_else_is() -> None:
    text = "MIT\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = detect(text, "LICENSE", digest)
    assert found == detect(text, "LICENSE")
    assert detect(text, "LICENSE", digest) is found
    assert detect(text, "a/main.py", digest) == detect(text, "a/main.py")


def test_what_is_remembered_is_bounded() -> None:
    known = detector._known()
    known.clear()
    text = "# SPDX-License-Identifier: ISC\n"
    for number in range(detector._REMEMBERED + 2):
        known[str(number), ""] = detector.scan("", "", detector.open_matcher())
    detect(text, "a.py", "0")
    assert len(known) == 1
