"""Books, papers and patents as their publishers give them out."""
