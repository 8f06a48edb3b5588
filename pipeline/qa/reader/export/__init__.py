"""Readers in other forms, for other runtimes: made, read again, and held against the original on real questions."""
