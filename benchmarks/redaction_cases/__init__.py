"""Cases for the benchmark of redaction: values in a valid format, contexts around them, hard negatives."""
