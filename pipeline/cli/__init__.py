"""The command line: `app` builds it from one module for each command."""
