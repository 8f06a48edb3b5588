"""Data dumps of Stack Exchange: its posts as questions, and as threads of text."""
