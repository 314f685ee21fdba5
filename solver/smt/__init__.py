"""The solver: translation, sessions, cores and budgets. Nothing outside this package calls z3."""

SOLVER = "z3 5.4.0"
"""The name and version of the pinned solver, known without importing it."""
