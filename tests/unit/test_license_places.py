"""Paths alone tell licence files, what they speak for, and where vendored packages begin."""

from __future__ import annotations

import pytest

from filters.licenses.metadata import read_metadata
from filters.licenses.places import (
    Distribution,
    ancestors,
    boundary,
    distribution_of,
    file_kind,
    folder,
    is_license_file,
    is_metadata_file,
    license_id_of_name,
    names_part,
    scope,
    sidecar_of,
)


@pytest.mark.parametrize(
    "path",
    """LICENSE a/LICENCE.txt COPYING COPYING.LESSER copying.lib COPYING3 COPYING3.LIB UNLICENSE
    LICENSE-MIT MIT-LICENSE.txt LICENSES/GPL-2.0-only.txt LICENSES/Zlib.txt license.md license.rst
    license.html COPYRIGHT EULA LICENSE.apache LICENSE.APACHE2.0 gpl-3.0.txt LGPL-2.1 mit.txt Licence
    LICENSE-2.0.txt debian/copyright LICENSES/LicenseRef-Own.txt LICENSE_1_0.txt LICENSE.numpy
    Apache-2.0.txt LICENSES/preferred/GPL-2.0 foo.license""".split(),  # noqa: SIM905  a list would take forty lines
)
def test_licence_files(path: str) -> None:
    assert is_license_file(path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("THIRD-PARTY-NOTICES.txt", "third-party"),
        ("ThirdPartyNotices.txt", "third-party"),
        ("3rdparty_licenses.md", "third-party"),
        ("LICENSES_bundled.txt", "third-party"),
        ("dist/main.js.LICENSE.txt", "third-party"),
        ("licenses/jquery.txt", "third-party"),
        ("NOTICES", "third-party"),
        ("NOTICE.txt", "notice"),
        ("README.rst", "readme"),
        ("readme", "readme"),
        ("license.py", ""),
        ("license_check.go", ""),
        ("licenses.json", ""),
        ("licenses/index.html.erb", ""),
        ("mitigation.md", ""),
        ("src/gpl.c", ""),
        ("README.py", ""),
        ("", ""),
        ("LICENSE/", ""),
    ],
)
def test_other_files(path: str, kind: str) -> None:
    assert file_kind(path) == kind


