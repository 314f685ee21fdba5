"""What `encodings/` holds, checked and compiled: the vocabulary, the theory and the trials. Immutable and picklable."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from solver.dataclass import dataclass
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY
from solver.language.concepts import ConceptTree
from solver.language.domain import Domain, point
from solver.language.tree import Condition, variables
from solver.language.types import BooleanType, ConceptType, DateType, ListType, VariableType
from solver.language.values import EVENT_DAYS, ConceptTerm, Value
from solver.library.beside import (
    Acknowledgement,
    AtSite,
    CohortState,
    Enrolment,
    Place,
    SiteName,
    TrialNotice,
)
from solver.library.beside import Reading as Reading
from solver.library.chart_checks import Check, HeadlinePart, Phrase, Quotient
from solver.library.codes.code_map import CodeMap
from solver.library.concepts.meaning import Meaning
from solver.library.concepts.parts import SortedConcepts, sorted_kind, sorted_lists
from solver.library.concepts.register import ConceptRegister
from solver.library.concepts.revealed import tests_of_terms
from solver.library.entries import Groups, ListClass, Register
from solver.library.names import OtherNames
from solver.library.orders import Burden, Test

Worse = Literal["true", "false", "higher", "lower"]

OBJECTIVE = "objective"
"""The class of clauses that a machine can judge, once they have logic."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A typed, named thing that can be known of a patient.

    `plausible` is assumed of what is not recorded exactly. `typical` is where trials set their limits: what is recorded is not held against
    it. `past` dates are never after the day of evaluation; one that is `absent_as_of` means that day where it is not recorded. `requested`
    variables may be named in a deciding set. `bare` numbers need no unit. A `positive` quantity is above 0, and a record that says 0 is
    refused; so is one that says a value of `refused`, for the reason given there. `drugs` gives, for a dose, how much of the reference drug
    one unit of each named drug is worth. Lists: `pattern` of an entry once `strip` is taken off, with one of its `groups`, and at most
    `most` entries; no pattern means an open list of names. `policy` is the assumption policy that covers it, which takes it as absent where
    neither it nor any of `mentioned_by` is recorded. `worse` is the direction in which a change of it means that the patient gets worse; of
    an enumeration whose values are listed from the best, `higher` is the later one. `advice` is false if nobody is advised to change it,
    though it can change. `stopped_on` is the date of the last dose, for what is true while a drug is taken. A result is out of date when it
    is more than `valid_days` old. `reference` says which limits of normal it has, with the plausible range of each in its unit. `term` is
    what a variable stands for that no file declares: what criteria ask of concepts. `means` is the term that a declared one is another name
    for. What is `hidden` is never shown: it stands for what may have happened, of which only terms tell. What is true of a flag with
    `safety` is told before anything else. `zero` says in words that a count is 0.
    """

    name: str
    type: VariableType
    label: str
    about: str
    changes: str
    plausible: Condition | None = None
    plausible_text: str = ""
    typical: Condition | None = None
    typical_text: str = ""
    past: bool = False
    absent_as_of: bool = False
    requested: bool = True
    bare: bool = False
    positive: bool = False
    refused: Mapping[int, str] = field(default_factory=dict)
    drugs: Mapping[str, Fraction] = field(default_factory=dict)
    pattern: str | None = None
    groups: Groups | None = None
    strip: str = ""
    most: int | None = None
    policy: str | None = None
    mentioned_by: tuple[str, ...] = ()
    worse: Worse | None = None
    advice: bool = True
    stopped_on: str | None = None
    valid_days: int | None = None
    reference: Mapping[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    term: ConceptTerm | None = None
    means: Meaning | None = None
    safety: bool = False
    zero: str | None = None
    hidden: bool = False

    @property
    def absence(self) -> Domain:
        """What absence means: false, a count of none, or the day of what never was."""
        if self.term is not None and self.term.question in EVENT_DAYS:
            never = AFTER_EVERY_DAY if self.term.question == "first_start" else BEFORE_EVERY_DAY
            return point(never, whole=True)
        return frozenset({False}) if isinstance(self.type, BooleanType) else point(0, whole=True)

    @property
    def assumption(self) -> str:
        """The id under which an answer shows that the variable's policy took it as absent."""
        return f"{self.policy}:{self.name}"


