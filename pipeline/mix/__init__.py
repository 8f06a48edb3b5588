"""Mixes of a release: a recipe is read, its sources are counted, and the mix is written on demand."""
