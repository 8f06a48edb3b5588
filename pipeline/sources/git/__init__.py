"""A git repository, bare or not, as a source: its files at one commit, read from its objects without a checkout.

Only the objects of a repository are shown to git, never its config, hooks, attributes, refs or grafts: what
a repository says to do is not read, so it cannot be done. Refs are looked up by ourselves.
"""

from __future__ import annotations

from pipeline.sources.git.reader import ADAPTER

__all__ = ["ADAPTER"]
