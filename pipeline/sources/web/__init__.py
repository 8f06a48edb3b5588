"""Web archives as sources: `warc`, whose pages give their main text, and `wet`, whose texts stay as they are."""
