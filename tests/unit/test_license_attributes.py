"""Attributes of licences are what their texts ask and grant."""

from __future__ import annotations

import pytest

from filters.licenses.attributes import attributes, requires_unmodified

ATTRIBUTION = ("attribution",)
SHARED = ("attribution", "share-alike")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", ATTRIBUTION),
        ("BSD-3-Clause", ATTRIBUTION),
        ("0BSD", ()),
        ("MIT-0", ()),
        ("CC0-1.0", ()),
        ("CC-PDDC", ()),
        ("Unlicense", ()),
        ("Apache 2.0", ("attribution", "patent-grant")),
        ("Apache-1.1", ATTRIBUTION),
        ("UPL-1.0", ("attribution", "patent-grant")),
        ("MPL-2.0", (*SHARED, "patent-grant")),
        ("EPL-2.0", (*SHARED, "patent-grant")),
        ("LGPL-2.1-only", SHARED),
        ("LGPL-3.0-or-later", (*SHARED, "patent-grant")),
        ("GPL-2.0-or-later", SHARED),
        ("GPL-2.0-only WITH Classpath-exception-2.0", SHARED),
        ("GPL-3.0-only", (*SHARED, "patent-grant")),
        ("AGPL-3.0-only", (*SHARED, "patent-grant", "network")),
        ("AGPL-1.0-only", (*SHARED, "network")),
        ("EUPL-1.2", (*SHARED, "patent-grant", "network")),
        ("SSPL-1.0", (*SHARED, "patent-grant", "network")),
        ("CC-BY-4.0", ATTRIBUTION),
        ("CC-BY-SA-4.0", SHARED),
        ("CC-SA-1.0", ("share-alike",)),
        ("CC-BY-NC-SA-4.0", (*SHARED, "non-commercial")),
        ("CC-BY-ND-4.0", ("attribution", "no-derivatives")),
        ("CC-BY-NC-ND-4.0", ("attribution", "non-commercial", "no-derivatives")),
        ("PolyForm-Noncommercial-1.0.0", ("attribution", "patent-grant", "non-commercial")),
        ("ODbL-1.0", SHARED),
        ("BSD-3-Clause WITH Google-Patent-WebM", ("attribution", "patent-grant")),
        ("", ()),
        ("NONE", ()),
        ("LicenseRef-mine", ()),
        ("Proprietary", ()),
        ("MIT AND CC-BY-SA-4.0", SHARED),
        ("MIT OR GPL-3.0-only", ATTRIBUTION),
        ("MIT OR Apache-2.0", ("attribution", "patent-grant")),
        ("MIT OR MIT-0", ()),
    ],
)
def test_attributes(expression: str, expected: tuple[str, ...]) -> None:
    assert attributes(expression) == expected


def test_a_work_without_leave_for_derivatives_stays_unmodified() -> None:
    assert requires_unmodified("CC BY-ND 2.0 KR")
    assert requires_unmodified("MIT AND CC-BY-NC-ND-4.0")
    assert not requires_unmodified("CC-BY-ND-4.0 OR CC-BY-4.0")
    assert not requires_unmodified("GPL-3.0-only")
