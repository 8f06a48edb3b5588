"""Impure root: files, processes and order. It joins the two pure leaves, `filters` and `manifests`."""
