"""Readers: extractive models that are trained on the questions of a release, and what is done with them.

A room of its own: nothing of gristmill imports it but its commands, and PyTorch and transformers are needed
here alone (`pip install 'gristmill[model]'`).
"""
