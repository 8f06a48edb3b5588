"""A reader that answers over HTTP: questions that wait together are answered together, each as if it were alone."""
