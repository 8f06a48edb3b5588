"""The page about a run: what its workers did when, by the event log, as one HTML file."""
