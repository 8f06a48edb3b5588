"""Questions that nobody asked, made from what a release holds and marked as such."""
