"""Answers without a neural network: the best sentence, a sliding window, and a ranker of spans."""