@dataclass(frozen=True, slots=True)
class Axiom:
    """A statement of the theory that holds for every patient.

    In force while some variable of `while_unrecorded` has no recorded value; always, if there are none. `assumption` is the id under
    which an answer that needs it shows it.
    """

    id: str
    label: str
    source: str
    condition: Condition
    while_unrecorded: tuple[str, ...] = ()
    assumption: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be taken for granted where it is not recorded, if a user asks for it by name.

    A policy over variables takes those that it covers as absent; one over clauses counts those that it covers as met. `label` says
    so in a sentence, and `text` of one variable or clause. It covers every clause of `classes`, and whatever is asked
    of events of the concepts of `kinds`.
    """

    id: str
    label: str
    text: str
    covers: Literal["variables", "clauses"]
    classes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One atomic criterion of a trial.

    `conditions` maps each cohort that the clause binds to what must hold there; `alternatives` gives the same for each second
    reading, None where the clause is absent under it, and for readings that are said together, their ids joined by ` + `. `logic` is the
    text of the encoding by cohort, under `""` where all cohorts share it, and `other_logic` that of each second reading.
    A `secondary` clause is in force only while secondary sources are
    switched on. An `opaque` clause is kept as `text`: it has no conditions under the first reading, and `opaque_in` are the cohorts that it
    binds. `policy` is the assumption policy that covers it. `guard` is what its `when` and
    `unless` say of whom it is about, under the first reading: it is met by every other patient. `place` is where it stands in the file
    of its trial.
    """

    id: str
    label: str
    source: str
    judgement: str
    changes: str
    conditions: Mapping[str, Condition]
    alternatives: Mapping[str, Mapping[str, Condition] | None]
    logic: Mapping[str, str]
    other_logic: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    routing: bool = False
    secondary: str | None = None
    opaque: bool = False
    opaque_in: tuple[str, ...] = ()
    text: str | None = None
    note: str | None = None
    policy: str | None = None
    guard: Condition | None = None
    place: Place | None = None

    def binds(self, cohort: str) -> bool:
        """Whether it binds a cohort under some reading, by logic or as text."""
        every = [self.conditions, *(other for other in self.alternatives.values() if other is not None)]
        return cohort in self.opaque_in or any(cohort in conditions for conditions in every)

    @property
    def assumption(self) -> str:
        """The id under which an answer shows that the clause's policy counted it as met."""
        return f"{self.policy}:{self.id}"

    @property
    def by_cohort(self) -> bool:
        """Whether the clause reads differently by cohort."""
        if self.routing or not self.opaque:
            return self.routing or "" not in self.logic
        return any(logic and "" not in logic for logic in self.other_logic.values())


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial: some open cohort exists all of whose clauses hold.

    `states` says of cohorts whether they recruit, as far as more is known than the trial's own status: the first that applies counts.
    `at_site` and `cohorts_at_site` are a site's words on that. None is part of a verdict. `file` is the name of the file it was read from,
    without folders. `terms` are the variables that stand for what its conditions ask of concepts, by name.
    """

    nct: str
    code: str
    title: str
    intervention: str
    recruitment: str
    recruitment_note: str
    partial: bool
    sources: Mapping[str, str]
    cohorts: Mapping[str, str]
    clauses: tuple[Clause, ...]
    readings: Mapping[str, Reading]
    unpublished: Mapping[str, str]
    notices: tuple[TrialNotice, ...]
    enrolment: Enrolment = field(default_factory=Enrolment)
    acknowledged: tuple[Acknowledgement, ...] = ()
    file: str = ""
    states: Mapping[str, tuple[CohortState, ...]] = field(default_factory=dict)
    terms: Mapping[str, Variable] = field(default_factory=dict)
    at_site: AtSite | None = None
    cohorts_at_site: Mapping[str, AtSite] = field(default_factory=dict)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the clauses by id, in the order of the protocol."""
        return {clause.id: clause.label for clause in self.clauses}

    @property
    def routed(self) -> bool:
        """Whether the trial has clauses that know which cohorts are open."""
        return any(clause.routing for clause in self.clauses)

    @property
    def open_ended(self) -> bool:
        """Whether there are criteria that the file does not hold: such a trial is eligible at best on the published ones."""
        return self.partial or bool(self.unpublished)


