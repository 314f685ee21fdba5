"""What Hypothesis draws for users of Trialproof, and the laws of a trial file, as one public module."""

from solver.testing.laws import trial_laws
from solver.testing.strategies import boundary_records, completions, contexts, facts, read, records

__all__ = ["boundary_records", "completions", "contexts", "facts", "read", "records", "trial_laws"]
