"""A record to fill in: the variables that trials need, each unknown and each below a line that says how to write it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from textwrap import wrap

from solver.language.tree import Member, walk
from solver.library.fact_forms import form_hint
from solver.library.models import Library
from solver.questions.template.ask import Need, asked_lists, needs
from solver.report.words import listed

_WIDTH = 100

_EVENT = (
    '[{"is": "...", "start": "YYYY-MM-DD", "end": "YYYY-MM-DD"}, ...] with "ongoing": true for what goes on'
)
_ENTRIES = {
    "conditions": _EVENT,
    "therapies": _EVENT,
    "findings": '[{"is": "...", "present": true, "date": "YYYY-MM-DD"}, ...]',
}
_CLOSED = (
    "What never happened, and which lists hold everything: take the // away, and leave out what does not hold. What is neither listed "
    "nor denied stays unknown."
)


def template(library: Library, codes: Iterable[str]) -> str:
    """The text of the record, what settles most first; it reads as a record of which nothing is known."""
    asked = list(codes)
    lines = [
        "{",
        *_comment_lines(
            f"A record for {listed(asked)}: what settles most comes first. Replace null by what is known; what stays null is "
            "unknown. A whole line that begins with // is a comment.",
            2,
        ),
        *_comment_lines(
            "The day of evaluation, which is the day of consent. It is needed: take the // away, or give --as-of.",
            2,
        ),
        '  // "as_of": "YYYY-MM-DD",',
        '  "facts": {',
    ]
    wanted, lists = needs(library, asked), asked_lists(library, asked)
    for i, need in enumerate(wanted):
        variable = library.variables[need.variable]
        through = ""
        if need.derives:
            through = f"; tells of {listed([library.variables[name].label for name in need.derives])}"
        hint = form_hint(variable, _named_values(library, need))
        lines += _comment_lines(f"{variable.label}: {hint}{through}", 4)
        lines.append(f'    "{need.variable}": null{"," if lists or i + 1 < len(wanted) else ""}')
    for i, (name, labels) in enumerate(lists.items()):
        lines += _comment_lines(f"{name}: {_ENTRIES[name]}; asked about: {listed(labels)}", 4)
        lines.append(f'    "{name}": null{"," if i + 1 < len(lists) else ""}')
    lines.append("  }")
    if lists:
        lines += _comment_lines(_CLOSED, 2)
        written = ", ".join(f'"{name}"' for name in lists)
        lines += ['  // , "never": ["..."]', f'  // , "complete": [{written}]']
    return "\n".join([*lines, "}"])


def template_json(library: Library, codes: Iterable[str]) -> str:
    """The same record as plain JSON, for a program to fill in."""
    asked = list(codes)
    facts = dict.fromkeys([*(need.variable for need in needs(library, asked)), *asked_lists(library, asked)])
    return json.dumps({"as_of": None, "facts": facts}, indent=2)


def _named_values(library: Library, need: Need) -> set[str]:
    return {
        value
        for code in need.trials
        for clause in library.trials[code].clauses
        for condition in clause.conditions.values()
        for part in walk(condition)
        if isinstance(part, Member) and part.name == need.variable
        for value in part.values
    }


def _comment_lines(text: str, indent: int) -> list[str]:
    lead = " " * indent + "// "
    parts = wrap(text, _WIDTH - len(lead), break_on_hyphens=False, break_long_words=False)
    return [lead + part for part in parts]
