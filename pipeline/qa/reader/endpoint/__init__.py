"""What hosted endpoints call: `handler` and `score` are copied into a bundle as they are, and import the rest."""