@dataclass(frozen=True)
class Library:
    """The compiled encodings, which one loads once and asks many questions of.

    `burdens` are ordered from the lightest, `tests` as in their file; these and `policies` are empty where the encodings have none.
    `definitions` is what the names defined in the theory denote, for compiling another trial. `registers` are the names that open lists
    know, by list. `concepts` is the tree, and `theory_terms` are the variables that stand for what the theory asks of it.
    `added` gives the files of the trials that were added to the encodings, by code. `headline` are the parts of the line that says who the
    patient is, in their order; `phrases` are words of labels. `codes` are what codes of other systems mean. Where it is `asked_by` one
    trial, the terms of the others do not count. An `extended` library has the terms among its variables, and what events mean for one
    record among its axioms; `extended_from` is the one without. `in_theory` are the variables that the theory itself speaks of. `site` is
    whose words it has.
    """

    variables: Mapping[str, Variable]
    classes: Mapping[str, ListClass]
    axioms: tuple[Axiom, ...]
    checks: tuple[Check, ...]
    trials: Mapping[str, Trial]
    digest: str
    burdens: Mapping[str, Burden] = field(default_factory=dict)
    tests: Mapping[str, Test] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    quotients: tuple[Quotient, ...] = ()
    definitions: Mapping[str, Value] = field(default_factory=dict)
    names: OtherNames = field(default_factory=OtherNames)
    registers: Mapping[str, Register | ConceptRegister] = field(default_factory=dict)
    headline: tuple[HeadlinePart, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    codes: CodeMap = field(default_factory=CodeMap)
    concepts: ConceptTree = field(default_factory=ConceptTree)
    theory_terms: Mapping[str, Variable] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    asked_by: str | None = None
    extended_from: Library | None = None
    in_theory: frozenset[str] = frozenset()
    site: SiteName | None = None

    @property
    def extended(self) -> bool:
        """Whether it holds what events mean for one record."""
        return self.extended_from is not None

    @cached_property
    def terms(self) -> Mapping[str, Variable]:
        """The variables that stand for what the theory and the trials ask of concepts."""
        found = dict(self.theory_terms)
        for trial in self.trials.values():
            if self.asked_by in (None, trial.code):
                found.update(trial.terms)
        return found

    @cached_property
    def every_term(self) -> Mapping[str, Variable]:
        """The variables that stand for what the theory and any trial ask of concepts."""
        return replace(self, asked_by=None, extended_from=None).terms

    @cached_property
    def _asking(self) -> dict[str, Library]:
        return {}

    def asking(self, code: str) -> Library:
        """The library in which one trial alone asks of concepts, or none of them where no trial is called so; the same each time."""
        if not any(trial.terms for trial in self.trials.values()):
            return self
        code = code if code in self.trials and self.trials[code].terms else ""
        return self._asking.setdefault(code, replace(self, asked_by=code))

    @cached_property
    def parts(self) -> Mapping[str, SortedConcepts]:
        """The concepts of each list of events and findings, sorted by what is asked of them."""
        return sorted_lists(self.concepts, filter(None, (each.term for each in self.terms.values())))

    @cached_property
    def kinds(self) -> Mapping[str, SortedConcepts]:
        """For each variable whose value is a concept, those of its kind, sorted by its values and by what is asked of it."""
        terms = [each.term for each in self.terms.values() if each.term is not None]
        kinds = {
            name: each.type for name, each in self.variables.items() if isinstance(each.type, ConceptType)
        }
        return {name: sorted_kind(self.concepts, name, kind, terms) for name, kind in kinds.items()}

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The names of the list variables."""
        return tuple(name for name, v in self.variables.items() if isinstance(v.type, ListType))

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """The names of the variables that are dates."""
        return tuple(name for name, v in self.variables.items() if isinstance(v.type, DateType))

    def classes_of(self, list_name: str, entry: str) -> frozenset[str] | None:
        """The classes that an entry of a list belongs to; None if it is a name that the register of the list does not have."""
        register = self.registers.get(list_name)
        if register is not None:
            return register.of(entry)
        formed = (found for found in self.classes.values() if found.list == list_name and found.pattern)
        return frozenset(f.name for f in formed if re.fullmatch(f.pattern or "", entry, re.ASCII))

    @cached_property
    def asks_of_concepts(self) -> bool:
        """Whether a trial or an axiom asks of concepts by a term; that a variable means one is no question."""
        written = frozenset[str]().union(*self.mentions.values())
        asking = (each.terms for each in self.trials.values() if self.asked_by in (None, each.code))
        return any(asking) or not written.isdisjoint(self.theory_terms)

    @cached_property
    def mentions(self) -> Mapping[str, frozenset[str]]:
        """The variables that each axiom speaks of."""
        return {axiom.id: variables(axiom.condition) for axiom in self.axioms}

    @cached_property
    def linked(self) -> Mapping[str, frozenset[str]]:
        """For each variable, those that the axioms link to it, directly or through others, itself included."""
        groups: dict[str, frozenset[str]] = {name: frozenset({name}) for name in self.variables}
        for mention in self.mentions.values():
            names = mention & self.variables.keys()
            whole = frozenset[str]().union(*(groups[name] for name in names))
            groups.update(dict.fromkeys(whole, whole))
        return groups

    @cached_property
    def tests_of_terms(self) -> Mapping[str, Test]:
        """The tests, with the terms that each tells of."""
        terms = (each.term for each in self.terms.values())
        return tests_of_terms(self.tests, filter(None, terms), self.concepts, next(iter(self.burdens), ""))

    def trial(self, name: str) -> Trial | None:
        """The trial with this code or NCT number, in any case."""
        folded = name.casefold()
        for trial in self.trials.values():
            if folded in (trial.code.casefold(), trial.nct.casefold()):
                return trial
        return None

    def with_terms(self, trial: Trial) -> Library:
        """The library of one trial, with what it and the theory ask of concepts among the variables; the same one if that is nothing."""
        alone = replace(self, trials={trial.code: trial})
        return replace(alone, variables={**self.variables, **alone.terms}) if alone.terms else self

    def with_trial(self, trial: Trial) -> Library:
        """The library with a trial added, or in place of the one of its code."""
        return replace(self, trials={**self.trials, trial.code: trial})

    def without(self, clauses: Collection[str]) -> Library:
        """The library without these clauses, by id; a cohort that nothing else binds can be shown to fit nobody."""
        if not clauses:
            return self
        left = dict(self.trials)
        for code, trial in self.trials.items():
            if any(name.startswith(f"{code}.") for name in clauses):
                kept = tuple(each for each in trial.clauses if each.id not in clauses)
                left[code] = replace(trial, clauses=kept)
        return replace(self, trials=left)

    def switches(self) -> Iterator[Reading]:
        """Every reading that can be switched."""
        for trial in self.trials.values():
            yield from (reading for reading in trial.readings.values() if reading.switch)
