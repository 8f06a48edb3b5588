"""The formats of provider tokens, one row a format, a file for each kind of provider."""
