"""Tables of facts, written by ourselves, that the filters look things up in."""
