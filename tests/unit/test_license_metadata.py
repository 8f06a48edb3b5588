"""Manifests of many ecosystems are read for their licence, with its place, and broken ones are named."""

from __future__ import annotations

import pytest

from filters.licenses.metadata import MetadataError, read_metadata

PUBLIC = "LicenseRef-scancode-public-domain"
CLOSED = "LicenseRef-scancode-proprietary-license"
POM = "<project><licenses>{}</licenses></project>"
TROVE = """[project]
classifiers = ["License :: OSI Approved",
    "License :: OSI Approved :: ISC License (ISCL)"]
"""
DEP5 = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"


def stated(path: str, text: str) -> list[str]:
    found = read_metadata(path, text)
    assert found is not None
    return [each.expression for each in found]


@pytest.mark.parametrize(
    ("path", "text", "expression", "span"),
    [
        ("pyproject.toml", '[project]\nlicense = "MIT OR Apache-2.0"\n', "MIT OR Apache-2.0", None),
        ("pyproject.toml", '[project]\nlicense = {text = "ISC"}\n', "ISC", "ISC"),
        ("pyproject.toml", '[project.license]\ntext = "ISC"\n', "ISC", None),
        ("pyproject.toml", '[tool.poetry]\nlicense = "GPL-3.0"\n', "GPL-3.0-only", "GPL-3.0"),
        ("pyproject.toml", '[tool.flit.metadata]\nlicense = "MIT"\n', "MIT", "MIT"),
        (
            "pyproject.toml",
            TROVE,
            "ISC",
            "License :: OSI Approved :: ISC License (ISCL)",
        ),
        ("setup.cfg", "[metadata]\nname = MIT\nlicense = MIT\n", "MIT", "MIT"),
        ("setup.cfg", "[metadata]\nlicense-expression: ISC\n", "ISC", None),
        (
            "setup.py",
            "import x\nx.setup(name='ü', license='Apache 2.0')",
            "Apache-2.0",
            "Apache 2.0",
        ),
        ("setup.py", "L = 'MIT'\nsetup(license=L)", "MIT", "MIT"),
        ("setup.py", "print 'old'\nsetup(license='MIT')\n", "MIT", "MIT"),
        ("a-1.dist-info/METADATA", "Name: a\nLicense-Expression: MIT\n", "MIT", "MIT"),
        ("PKG-INFO", "Name: a\r\nLicense: MIT\r\n\r\nLicense: GPL\r\n", "MIT", "MIT"),
        ("conanfile.py", "class A(B):\n    license = ('MIT', 'ISC')\n", "MIT AND ISC", None),
        ("package.json", '{"a": {"license": "GPL"}, "license": "MIT"}', "MIT", "MIT"),
        ("package.json", '{"license": {"type": "MIT", "url": "u"}}', "MIT", "MIT"),
        ("package.json", '{"licenses": [{"type": "MIT"}, "GPL-2.0"]}', "MIT OR GPL-2.0-only", None),
        ("package.json", '{"license": "UNLICENSED"}', CLOSED, "UNLICENSED"),
        ("bower.json", '{"license": ["MIT", "ISC"]}', "MIT OR ISC", 'MIT", "ISC'),
        ("composer.json", '{"license": ["MIT", "GPL-3.0+"]}', "MIT OR GPL-3.0-or-later", None),
        ("composer.json", '{"license": "proprietary"}', CLOSED, "proprietary"),
        ("deno.jsonc", '{/* "license": "ISC", */ "license": "MIT",}', "MIT", "MIT"),
        ("Cargo.toml", '[package]\nlicense = "MIT/Apache-2.0"\n', "MIT OR Apache-2.0", None),
        ("Cargo.toml", '[workspace.package]\nlicense = "MIT"\n', "MIT", "MIT"),
        ("gleam.toml", 'licences = ["Apache-2.0"]\n', "Apache-2.0", "Apache-2.0"),
        (
            "pom.xml",
            POM.format("<license><name>Apache License, Version 2.0</name></license>"),
            "Apache-2.0",
            "Apache License, Version 2.0",
        ),
        (
            "pom.xml",
            POM.format(
                "<license><name>Odd</name><url>https://opensource.org/licenses/MIT</url></license>"
                "<license><name>GPLv2</name></license>"
            ),
            "MIT OR GPL-2.0-only",
            None,
        ),
        (
            "a.nuspec",
            "<a><metadata><licenseUrl>https://licenses.nuget.org/MIT</licenseUrl></metadata></a>",
            "MIT",
            None,
        ),
        (
            "a.csproj",
            "<Project><PackageLicenseExpression>MIT</PackageLicenseExpression></Project>",
            "MIT",
            "MIT",
        ),
        (
            "a.metainfo.xml",
            "<component><project_license>MIT</project_license></component>",
            "MIT",
            None,
        ),
        ("package.xml", "<package><license>BSD-3-Clause</license></package>", "BSD-3-Clause", None),
        ("a.gemspec", '  s.license = "MIT".freeze\n', "MIT", "MIT"),
        ("a.gemspec", "  s.licenses = %w[MIT GPL-2.0]\n", "MIT AND GPL-2.0-only", "MIT GPL-2.0"),
        ("a.podspec", "  s.license = { :type => 'MIT', :file => 'LICENSE' }\n", "MIT", "MIT"),
        (
            "DESCRIPTION",
            "License: GPL (>= 2) | MIT + file LICENSE\n",
            "GPL-2.0-or-later OR MIT",
            None,
        ),
        ("DESCRIPTION", "License: LGPL (>= 2.0, < 3)\n", "LGPL-2.0-only OR LGPL-2.1-only", None),
        ("a.cabal", "license:   BSD3\nlicense-file: LICENSE\n", "BSD-3-Clause", "BSD3"),
        ("package.yaml", "license: BSD3 # ours\n", "BSD-3-Clause", "BSD3"),
        ("a.opam", 'license: ["ISC" "MIT"]\n', "ISC AND MIT", None),
        ("dune-project", "(lang dune 3)\n (license MIT)\n", "MIT", "MIT"),
        ("mix.exs", '    [name: "a", licenses: ["Apache-2.0"]]\n', "Apache-2.0", "Apache-2.0"),
        ("META.json", '{"license": ["perl_5"]}', "Artistic-1.0-Perl OR GPL-1.0-or-later", "perl_5"),
        ("META.yml", "license: lgpl_2_1\n", "LGPL-2.1-only", "lgpl_2_1"),
        ("Makefile.PL", "WriteMakefile(\n  LICENSE => 'artistic_2',\n", "Artistic-2.0", None),
        ("dist.ini", "license = Apache_2_0\n", "Apache-2.0", "Apache_2_0"),
        (
            "meta.yaml",
            "about:\n  license: BSD-3-Clause\n  license_family: GPL\n",
            "BSD-3-Clause",
            None,
        ),
        ("CITATION.cff", "license:\n  - MIT\n  - 'ISC'\n", "MIT OR ISC", "MIT\n  - 'ISC"),
        ("codemeta.json", '{"license": "https://spdx.org/licenses/MIT"}', "MIT", None),
        (".zenodo.json", '{"license": {"id": "cc-by-4.0"}}', "CC-BY-4.0", "cc-by-4.0"),
        ("haxelib.json", '{"license": "Public"}', PUBLIC, "Public"),
        ("info.rkt", "(define license '(Apache-2.0 OR MIT))", "Apache-2.0 OR MIT", None),
        ("a-1.rockspec", 'description = {\n   license = "MIT/X11"\n}', "MIT", "MIT/X11"),
        ("vcpkg.json", '{"license": "Zlib"}', "Zlib", "Zlib"),
        ("Chart.yaml", "annotations:\n  artifacthub.io/license: MIT\n", "MIT", "MIT"),
        ("Dockerfile", 'LABEL org.opencontainers.image.licenses="MIT"\n', "MIT", "MIT"),
        (
            "README.md",
            "---\r\nlicense: [mit, cc-by-nc-4.0]\r\n---\r\n",
            "MIT AND CC-BY-NC-4.0",
            None,
        ),
        ("build.sbt", 'licenses := Seq("ISC" -> url("https://x"))\n', "ISC", "ISC"),
        ("build.gradle", "licenses {\n  license {\n    name = 'ISC'\n  }\n}\n", "ISC", "ISC"),
        ("project.clj", '  :license {:name "EPL-2.0" :url "u"}\n', "EPL-2.0", "EPL-2.0"),
        ("a.spec", "Name: a\nLicense: GPLv2+ and MIT\n", "GPL-2.0-or-later AND MIT", None),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_manifest_states_its_licence_at_its_place(
    path: str, text: str, expression: str, span: str | None, mark: str
) -> None:
    found = read_metadata(f"some/folder/{path}", mark + text)
    assert found is not None
    assert [each.expression for each in found] == [expression]
    assert found[0].kind == "metadata"
    if span is not None:
        assert (mark + text)[found[0].start : found[0].end] == span


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}\n'),
        ("pyproject.toml", '[project]\nlicense-files = ["LICENSE"]\n'),
        ("setup.cfg", "[metadata]\nlicense_file = LICENSE\n"),
        ("package.json", '{"license": "SEE LICENSE IN LICENSE.md"}'),
        ("Cargo.toml", '[package]\nlicense-file = "LICENSE"\n'),
        ("DESCRIPTION", "License: file LICENSE\n"),
        ("a.cabal", "license-file: LICENSE\n"),
        ("METADATA", "License: Copyright (c) 2020 A\n        All rights reserved.\n"),
        ("PKG-INFO", f"License: {'Permission is hereby granted to any person. ' * 9}\n"),
        ("a.nuspec", '<package><metadata><license type="file">L.md</license></metadata></package>'),
    ],
)
def test_a_value_that_stands_for_a_text_is_no_licence(path: str, text: str) -> None:
    found = read_metadata(path, text)
    assert found is not None
    assert [(each.expression, each.note) for each in found] == [("NOASSERTION", "partial")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[project]\nname = "a"\ndynamic = ["license"]\n'),
        ("package.json", '{"private": true, "dependencies": {"license": "MIT"}}'),
        ("package.json", "[]"),
        ("Cargo.toml", "[package]\nlicense.workspace = true\n"),
        ("setup.py", "setup()  # license='MIT'"),
        ("a.gemspec", '  # s.license = "MIT"\n'),
        ("Dockerfile", "# LABEL org.opencontainers.image.licenses=MIT\nFROM x\n"),
        ("METADATA", "Name: a\nLicense: UNKNOWN\n\nLicense: MIT\n"),
        ("README.md", "# License: MIT\n"),
        ("meta.yaml", "about:\n  license:\n  summary: x\n"),
        ("pom.xml", "<project><name>MIT</name></project>"),
    ],
)
def test_a_silent_manifest_says_nothing(path: str, text: str) -> None:
    assert read_metadata(path, text) == ()


