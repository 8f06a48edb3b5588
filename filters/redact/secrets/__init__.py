"""Secrets that no provider's prefix gives away: key blocks, assignments, logins, commands, files."""
