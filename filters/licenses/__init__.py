"""Licences: expressions, policy, detection in a text, and the nearest evidence for a path."""
