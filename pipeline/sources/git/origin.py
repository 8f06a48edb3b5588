"""The origin that a repository's documents are said to come from, which must not tell of a machine or a login."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from filters.urls import ignores_case
from pipeline.sources.git.objects import run_git
from pipeline.sources.git.refs import open_plain

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG_BYTES: Final = 1 << 20  # of a config that is looked at
_SCP: Final = re.compile(r"(?:[^@/:\s]+@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+):(?!//)(.+)")
_SCHEMES: Final = {"https": "https", "http": "http", "ssh": "https", "git": "https"}
"""Schemes of origins and how they are spelled here; ssh and git lead to pages by https on every forge."""


def origin_of(git_dir: Path) -> str:
    """Return `remote.origin.url` as a public URL, `""` where the repository has none.

    The config is parsed by git as a file of data, and no file that it includes.
    """
    config = git_dir / "config"
    try:
        with open_plain(config) as file:
            small = len(file.read(_CONFIG_BYTES + 1)) <= _CONFIG_BYTES
    except OSError:
        return ""
    asked = ("--file", str(config.absolute()), "--no-includes", "--get", "remote.origin.url")
    told = run_git(("config", *asked)) if small else b""
    return public_url(told.decode("utf-8", "replace").rstrip("\n"))


def public_url(text: str) -> str:
    """Spell a remote as the URL that others reach it by, `""` for a place on this machine.

    Who logs in, a query and a fragment are left out; what was asked for by ssh becomes https; on
    forges that show a repository under both names it loses its `.git`.
    """
    short = _SCP.fullmatch(text) if "://" not in text else None
    whole = text if short is None else f"ssh://{short[1]}/{short[2]}"
    try:
        parts = urlsplit(whole)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return ""
    scheme = _SCHEMES.get(parts.scheme, "")
    path = parts.path.strip("/")
    if not scheme or "." not in host or not path or not whole.isprintable() or " " in whole:
        return ""
    if ignores_case(host):
        path = path.removesuffix(".git")
    number = f":{port}" if port and parts.scheme == scheme else ""  # ssh has a port of its own
    return f"{scheme}://{host}{number}/{path}"
