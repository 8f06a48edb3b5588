"""One spelling for each repository, owner and origin, whichever of their many forms comes in.

`https://GitHub.com/Owner/Name.git/` and `git@github.com:owner/name` are `github.com/owner/name`.
Every function is idempotent and raises `SubjectError` for a text that names no such place.
"""

from __future__ import annotations

import re
from typing import Final

from filters.urls import (
    TWO_LEVEL_HOSTS,
    SubjectError,
    canonical_url,
    fold_case,
    ignores_case,
    parse_url,
    without_www,
)

# Other names of a host: the canonical host, and the path segment that comes first there.
ALIASED_HOSTS: Final = {
    "ssh.github.com": ("github.com", ""),
    "altssh.bitbucket.org": ("bitbucket.org", ""),
    "altssh.gitlab.com": ("gitlab.com", ""),
    "codeload.github.com": ("github.com", ""),
    "raw.github.com": ("github.com", ""),
    "raw.githubusercontent.com": ("github.com", ""),
    "media.githubusercontent.com": ("github.com", "media"),
    "gist.githubusercontent.com": ("gist.github.com", ""),
    "api.github.com": ("github.com", "repos"),
    "cdn.jsdelivr.net": ("github.com", "gh"),
}
# A repository on GitHub whose spelling is canonical but for case: most are.
_PLAIN: Final = re.compile(
    r"(?:(?:https://)?github\.com/)?([A-Za-z0-9_-]+)/([A-Za-z0-9_-][A-Za-z0-9._-]*)", re.ASCII
)
_GITHUB_PATH: Final = re.compile(r"[A-Za-z0-9._~/-]+")
_OTHER_PATH: Final = re.compile(r"[^*\s]+")
_SCM: Final = re.compile(r"\Ascm:(?:git|hg|svn):")
_SHORT: Final = re.compile(r"([a-z]+):([^:]+)")
_REMOTE: Final = re.compile(
    r"(?:[^@/\s:]+@([^/:\s]+)|([^@/:\s]+)(?!:[0-9]+(?:/|\Z))):(.+)"
)  # user@host:owner/name, as git and scp write it
# npm's and Nix's short forms of a host.
_SHORT_HOSTS: Final = {
    "github": "github.com",
    "gh": "github.com",
    "gist": "gist.github.com",
    "gitlab": "gitlab.com",
    "bitbucket": "bitbucket.org",
    "codeberg": "codeberg.org",
}
# Segments that cannot be a project's name on GitLab (its "reserved project names"): what stands
# before them is the repository. Others are the same idea on Gitea, cgit and sourcehut.
_GITLAB_MARKERS: Final = frozenset(
    {"-", "badges", "blame", "blob", "commits", "edit", "files", "raw", "refs", "tree", "wikis"}
)
_OTHER_MARKERS: Final = _GITLAB_MARKERS | {"commit", "issues", "log", "plain", "pulls", "src"}
_PAGE_MARKERS: Final = _OTHER_MARKERS | {"archive", "pull", "releases", "tags", "wiki", "zip"}


