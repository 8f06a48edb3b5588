"""The Stack v2 and Software Heritage: records that name contents by their ids, and the contents beside them.

A record says where a file was and what its ids are; its bytes lie in a folder or an object store under one
of those. No byte is taken that has not the ids which its record says.
"""

from __future__ import annotations

from pipeline.sources.stack.reader import ADAPTER

__all__ = ["ADAPTER"]
