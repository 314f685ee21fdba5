"""The page on one's own machine: one more face of the questions, which computes nothing that a verb does not.

Imported by the verb `serve` alone, since it needs an extra.
"""
