"""Verdicts on many rows of a table at once, column by column."""
