"""What a form tells of a patient, taken into the visit: what is wrong is told beside its field, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.errors import InputError
from solver.language.concepts import LISTS
from solver.library.models import Library
from solver.report.interview_words import what_changed
from solver.serve.desk import ANSWER, Desk
from solver.serve.fields import PARTS, Entered, entry_of, entry_texts, fact_field, from_form, with_unit
from solver.serve.visits import Visit
from solver.text import clean

DAY = "as_of"
"""The name of the field for the day of evaluation."""

CLOSED = ("never", "complete")
"""The keys of a record under which it says what never happened, and which lists are complete."""

REMOVE = "remove"
CLOSURES = "closures"
"""Under which name a fault of these is told."""

Document = dict[str, Any]


def take_answers(desk: Desk, visit: Visit, form: Mapping[str, str]) -> None:
    """Take what a form says that differs from the record."""
    before, wrong = visit.standing, dict(visit.wrong)
    document, changed = visit.document, False
    for name in _names_in(form, desk.library):
        shown = fact_field(desk.library, desk.library.variables[name], _entry(document, name)).entered
        told = from_form(form, name, shown)
        if _alike(told, shown):
            visit.wrong.pop(name, None)
            continue
        found = _taken(desk, visit, document, name, told)
        if found is not None:
            document, changed = found, True
            if name in visit.asked:
                visit.answered.add(name)
    for name in [name for name in desk.library.terms if name in form]:
        told = from_form(form, name, Entered())
        changed = _term_taken(desk, visit, document, name, with_unit(told)) or changed
    for take in (_day_taken, _events_taken, _closures_taken):
        edited = take(desk, visit, document, form)
        document, changed = edited, changed or edited is not document
    if changed:
        visit.judge(desk, document)
    # what was typed and is wrong stands somewhere, also where its question is gone
    recorded = document.get("facts", {})
    visit.asked += [
        name for name in visit.wrong if desk.asks(name) is not None and name not in (*visit.asked, *recorded)
    ]
    visit.arrange()
    if changed or visit.wrong != wrong:
        visit.said = what_changed(before, visit.standing, len(visit.wrong))


def _names_in(form: Mapping[str, str], library: Library) -> list[str]:
    return [
        name for name in library.variables if name in form or any(f"{name}.{part}" in form for part in PARTS)
    ]


def _alike(one: Entered, other: Entered) -> bool:
    """Whether two look the same on the page, which shows hidden marks."""
    names = ("value", *PARTS)
    return all(clean(getattr(one, name)) == clean(getattr(other, name)) for name in names)


def _entry(document: Mapping[str, Any], name: str) -> object:
    return document.get("facts", {}).get(name)


def _taken(desk: Desk, visit: Visit, document: Document, name: str, told: Entered) -> Document | None:
    """The document with what was told; None, with its error noted, where that is no answer."""
    try:
        entry = entry_of(desk.library, name, told, visit.record.as_of)
    except InputError as error:
        visit.wrong[name] = (told, "; ".join(error.problems))
        return None
    facts = {key: value for key, value in document.get("facts", {}).items() if key != name}
    if entry is not None:
        place = list(document.get("facts", {}))
        facts[name] = entry
        facts = {
            key: facts[key]
            for key in (*(key for key in place if key in facts), *(k for k in facts if k not in place))
        }
    edited = {**document, "facts": facts}
    complete = edited.get("complete")
    if entry is None and isinstance(complete, list) and name in complete:
        edited["complete"] = [each for each in complete if each != name]
    return edited if _fits(desk, visit, edited, name, told) else None


def _fits(desk: Desk, visit: Visit, edited: Document, name: str, told: Entered) -> bool:
    """Whether a document is a record; what is wrong with it is noted beside the field."""
    try:
        desk.reread(edited, visit.terms)
    except InputError as error:
        visit.wrong[name] = (told, "; ".join(each.removeprefix("record: ") for each in error.problems))
        return False
    visit.wrong.pop(name, None)
    return True


def _term_taken(desk: Desk, visit: Visit, document: Document, name: str, text: str) -> bool:
    """Take an answer about a concept; whether it differs from what was answered before, and is one."""
    if clean(text) == clean(visit.terms.get(name, "")):
        visit.wrong.pop(name, None)
        return False
    terms = {key: value for key, value in visit.terms.items() if key != name}
    terms |= {name: text} if text else {}
    try:
        desk.reread(document, terms)
    except InputError as error:
        visit.wrong[name] = (
            Entered(text),
            "; ".join(each.removeprefix(f"{ANSWER}: ") for each in error.problems),
        )
        return False
    visit.wrong.pop(name, None)
    visit.terms = terms
    visit.answered.add(name)
    return True


def _day_taken(desk: Desk, visit: Visit, document: Document, form: Mapping[str, str]) -> Document:
    """The document on the day that a form says."""
    if DAY not in form:
        return document
    told = form[DAY].strip()
    if told == document.get(DAY):
        visit.wrong.pop(DAY, None)
        return document
    edited = {**document, DAY: told}
    return edited if _fits(desk, visit, edited, DAY, Entered(told)) else document


def _events_taken(desk: Desk, visit: Visit, document: Document, form: Mapping[str, str]) -> Document:
    """The document with what a form says of the entries of its lists of events, one by one, and then without those that it removes."""
    for kind in LISTS:
        entries = document.get("facts", {}).get(kind)
        if not isinstance(entries, list):
            continue
        for i, entry in enumerate(entries):
            name = f"{kind}[{i}]"
            told = _told_of_entry(kind, entry, name, form)
            if not told:
                continue
            edited = {key: each for key, each in {**entry, **told}.items() if each != "" or key not in told}
            before = document["facts"][kind]
            others = {**document["facts"], kind: [*before[:i], edited, *before[i + 1 :]]}
            if edited == entry:
                visit.wrong.pop(name, None)
            elif _fits(desk, visit, {**document, "facts": others}, name, Entered(parts=tuple(told.items()))):
                document = {**document, "facts": others}
        left = [each for i, each in enumerate(document["facts"][kind]) if f"{kind}[{i}].{REMOVE}" not in form]
        shorter = {**document, "facts": {**document["facts"], kind: left}}
        if len(left) < len(entries) and _fits(desk, visit, shorter, kind, Entered()):
            document = shorter
            # the others have other places now
            visit.wrong = {
                name: each for name, each in visit.wrong.items() if not name.startswith(f"{kind}[")
            }
    return document


def _closures_taken(desk: Desk, visit: Visit, document: Document, form: Mapping[str, str]) -> Document:
    """The document without what a form takes back of what never happened, and of what is complete."""
    said = {key: document[key] for key in CLOSED if isinstance(document.get(key), list)}
    left = {
        key: [each for i, each in enumerate(entries) if f"{key}[{i}].{REMOVE}" not in form]
        for key, entries in said.items()
    }
    edited = {**document, **left}
    return edited if left != said and _fits(desk, visit, edited, CLOSURES, Entered()) else document


def _told_of_entry(kind: str, entry: Any, name: str, form: Mapping[str, str]) -> dict[str, str]:
    """What a form says of the texts of an entry, by key."""
    if not isinstance(entry, dict):
        return {}
    return {
        key: value if clean(told := form[f"{name}.{key}"].strip()) == clean(value) else told
        for key, value in entry_texts(kind, entry).items()
        if f"{name}.{key}" in form
    }
