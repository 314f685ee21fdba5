"""Verdicts by evaluation: the conditions of all trials as one flat program, run over what is known and over completions of it."""
