"""The stages in the order of the data flow; each is one file-in, file-out function over a small spec."""
