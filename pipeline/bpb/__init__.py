"""Bits per byte of what a release holds out: models, compressors, and sums that are exact."""
