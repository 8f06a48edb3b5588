"""Offline parsers of what sites say about the use of their content; nothing is ever fetched."""
