"""What else two versions of a trial say differently: nothing of it changes whom they admit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from solver.language.domain import Domain
from solver.library.models import Clause, Trial
from solver.questions.diff.answer import Edit


def edits(first: Trial, second: Trial) -> tuple[Edit, ...]:
    """Every difference but for the logic of clauses, in the order of the file; clauses that only one version has are left out."""
    return tuple(edit for edit in _all_pairs(first, second) if edit.before != edit.after)


def local_id(trial: Trial, clause: Clause) -> str:
    """The id of a clause within its trial."""
    return clause.id.removeprefix(f"{trial.code}.")


def _all_pairs(first: Trial, second: Trial) -> Iterator[Edit]:
    for name in ("nct", "code", "title", "intervention", "recruitment", "recruitment_note"):
        yield Edit(name.replace("_", " "), getattr(first, name), getattr(second, name))
    yield Edit("criteria", *("partial" if each.partial else "full" for each in (first, second)))
    yield from _edited_entries("source", first.sources, second.sources)
    yield from _edited_entries("cohort", first.cohorts, second.cohorts)
    for name in first.cohorts:
        if name in second.cohorts:
            yield Edit(f"cohort {name} recruitment", *(_recruitment_words(x, name) for x in (first, second)))
    readings = [{reading.id: reading.text for reading in each.readings.values()} for each in (first, second)]
    yield from _edited_entries("reading", *readings)
    yield from _edited_entries("unpublished", *map(_unpublished_texts, (first, second)))
    notices = [{notice.id: notice for notice in each.notices} for each in (first, second)]
    yield from _edited_entries("notice", *({name: n.text for name, n in each.items()} for each in notices))
    for name in notices[0]:
        if name in notices[1] and notices[0][name].when != notices[1][name].when:
            yield Edit(f"notice {name} when", "one condition", "another")
        if name in notices[1]:
            yield Edit(f"notice {name} safety", *("yes" if each[name].safety else "no" for each in notices))
    yield Edit("enrolment", _enrolment_words(first), _enrolment_words(second))
    clauses = [{local_id(each, clause): clause for clause in each.clauses} for each in (first, second)]
    for name, before in clauses[0].items():
        if name in clauses[1]:
            yield from _edited_clause(name, before, clauses[1][name])


def _recruitment_words(trial: Trial, cohort: str) -> str:
    states = trial.states.get(cohort, ())
    return "; ".join(
        " ".join(filter(None, (state.state, f"when {state.logic}" if state.logic else "", state.note)))
        for state in states
    )


def _enrolment_words(trial: Trial) -> str:
    enrolment = trial.enrolment
    effects = [
        f"{when} {name}={_domain_words(domain)}"
        for when, several in (("during", enrolment.during), ("after", enrolment.after))
        for name, domain in several.items()
    ]
    for words, names in (("outdates", enrolment.outdates), ("forgets", enrolment.forgets)):
        effects += [f"{words} {name}" for name in names]
    return "; ".join(effects)


def _domain_words(domain: Domain) -> str:
    if isinstance(domain, frozenset):
        return " or ".join(sorted(map(str, domain)))
    return " to ".join(map(str, domain[:2]))


def _unpublished_texts(trial: Trial) -> dict[str, str]:
    return {name.removeprefix(f"{trial.code}."): text for name, text in trial.unpublished.items()}


def _edited_entries(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Edit]:
    for name in dict.fromkeys([*before, *after]):
        yield Edit(f"{kind} {name}", before.get(name), after.get(name))


def _edited_clause(name: str, before: Clause, after: Clause) -> Iterator[Edit]:
    for key in ("label", "source", "judgement", "changes", "note", "policy", "secondary"):
        words = "class" if key == "judgement" else key
        yield Edit(f"{name} {words}", getattr(before, key), getattr(after, key))
    yield Edit(f"{name} form", _form_word(before), _form_word(after))


def _form_word(clause: Clause) -> str:
    return "opaque" if clause.opaque else "routing" if clause.routing else "logic"
