"""What a Python package's metadata says of all its files: licence, repository, page, name and version."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

_SHORT_LICENSE: Final = 100
_CODE_HOSTS: Final = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht")
_REPO_LABELS: Final = (
    "source", "sourcecode", "repository", "code", "github", "gitlab", "sourceforge", "homepage",
)  # fmt: skip


class About(Protocol):
    """The headers of METADATA or PKG-INFO."""

    def get_all(self, name: str, failobj: None = None, /) -> list[Any] | None:
        """Return every value of a header."""


def package_facts(about: About, name: str, version: str) -> dict[str, Any]:
    """Return what the metadata says, as keys of a record; `name` is the normalised one."""
    return {
        "license": _license(about),
        "repo": _repo(about),
        "url": f"https://pypi.org/project/{name}/{version}/",
        "created": "",
        "package": name,
        "version": version,
    }


def normalise(name: str) -> str:
    """Return the one spelling of a project's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _values(about: About, key: str) -> list[str]:
    values = [str(each).strip() for each in about.get_all(key) or ()]
    return [each for each in values if each not in {"", "UNKNOWN"}]


def _license(about: About) -> str:
    """Return the licence expression, else a short licence field, else the trove classifiers."""
    for value in (*_values(about, "License-Expression"), *_values(about, "License")):
        if len(value) <= _SHORT_LICENSE and "\n" not in value:
            return value
    trove = [each for each in _values(about, "Classifier") if each.startswith("License :: ")]
    return " AND ".join(each for each in trove if each != "License :: OSI Approved")


def _repo(about: About) -> str:
    """Return the first project URL that names a repository on a code host, best label first."""
    labelled = [each.partition(",") for each in _values(about, "Project-URL")]
    urls = [(re.sub(r"[^a-z]", "", label.lower()), url.strip()) for label, _, url in labelled]
    urls += [("homepage", url) for url in _values(about, "Home-page")]
    for wanted in _REPO_LABELS:
        for label, url in urls:
            repo = _repo_url(url) if label == wanted else ""
            if repo:
                return repo
    return ""


def _repo_url(url: str) -> str:
    """Return `https://host/owner/name` of a URL on a code host, `""` of any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    segments = [each for each in parts.path.split("/") if each]
    if host not in _CODE_HOSTS or len(segments) < 2:  # noqa: PLR2004  owner and name
        return ""
    return f"https://{host}/{segments[0]}/{segments[1].removesuffix('.git')}"
