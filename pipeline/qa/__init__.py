"""What is made of questions and answers beside a release: scores of predictions."""
