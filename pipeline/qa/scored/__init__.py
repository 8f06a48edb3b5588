"""How far answers can be trusted: confidence against what is right, by kind of question, and a page of it."""