@pytest.mark.parametrize(
    ("path", "expression"),
    [
        ("LICENSES/MIT.txt", "MIT"),
        ("LICENSES/GPL-2.0.txt", "GPL-2.0-only"),
        ("LICENSE-APACHE", "Apache-2.0"),
        ("LICENSE.APACHE2.0", "Apache-2.0"),
        ("MIT-LICENSE.txt", "MIT"),
        ("UNLICENSE", "Unlicense"),
        ("COPYING.LESSER", "LGPL-2.1-or-later"),
        ("COPYING3.LIB", "LGPL-3.0-or-later"),
        ("LICENSES/LicenseRef-Own.txt", "LicenseRef-Own"),
        ("LICENSE", ""),
        ("LICENSE.numpy", ""),
        ("licenses.json", ""),
    ],
)
def test_ids_in_names(path: str, expression: str) -> None:
    assert license_id_of_name(path) == expression


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/node_modules/left-pad/lib/x.js", "a/node_modules/left-pad"),
        ("node_modules/@scope/name/x.js", "node_modules/@scope/name"),
        ("node_modules/a/node_modules/b/x.js", "node_modules/a/node_modules/b"),
        (
            "x/venv/lib/python3.7/site-packages/diffoscope/a.py",
            "x/venv/lib/python3.7/site-packages/diffoscope",
        ),
        ("x/site-packages/six.py", "x/site-packages"),
        ("venv/bin/activate", "venv"),
        ("myenv/lib/python3.11/x.py", "myenv/lib/python3.11"),
        ("vendor/github.com/foo/bar/b/x.go", "vendor/github.com/foo/bar"),
        ("vendor/golang.org/x/net/a.go", "vendor/golang.org/x/net"),
        ("vendor/k8s.io/api/core/x.go", "vendor/k8s.io/api"),
        ("vendor/github.com/x.go", "vendor/github.com"),
        ("Godeps/_workspace/src/github.com/a/b/x.go", "Godeps/_workspace/src/github.com/a/b"),
        ("vendor/foo/x", "vendor/foo"),
        ("third_party/foo.js/x.js", "third_party/foo.js"),
        ("src/pip/_vendor/requests/api.py", "src/pip/_vendor/requests"),
        ("ios/Pods/A/x.m", "ios/Pods/A"),
        ("x/foo.egg/bar/a.py", "x/foo.egg"),
        (
            ".cargo/registry/src/index-1/serde-1.0/src/lib.rs",
            ".cargo/registry/src/index-1/serde-1.0",
        ),
        ("src/app.py", ""),
        ("foo.egg-info/PKG-INFO", ""),
        ("vendor", ""),
        ("", ""),
    ],
)
def test_boundaries(path: str, expected: str) -> None:
    assert boundary(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("p/_vendor/foo.LICENSE", "p/_vendor/foo"),
        ("vendor/foo-LICENSE.txt", "vendor/foo"),
        ("vendor/LICENSE-foo", "vendor/foo"),
        ("a/jquery.LICENSE", "a/jquery"),
        ("licenses/foo/LICENSE", "foo"),
        ("licenses/foo.txt", "foo"),
        ("s/p-1.dist-info/licenses/p/_vendor/foo/LICENSE", "s/p/_vendor/foo"),
        ("site-packages/p-1.dist-info/licenses/v/foo/LICENSE", "site-packages/v/foo"),
        ("vendor/MIT-LICENSE", ""),
        ("LICENSE-DOCS", ""),
        ("LICENSE-foo", ""),
        ("LICENSES/preferred/GPL-2.0", ""),
        ("LICENSES/MIT.txt", ""),
        ("vendor/LICENSE", ""),
    ],
)
def test_licence_files_of_parts(path: str, expected: str) -> None:
    assert names_part(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("LICENSE", ""),
        ("a/LICENSE", "a"),
        ("a/LICENSES/MIT.txt", "a"),
        ("a/debian/copyright", "a"),
        (".reuse/dep5", ""),
        ("jar/META-INF/LICENSE", "jar"),
        ("sdist/foo.egg-info/PKG-INFO", "sdist"),
        ("s/site-packages/a-1.dist-info/licenses/LICENSE", "s/site-packages/a-1.dist-info"),
        ("node_modules/license/package.json", "node_modules/license"),
        ("vendor/licenses/foo.txt", "vendor"),
        ("p/_vendor/a-1.dist-info/METADATA", "p/_vendor/a-1.dist-info"),
    ],
)
def test_folders_that_files_speak_for(path: str, expected: str) -> None:
    assert scope(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s/site-packages/Foo_Bar-1.0.dist-info/METADATA", ("s/site-packages", "foo-bar")),
        ("s/site-packages/foo-1.0.dist-info/licenses/a/LICENSE", ("s/site-packages", "foo")),
        ("s/site-packages/foo_bar/a/b.py", ("s/site-packages", "foo-bar")),
        ("s/site-packages/six.py", ("s/site-packages", "six")),
        ("s/dist-packages/foo-1.0-py3.8.egg-info/PKG-INFO", ("s/dist-packages", "foo")),
        ("foo.egg-info/PKG-INFO", ("", "foo")),
        ("site-packages/foo-1.0-py3.8.egg-info", ("site-packages", "foo")),
        ("src/a.py", None),
    ],
)
def test_distributions(path: str, expected: tuple[str, str] | None) -> None:
    assert distribution_of(path) == (None if expected is None else Distribution(*expected))


def test_sidecars_speak_for_their_file() -> None:
    assert sidecar_of("a/b.png.license") == "a/b.png"
    assert sidecar_of("a/LICENSE") == sidecar_of("a/.license") == sidecar_of(".license") == ""


def test_folders_above() -> None:
    assert ancestors("a/b/c") == ("a/b", "a", "")
    assert ancestors("c") == ("",)
    assert folder("a/b/c") == "a/b"
    assert folder("c") == ""


@pytest.mark.parametrize(
    "path", ["a/package.json", "x.gemspec", "a/x.opam", "y.metainfo.xml", "d/METADATA", "meta.yaml"]
)
def test_manifests_are_known_by_name(path: str) -> None:
    assert is_metadata_file(path)


@pytest.mark.parametrize("path", ["a.py", "a.xml", "app.src", "package-lock.json", "", ".", "a/"])
def test_other_names_are_no_manifests(path: str) -> None:
    assert not is_metadata_file(path)
    assert read_metadata(path, "") is None
