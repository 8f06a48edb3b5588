"""Questions with their answers, in every shape in which sets of them are published."""
