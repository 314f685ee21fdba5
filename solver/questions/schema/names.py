"""The names that `match schema` knows."""

from __future__ import annotations

from solver.questions import ANSWERS

NAMES = ("record", "context", *ANSWERS, "trial", "vocabulary", "theory", "workup")
