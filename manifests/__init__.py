"""Pure leaf: what a release promises, and how to check it."""
