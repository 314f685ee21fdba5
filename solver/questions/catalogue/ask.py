"""What is encoded: the trials of a library, from which sources, how completely, and each clause with its logic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from solver.engine.banner import enrolment_effects
from solver.engine.clauses import extent
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Context
from solver.questions.catalogue import answer as a
from solver.text import grouped


def encoded_trials(library: Library, codes: Iterable[str]) -> a.CatalogueAnswer:
    """The trials with these codes, as they are encoded."""
    trials = (library.trials[code] for code in codes)
    return a.CatalogueAnswer(library.digest, tuple(_listed_trial(trial, library) for trial in trials))


def _listed_trial(trial: Trial, library: Library) -> a.ListedTrial:
    return a.ListedTrial(
        trial=trial.nct,
        code=trial.code,
        title=trial.title,
        intervention=trial.intervention,
        recruitment=trial.recruitment,
        recruitment_note=trial.recruitment_note,
        criteria="partial" if trial.partial else "full",
        counts=_clause_counts(trial),
        sources=_text_items(trial.sources),
        cohorts=tuple(
            a.ListedCohort(name, text, _recruitment_states(trial, name))
            for name, text in trial.cohorts.items()
        ),
        readings=tuple(a.Ambiguity(each.id, each.text, each.switch) for each in trial.readings.values()),
        unpublished=_text_items(trial.unpublished),
        notices=tuple(a.TextItem(notice.id, notice.text) for notice in trial.notices),
        enrolment=enrolment_effects(trial, library),
        clauses=tuple(_listed_clause(clause) for clause in trial.clauses),
    )


def _text_items(texts: Mapping[str, str]) -> tuple[a.TextItem, ...]:
    return tuple(a.TextItem(*each) for each in texts.items())


def _recruitment_states(trial: Trial, cohort: str) -> tuple[a.RecruitmentState, ...]:
    states = trial.states.get(cohort, ())
    return tuple(a.RecruitmentState(s.state, s.logic or None, s.note, s.source or None) for s in states)


def _clause_counts(trial: Trial) -> a.ClauseCounts:
    secondary = sum(clause.secondary is not None for clause in trial.clauses)
    opaque = sum(clause.opaque and clause.secondary is None for clause in trial.clauses)
    whole = extent(trial, Context())
    # a source pointer such as `S inclusion 3` begins with the id of its source
    tags = Counter(clause.source.split()[0].rstrip(",:;") for clause in trial.clauses)
    return a.ClauseCounts(
        published=len(trial.clauses) - secondary - opaque,
        secondary=secondary,
        opaque=opaque,
        unpublished=len(trial.unpublished),
        objective=whole.objective,
        encoded=whole.encoded,
        by_source={name: tags[name] for name in trial.sources if tags[name]},
    )


def _listed_clause(clause: Clause) -> a.ListedClause:
    return a.ListedClause(
        id=clause.id,
        label=clause.label,
        source=clause.source,
        judgement=clause.judgement,
        changes=clause.changes,
        logic=_logic_texts(clause.logic, clause.conditions),
        readings=tuple(
            a.SecondReading(name, _logic_texts(clause.other_logic[name], conditions or {}))
            for name, conditions in clause.alternatives.items()
        ),
        secondary=clause.secondary,
        opaque=clause.opaque,
        opaque_in=tuple(clause.opaque_in),
        note=clause.note,
        policy=clause.policy,
    )


def _logic_texts(texts: Mapping[str, str], cohorts: Iterable[str]) -> tuple[a.LogicText, ...]:
    """The texts with the cohorts for which they hold, cohorts of the same text together; the one without a cohort is of all others."""
    found = grouped((texts[cohort if cohort in texts else ""], cohort) for cohort in cohorts)
    return tuple(a.LogicText(tuple(names), text) for text, names in found.items())
