"""Trees of files: folders and archives, and the members of these."""
