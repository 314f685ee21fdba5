"""Lists of a record: their entries, the classes that these belong to, and whether a list is said to be complete."""

from __future__ import annotations

import re

from solver.language.concepts import LISTS
from solver.language.domain import Recorded
from solver.language.spelling import fold_name
from solver.library.entries import Remark
from solver.library.models import Library, Variable
from solver.patient.readers.native.json_text import NumberText, shown
from solver.patient.readers.native.record_faults import Findings, step
from solver.patient.readers.native.statement import MOST_ENTRIES, Meaning, Statement
from solver.text import LONGEST, clean, quote

COMPLETE = "complete"
"""The key of a record under which it names the lists that are complete."""


def read_list(statement: Statement, library: Library, *, complete: bool) -> Meaning | None:
    """What a list states: how many entries, of which classes, and whether it is complete and every entry is recognised."""
    variable = statement.variable
    if not statement.allow("value"):
        return None
    entries = statement.entries["value"]
    if not isinstance(entries, list):
        statement.fault(f"{shown(entries)} is not a list: write [...]", "value")
        return None
    most = variable.most or MOST_ENTRIES
    if len(entries) > most:
        statement.fault(f"has {len(entries)} entries: give at most {most}", "value")
        return None
    held: set[str] = set()
    read, recognised = 0, True
    for position, entry in enumerate(entries):
        name = _entry_name(
            variable, entry, step(statement.place("value"), position), library, statement.findings
        )
        if name is None:
            continue
        read += 1
        classes = library.classes_of(variable.name, name)
        if classes is None and _is_event(variable, name, library):
            continue
        if classes is None:
            recognised = False
            _warn_of_unknown(variable, name, library, statement.findings, complete=complete)
        else:
            held |= classes
            _warn_of_class(variable, name, sorted(classes), library, statement.findings)
    if read < len(entries):
        return None
    text = ", ".join(clean(str(entry)) for entry in entries) if entries else "none listed"
    return Recorded(len(entries), frozenset(held), complete and recognised), text, None


_UNKNOWN = Remark("unknown-name", "{entry} is not a known name; it implies nothing.")


def _is_event(variable: Variable, name: str, library: Library) -> bool:
    """Whether a name is that of an event in the tree of concepts."""
    means = variable.means
    return means is not None and bool(means.list) and library.concepts.in_list(means.list, name) is not None


def _event_names(variable: Variable, library: Library) -> list[str]:
    """The names that the tree of concepts knows for events of a list."""
    means, tree = variable.means, library.concepts
    if means is None or not means.list:
        return []
    return [name for each in tree.of_kinds(LISTS[means.list]) for name in (each, *tree[each].names)]


def entry_names(statement: Statement) -> tuple[str, ...]:
    """The entries of a list that was read without a fault, as they are written."""
    entries = statement.entries["value"]
    return tuple(map(str, entries)) if isinstance(entries, list) else ()


def complete_lists(given: object, library: Library, findings: Findings) -> frozenset[str]:
    """The lists that a record says are complete; only one that is open can be."""
    if not isinstance(given, list):
        findings.add(COMPLETE, f"{shown(given)} is not a list: write [...] with the lists that are complete")
        return frozenset()
    found = set()
    for name in given:
        variable = library.variables.get(name) if isinstance(name, str) else None
        if variable is None or name not in library.lists or variable.pattern is not None:
            able = ", ".join(each for each in library.lists if library.variables[each].pattern is None)
            remedy = f": record the list that is complete, {able}" if able else ""
            findings.add(COMPLETE, f"{shown(name)} is no list that can be complete{remedy}")
        else:
            found.add(name)
    return frozenset(found)


def _entry_name(
    variable: Variable, entry: object, where: str, library: Library, findings: Findings
) -> str | None:
    """An entry of a list, without the prefix that its pattern does not have; None, with a fault noted, if it is none."""
    if not isinstance(entry, str):
        remedy = "write it in quotes" if isinstance(entry, NumberText) else "write a name in quotes"
        findings.add(where, f"{shown(entry)} is not a name: {remedy}")
        return None
    if not fold_name(entry).strip():
        findings.add(where, "is an empty name: write the name, or leave it out")
        return None
    if variable.pattern is None:
        return entry
    name = entry.removeprefix(variable.strip)
    if len(name) <= LONGEST and re.fullmatch(variable.pattern, name, re.ASCII):
        return name
    groups = variable.groups
    begins = re.match(groups.form, name, re.ASCII) if groups and len(name) <= LONGEST else None
    if groups and begins and begins["group"] not in groups.known:
        findings.add(where, f"{clean(begins[0])} is no {groups.label}; known are {' '.join(groups.known)}")
        return None
    members = [m for found in library.classes.values() if found.list == variable.name for m in found.members]
    such = f", such as '{variable.strip}{members[0]}' or '{members[0]}'" if members else ""
    findings.add(where, f"{quote(entry)} is not an entry of {variable.name}: write a name of its form{such}")
    return None


def _warn_of_unknown(
    variable: Variable, entry: str, library: Library, findings: Findings, *, complete: bool
) -> None:
    """Warn of a name that is not recognised; a name that is near must have the same digits, since other digits are another code."""
    register = library.registers.get(variable.name)
    digits = re.findall(r"\d+", entry)
    names = [*(register.names if register else ()), *_event_names(variable, library)]
    near = findings.near(entry, [name for name in names if re.findall(r"\d+", name) == digits])
    remark = _UNKNOWN if register is None else register.unclosed if complete else register.unrecognised
    hint = f"; did you mean '{near}'?" if near else "."
    findings.warn(remark.code, variable.name, remark.of(quote(entry)).rstrip(".") + hint)


def _warn_of_class(
    variable: Variable, entry: str, classes: list[str], library: Library, findings: Findings
) -> None:
    for name in classes:
        found = library.classes.get(name)
        remark = found.remark if found is not None else None
        if remark is not None:
            findings.warn(remark.code, variable.name, remark.of(entry))
