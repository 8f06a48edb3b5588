"""The subject index of a release: which of its rows a subject names, and proofs about ids, in milliseconds.

A cache beside the releases, made from a release alone and never a part of one.
"""

from pipeline.subject_index.index import Index, Row
from pipeline.subject_index.place import Head, keep_index, open_index, read_head

__all__ = ["Head", "Index", "Row", "keep_index", "open_index", "read_head"]
