"""The engine: file-in, file-out tasks with markers, run in this process or by Dask workers."""
