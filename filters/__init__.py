"""Pure leaf: one document in, one verdict, tag or edit out. No I/O, clock, randomness or Dask."""
