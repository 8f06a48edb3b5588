"""What a release says of itself in other people's formats: from its manifest, its figures and `[about]`."""