@pytest.mark.parametrize("path", ["a.py", "", "license", "x/Cargo.toml.orig", "debian/copyright"])
def test_what_is_no_manifest_is_not_read(path: str) -> None:
    assert read_metadata(path, "Copyright: everybody\n") is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", "{"),
        ("package.json", '{"license": "' + "\ud800" + '"}'),
        ("package.json", '{"licenses": [' + '"MIT",' * 300 + '"MIT"]}'),
        ("pyproject.toml", "[project"),
        ("Cargo.toml", "a = " + "[" * 100_000),
        ("Cargo.toml", "a." * 50_000 + "a = 1"),
        ("setup.py", "]]]"),
        ("setup.cfg", "license = MIT"),
        ("pom.xml", "<project>"),
        ("pom.xml", '<!DOCTYPE a [<!ENTITY b "c">]><project>&b;</project>'),
        ("package.json", " " * ((1 << 22) + 1)),
    ],
)
def test_a_broken_manifest_is_named_and_not_quoted(path: str, text: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_metadata(path, text)
    assert "MIT" not in str(caught.value)


def test_a_stricter_classifier_is_kept_beside_the_field() -> None:
    gpl = "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)\n"
    assert stated("METADATA", f"License: MIT\n{gpl}") == ["MIT", "GPL-3.0-only"]
    assert stated("METADATA", f"License: MIT OR GPL-3.0-only\n{gpl}") == ["MIT OR GPL-3.0-only"]
    assert stated("METADATA", f"License: GPL\n{gpl}") == ["GPL-3.0-only"]
    assert stated("METADATA", f"License-Expression: MIT\n{gpl}") == ["MIT"]


def test_classifiers_all_apply_unless_the_field_speaks_of_a_choice() -> None:
    both = (
        "Classifier: License :: OSI Approved :: MIT License\n"
        "Classifier: License :: OSI Approved :: ISC License (ISCL)\n"
    )
    assert stated("METADATA", both) == ["MIT AND ISC"]
    assert stated("METADATA", f"License: Dual License\n{both}") == ["MIT OR ISC"]


def test_a_restriction_in_an_unread_field_stays_beside_classifiers() -> None:
    text = (
        "License: free for research and non-commercial purposes only, ask us\n"
        "Classifier: License :: OSI Approved :: MIT License\n"
    )
    assert stated("METADATA", text) == ["NOASSERTION", "MIT"]


def test_a_name_without_its_version_is_noted_as_a_family() -> None:
    notes = {
        value: read_metadata("METADATA", f"License: {value}\n")
        for value in ("GPL", "BSD", "GPLv2", "BSD 3-Clause", "MIT", "New BSD")
    }
    assert {value for value, found in notes.items() if found and found[0].note} == {"GPL", "BSD"}


def test_debian_copyright_gives_each_licence_once() -> None:
    text = (
        f"{DEP5}Files: *\nCopyright: a\nLicense: GPL-1+ or Artistic, and BSD-3-clause\n\n"
        "Files: b\nLicense: GPL-2+ with OpenSSL exception\n Words.\n\n"
        "Files: c\nLicense: GPL-3+-autoconf-exception\n\n"
        "Files: d\nLicense:\n Permission is granted.\n\nLicense: MIT\n text\n"
    )
    found = read_metadata("debian/copyright", text)
    assert found is not None
    assert [(each.expression.lower(), each.note) for each in found] == [
        ("(gpl-1.0-or-later or artistic-1.0-perl) and bsd-3-clause", ""),
        ("gpl-2.0-or-later with additionref-openssl-exception", ""),
        ("gpl-3.0-or-later with additionref-autoconf-exception", ""),
        ("noassertion", "partial"),
    ]
    assert text[found[3].start : found[3].end] == "Permission is granted."


@pytest.mark.parametrize(
    "name", ["CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-NC-ND-4.0", "MIT and CC-BY-4.0"]
)
def test_dep5_reads_creative_commons_names(name: str) -> None:
    text = f"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: {name}\n"
    found = read_metadata("debian/copyright", text) or ()
    assert [each.expression for each in found] == [name.replace(" and ", " AND ")]


def test_the_stub_that_r_asks_for_points_at_description() -> None:
    found = read_metadata("LICENSE", "YEAR: 2020\nCOPYRIGHT HOLDER: A. Body\n") or ()
    assert [(each.expression, each.note) for each in found] == [("NOASSERTION", "partial")]
    assert read_metadata("LICENSE", "YEAR: 2020\nYou may not copy this.\n") is None
