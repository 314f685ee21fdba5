"""What a form tells of a patient, taken into the visit: what is wrong is told beside its field, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from solver.errors import InputError
from solver.language.concepts import LISTS
from solver.library.models import Library
from solver.report.interview_words import what_changed
from solver.serve.desk import ANSWER, Desk
from solver.serve.fields import PARTS, Entered, entry_of, fact_field, from_form, with_unit
from solver.serve.visits import Visit
from solver.text import clean

DAY = "as_of"
"""The name of the field for the day of evaluation."""

CLOSED = ("never", "complete")
"""The keys of a record under which it says what never happened, and which lists are complete."""

REMOVE = "remove"
EVENTS, CLOSURES = "events", "closures"
"""Under which names a fault of these is told."""

Document = dict[str, Any]


def take_answers(desk: Desk, visit: Visit, form: Mapping[str, str]) -> list[str]:
    """Take what a form says that differs from the record; returned are the names of its fields that were looked at."""
    before, wrong = visit.standing, dict(visit.wrong)
    document, seen, changed = visit.document, [], False
    for name in _names_in(form, desk.library):
        seen.append(name)
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
        seen.append(name)
        told = from_form(form, name, Entered())
        changed = _term_taken(desk, visit, document, name, with_unit(told)) or changed
    for change in (_other_day, _other_events, _fewer_closures):
        name, edited = change(document, form)
        if edited is None:
            visit.wrong.pop(name, None)
        elif _fits(desk, visit, edited, name, Entered(form.get(name, ""))):
            document, changed = edited, True
        seen.append(name)
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
    return seen


def _names_in(form: Mapping[str, str], library: Library) -> list[str]:
    return [
        name for name in library.variables if name in form or any(f"{name}.{part}" in form for part in PARTS)
    ]


def _alike(one: Entered, other: Entered) -> bool:
    """Whether two look the same on the page, which shows hidden marks."""
    return all(clean(getattr(one, part.name)) == clean(getattr(other, part.name)) for part in fields(Entered))


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


def _other_day(document: Document, form: Mapping[str, str]) -> tuple[str, Document | None]:
    told = form.get(DAY, "").strip()
    return DAY, {**document, DAY: told} if DAY in form and told != document.get(DAY) else None


def _other_events(document: Document, form: Mapping[str, str]) -> tuple[str, Document | None]:
    """The document with what a form says of the entries of its lists of events; None where that is nothing new."""
    facts = document.get("facts", {})
    edited = {
        kind: [_edited_entry(entry, f"{kind}[{i}]", form) for i, entry in enumerate(facts[kind])]
        for kind in LISTS
        if isinstance(facts.get(kind), list)
    }
    if all(
        new is old for kind, entries in edited.items() for new, old in zip(entries, facts[kind], strict=True)
    ):
        return EVENTS, None
    left = {kind: [each for each in entries if each is not None] for kind, entries in edited.items()}
    return EVENTS, {**document, "facts": {**facts, **left}}


def _fewer_closures(document: Document, form: Mapping[str, str]) -> tuple[str, Document | None]:
    """The document without what a form takes back of what never happened, and of what is complete."""
    said = {key: document[key] for key in CLOSED if isinstance(document.get(key), list)}
    left = {
        key: [each for i, each in enumerate(entries) if f"{key}[{i}].{REMOVE}" not in form]
        for key, entries in said.items()
    }
    return CLOSURES, {**document, **left} if left != said else None


def _edited_entry(entry: Any, name: str, form: Mapping[str, str]) -> Any:
    """An entry of an event with what a form says of its keys; None where it is to be removed."""
    if f"{name}.{REMOVE}" in form:
        return None
    if not isinstance(entry, dict):
        return entry
    told = {
        key: form[f"{name}.{key}"].strip()
        for key, value in entry.items()
        if isinstance(value, str) and f"{name}.{key}" in form and form[f"{name}.{key}"].strip() != value
    }
    if not told:
        return entry
    return {key: told.get(key, value) for key, value in entry.items() if told.get(key, value) != ""}
