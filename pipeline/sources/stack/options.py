"""What `[sources.options]` may say of records of The Stack v2: above all where the contents lie."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from pipeline.errors import ConfigError
from pipeline.sources.git.options import MAX_BYTES
from pipeline.sources.git.origin import public_url
from pipeline.sources.trees.paths import TREE_OPTIONS, Count, TreeOptions, tree_flaws
from pipeline.store import is_url
from pipeline.store.address import check_url

if TYPE_CHECKING:
    from pipeline.sources.adapter import Said

_SLICES: Final = re.compile(r"[0-9]+:[0-9]+(?:/[0-9]+:[0-9]+)*")
_SUFFIX: Final = re.compile(r"(?:\.[A-Za-z0-9]+)*")

OPTIONS: Final = {
    "contents": "the folder or the store that the contents lie in",
    "key": "the id that a content is called by: sha1, sha1_git or sha256",
    "slicing": "the folders that a content lies in, as slices of its name: 0:2/2:4",
    "suffix": "what stands behind the id in a content's name",
    "fetches": "contents that are asked for side by side",
    "site": "where repositories are whose records give a name and no URL",
    "pass_over": "licences that are none: ids of detected_licenses that claim nothing",
    "exclude": TREE_OPTIONS["exclude"],
    "max_bytes": TREE_OPTIONS["max_bytes"],
}


class StackOptions(TreeOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options, checked. `slicing` is as Software Heritage writes it: start and stop of each folder's name."""

    contents: str = ""
    key: Literal["sha1", "sha1_git", "sha256"] = "sha1"
    slicing: str = ""
    suffix: str = ""
    fetches: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    site: str = "https://github.com"
    pass_over: tuple[str, ...] = ()
    max_bytes: Count | None = MAX_BYTES


def stack_flaws(said: Said) -> list[str]:
    """List what is wrong with the options of a source."""
    flaws = tree_flaws(said, StackOptions)
    if flaws:
        return flaws
    options = msgspec.convert(dict(said.options), StackOptions)
    if options.slicing and _SLICES.fullmatch(options.slicing) is None:
        flaws.append("options.slicing: write slices of a name, as in 0:2/2:4")
    if _SUFFIX.fullmatch(options.suffix) is None:
        flaws.append("options.suffix: write the end of a name, as in .gz")
    if not public_url(f"{options.site.rstrip('/')}/a/b"):
        flaws.append("options.site: write the URL of a site, without who logs in")
    if is_url(options.contents):
        try:
            check_url(options.contents)
        except ConfigError as error:
            flaws.append(f"options.contents: {error}")
    return flaws