def canonical_repo(text: str) -> str:
    """Return `host/owner/name`, on GitLab and unknown hosts with as many segments as there are.

    Takes any spelling: https, ssh, `git@host:owner/name.git`, `git+https`, `github:owner/name`, a
    bare `owner/name` (on github.com), a page or a raw file deep inside the repository.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and plain[1] != "localhost" and "." not in plain[2]:
        return f"github.com/{plain[1]}/{plain[2]}".lower()
    host, segments = _host_and_segments(text)
    segments = _repo_segments(host, segments)
    if host == "gist.github.com" and len(segments) == 1:
        raise SubjectError("a gist without its owner: write gist.github.com/owner/id")
    unfit = {"", ".", ".."}.intersection(segments)
    if not segments or unfit or (ignores_case(host) and len(segments) == 1):
        raise SubjectError("that names no repository: write host/owner/name or its URL")
    path = "/".join(segments)
    path = fold_case(path) if ignores_case(host) else path
    wanted = _GITHUB_PATH if host in TWO_LEVEL_HOSTS else _OTHER_PATH
    if wanted.fullmatch(path) is None:
        raise SubjectError("the repository's name holds a character that none can have")
    return f"{host}/{path}"


def canonical_owner(text: str) -> str:
    """Return `host/owner` (on GitLab a group, `host/group/subgroup`); bare names are GitHub's."""
    bare = text.strip().removeprefix("@")
    if re.fullmatch(r"[A-Za-z0-9_-]+", bare) is not None:
        bare = f"github.com/{bare}"
    elif re.fullmatch(r"(?!localhost/)[A-Za-z0-9_-]+/[^:]*", bare) is not None:
        raise SubjectError("that is a repository or lacks its host: write host/owner")
    host, segments = _host_and_segments(bare)
    if len(segments) > 1 and segments[0] in {"orgs", "users", "groups"}:
        segments = segments[1:]
    host = "github.com" if host == "gist.github.com" else host
    if len(segments) != 1 and (host in TWO_LEVEL_HOSTS or not segments):
        raise SubjectError("that names no owner: write host/owner, or --repo for a repository")
    path = "/".join(segments)
    if re.search(r"[*\s]", path) is not None:
        raise SubjectError("the owner's name holds a character that none can have")
    return f"{host}/{fold_case(path) if ignores_case(host) else path}"


def canonical_origin(text: str) -> str:
    """Return an origin as its repository, else as its URL; no query is lost."""
    try:
        url = canonical_url(text)
    except SubjectError:
        return canonical_repo(text)  # git@host:owner/name is no URL
    try:
        return url if "?" in url else canonical_repo(url)
    except SubjectError:
        return url


def _host_and_segments(text: str) -> tuple[str, list[str]]:
    """Bring every spelling of a repository to its canonical host and all segments of its path."""
    place = parse_url(_as_url(text.strip()))
    host = without_www(place.host)
    segments = [segment for segment in place.path.split("/") if segment]
    home, first = ALIASED_HOSTS.get(host, (host, ""))
    if first == "":
        return home, segments
    return (home, segments[1:]) if segments[:1] == [first] else (host, segments)


def home_host(host: str) -> str:
    """Return the code host that a host serves pages or files of, else the host itself."""
    host = without_www(host)
    return ALIASED_HOSTS.get(host, (host, ""))[0]


def _as_url(text: str) -> str:
    """Write the spellings that are no URL as one."""
    text = _SCM.sub("", text)
    if "://" in text or text.startswith("//"):
        return text
    short = _SHORT.fullmatch(text)
    if short is not None and short[1] in _SHORT_HOSTS:
        return f"{_SHORT_HOSTS[short[1]]}/{short[2]}"
    remote = _REMOTE.fullmatch(text)
    if remote is not None:
        return f"{remote[1] or remote[2]}/{remote[3]}"
    first, _, rest = text.partition("/")
    if "." in first or ":" in first or first == "localhost":
        return text
    segments = [segment for segment in re.split(r"[?#]", rest)[0].split("/") if segment]
    if not first or not segments or (len(segments) > 1 and segments[1] not in _PAGE_MARKERS):
        raise SubjectError("that names no repository: write host/owner/name or its URL")
    return f"github.com/{text}"


def _repo_segments(host: str, segments: list[str]) -> list[str]:
    """Cut the path where the repository's name ends and strip what is no part of the name."""
    for index, segment in enumerate(segments):
        if segment.endswith(".git") or ".git@" in segment:
            segments = [*segments[:index], segment.partition(".git@")[0]]
            break
    if host in TWO_LEVEL_HOSTS:
        segments = [each.partition("@")[0] for each in segments[:2]]  # name@version
    else:
        markers = _GITLAB_MARKERS if ignores_case(host) else _OTHER_MARKERS
        ends = [i for i, each in enumerate(segments) if i > 1 and each in markers]
        segments = segments[: min(ends, default=len(segments))]
    return [*segments[:-1], *(_plain_name(host, last) for last in segments[-1:])]


def _plain_name(host: str, name: str) -> str:
    suffixes = (".git", ".wiki") if ignores_case(host) else (".git",)
    while name.lower().endswith(suffixes):
        name = name[: name.rindex(".")]
    return name
