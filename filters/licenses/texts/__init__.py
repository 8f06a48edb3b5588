"""Whole licence texts: words, the templates of the known licences, their index, and what matches."""
