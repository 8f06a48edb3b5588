"""What a record of metadata says of one file: of a row a file, a row a repository, or a row of Software Heritage's.

The Stack v2 has a row for each file; its training sets have one for each repository, with a list `files`;
Software Heritage's own export has one for each content, which knows no path.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from filters.git_ids import is_name, qualified_swhid
from pipeline.sources.git.history import Commit
from pipeline.sources.git.origin import public_url
from pipeline.sources.trees.paths import MAX_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.stack.options import StackOptions

NO_FILES: Final = "no-files"
"""A repository of which the record lists no file."""
NO_ID: Final = "no-id"
PATH: Final = "path"
VALUE: Final = "value"

_SHA1: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_IDS: Final = {
    "sha1": (("blob_id", "sha1"), _SHA1),
    "sha1_git": (("content_id", "sha1_git"), _SHA1),
    "sha256": (("sha256",), _SHA256),
    "blake2s256": (("blake2s256",), _SHA256),
}
"""Our names of ids, which are Software Heritage's, with the keys that they stand under."""

_LENGTHS: Final = ("length_bytes", "length")
_GIVEN: Final = ("content", "text", "data")
_DATES: Final = (
    "visit_date", "revision_date", "committer_date",
    "gha_created_at", "gha_event_created_at", "gha_pushed_at", "gha_updated_at",
)  # fmt: skip
_USED: Final = frozenset(("path", "repo_name", "repo_url", "files", "sha1", "sha1_git", *_GIVEN))
_WITHHELD: Final = frozenset(("absent", "hidden"))
"""What Software Heritage has not, or does not show (a take-down): the status of a content."""

_STEPS: Final = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3))
"""A number of at least the first is a time in so many parts of a second."""


class Ids(NamedTuple):
    """What a content must be: ids in hex digits by our names, and its bytes, `None` where nothing is said."""

    digests: dict[str, str]
    length: int | None

    def get(self, name: str) -> str:
        """Return an id, `""` where the record has none."""
        return self.digests.get(name, "")


