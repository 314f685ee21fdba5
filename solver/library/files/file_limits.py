"""How large files of encodings may be, so that none costs much: each limit is over ten times what the largest of today's files has."""

from __future__ import annotations

MOST_FILES = 20_000
"""In one folder."""

MOST_BYTES_TOGETHER = 100_000_000
"""In all files."""

MOST_BYTES = 1_000_000
"""In one file, as the others below."""

MOST_NODES = 50_000
"""Values, each alias counted as what it stands for."""

DEEPEST = 50
"""How deep values are nested."""

LONGEST_TEXT = 10_000
"""Characters of a text."""

LONGEST_NAME = 500
"""Characters of a name, an id or a key."""

LONGEST_CODE = 50
"""Characters of the code of a trial."""

LONGEST_NUMBER = 40
"""Characters of a number that is a value of a key."""

LARGEST = 1_000_000
"""A whole number that is a value of a key."""

MOST_COHORTS = 60
MOST_CLAUSES = 400

MOST_LOGIC = 50_000
"""Parts of the conditions of one trial, over all clauses, cohorts and readings."""