class Entry(NamedTuple):
    """One file as its record tells of it. `about` is its record without the text and what follows from that.

    `given` is the content itself where the record holds it. `drop` or `bad` say that it gives no document.
    """

    line: int
    about: dict[str, Any]
    ids: Ids
    encoding: str = ""
    given: str | bytes | None = None
    drop: str = ""
    bad: str = ""
    odd: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path from the root, `""` where none is told."""
        found: str = self.about.get("path", "")
        return found

    def record(self, found: Ids) -> dict[str, Any]:
        """Return the record, under the ids that were `found`, else under those that are told."""
        ids = found if found.digests else self.ids
        said = {
            "id": _swhid(self.about, ids.get("sha1_git")),
            "blob_id": ids.get("sha1"),
            "content_id": ids.get("sha1_git"),
        }
        return self.about | {key: value for key, value in said.items() if value}


def entries_of(record: dict[str, Any], line: int, options: StackOptions) -> Iterator[Entry]:
    """Yield an entry for each file that a record tells of, and one with a reason where that is none."""
    files = record.get("files")
    if files is None:
        yield _entry(record, line, options)
        return
    if not isinstance(files, list):
        yield Entry(line, {}, Ids({}, None), bad=VALUE)
        return
    above = {key: value for key, value in record.items() if key != "files"}
    for each in files:
        if isinstance(each, dict):
            yield _entry({**above, **each}, line, options)
        else:
            yield Entry(line, {}, Ids({}, None), bad=VALUE)
    if not files:
        yield _entry(above, line, options)._replace(drop=NO_FILES, bad="")


def ids_elsewhere(record: dict[str, Any]) -> Iterator[Ids]:
    """Yield the ids of the contents that a record names, does not hold, and does not say to be withheld."""
    files = record.get("files")
    for each in files if isinstance(files, list) else (record,):
        if isinstance(each, dict) and not _given(each) and not _withheld(each):
            ids, flaw = _ids(each)
            if not flaw:
                yield ids


def _withheld(record: dict[str, Any]) -> str:
    """Return the status of a content that is not to be had, `""` of any other."""
    status = record.get("status")
    return status if isinstance(status, str) and status in _WITHHELD else ""


def _given(record: dict[str, Any]) -> list[str | bytes]:
    """Return the contents that stand in a record itself."""
    return [record[key] for key in _GIVEN if isinstance(record.get(key), str | bytes)]


def _entry(record: dict[str, Any], line: int, options: StackOptions) -> Entry:
    ids, flaw = _ids(record)
    path = _path(record.get("path"))
    date, odd = _commit(record)
    given = _given(record)
    about = {
        **{key: value for key, value in record.items() if key not in _USED and value is not None},
        **_dates(record),
        **_origin(record, options),
        **_claim(record, options),
        **({"path": path} if path else {}),
        **({"created": date} if date else {}),
    }
    encoding = record.get("src_encoding")
    return Entry(
        line,
        about,
        ids,
        encoding if isinstance(encoding, str) else "",
        given[0] if given else None,
        drop=_withheld(record),
        bad=flaw or (PATH if path is None else ""),
        odd=odd,
    )


def _ids(record: dict[str, Any]) -> tuple[Ids, str]:
    """Read the ids of a content, and say what is wrong with them."""
    digests: dict[str, str] = {}
    for name, (keys, form) in _IDS.items():
        said = next((record[key] for key in keys if record.get(key) is not None), None)
        if said is None:
            continue
        if not isinstance(said, str) or form.fullmatch(said.lower()) is None:
            return Ids(digests, None), NO_ID
        digests[name] = said.lower()
    length = next((record[key] for key in _LENGTHS if record.get(key) is not None), None)
    if length is not None and (type(length) is not int or length < 0):
        return Ids(digests, None), VALUE
    return Ids(digests, length), "" if digests or _given(record) else NO_ID


def _path(said: Any) -> str | None:
    """Return a path without the slash before it; `""` where none is told, `None` where no folder holds such."""
    if said is None:
        return ""
    if not isinstance(said, str):
        return None
    path = said.removeprefix("/")
    parts = path.encode("utf-8", "surrogatepass").split(b"/")
    return path if len(path) <= MAX_PATH and all(map(is_name, parts)) else None


def _origin(record: dict[str, Any], options: StackOptions) -> dict[str, Any]:
    """Say where the repository is: at its URL, or under its name at the site. A place on a machine is none."""
    name, url = record.get("repo_name"), record.get("repo_url")
    said = url if isinstance(url, str) and url else name
    if not isinstance(said, str) or not said.strip():
        return {}
    found = _public(said, options.site)
    return {"repo": found} if found else {}


@functools.lru_cache(maxsize=1024)
def _public(said: str, site: str) -> str:
    found = public_url(said)
    if found or "://" in said:
        return found
    return public_url(f"{site.rstrip('/')}/{said.strip('/')}")


def _claim(record: dict[str, Any], options: StackOptions) -> dict[str, Any]:
    """Say which licences were found in the file, all at once; where none was, GitHub's word on the repository."""
    found = record.get("detected_licenses")
    listed = found if isinstance(found, list) else []
    said = [
        each
        for each in listed
        if isinstance(each, str) and each.strip() and each not in options.pass_over
    ]
    if said:
        return {"license": said}
    repository = record.get("gha_license_id")
    return {"license": repository} if isinstance(repository, str) and repository else {}


def _dates(record: dict[str, Any]) -> dict[str, str]:
    """Spell times as ISO 8601 in UTC, whatever the table was written with; what is none stays as it is."""
    found = {key: _moment(record[key]) for key in _DATES if record.get(key) is not None}
    return {
        key: moment.isoformat().replace("+00:00", "Z")
        for key, moment in found.items()
        if moment is not None
    }


def _commit(record: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the date of the commit as the git adapter has it, and what is odd of it."""
    for key in ("committer_date", "revision_date"):
        if record.get(key) is not None:
            moment = _moment(record[key])
            time = None if moment is None else int(moment.timestamp() // 1)
            commit = Commit("", "", (), time)
            return commit.created, commit.odd
    return "", ()


def _moment(said: Any) -> datetime | None:
    """Read a time: ISO 8601, in UTC unless it says otherwise, or a number since 1970."""
    try:
        if isinstance(said, str):
            found = datetime.fromisoformat(said)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if isinstance(said, int | float) and not isinstance(said, bool):
            per_second = next((step for least, step in _STEPS if abs(said) >= least), 1)
            whole, part = divmod(int(said), per_second)
            found = datetime.fromtimestamp(whole, UTC)
            return found.replace(microsecond=part * 10**6 // per_second)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _swhid(about: dict[str, Any], content: str) -> str:
    """Return the qualified SWHID of a content where it was, as the git adapter spells it."""
    if not content:
        return ""
    anchor = ""
    for kind, key in (("rev", "revision_id"), ("dir", "directory_id")):
        said = about.get(key)
        if not anchor and isinstance(said, str) and _SHA1.fullmatch(said):
            anchor = f"swh:1:{kind}:{said}"
    return qualified_swhid(
        f"swh:1:cnt:{content}",
        origin=about.get("repo", ""),
        anchor=anchor,
        path=about.get("path", "").encode("utf-8", "surrogatepass"),
    )
