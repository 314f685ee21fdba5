"""Drafts become statements and rows, once the patient and the versions are known.

MedicationRequest with the reference Medication/m1    its codes are those of m1, which is behind it
Observation with another subject                      other-patient, and no statement

What is not named by a rule of FHIR has no outcome yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from solver.patient.account import Account
from solver.patient.readers.fhir.diagnoses import condition, procedure
from solver.patient.readers.fhir.drafts import BEHIND, Draft, PersonFacts
from solver.patient.readers.fhir.fhir_days import Days, day
from solver.patient.readers.fhir.lists import ListFacts, complete_by_list
from solver.patient.readers.fhir.measured import SpecimenFacts, with_specimen
from solver.patient.readers.fhir.medicines import MedicineFacts
from solver.patient.readers.fhir.nodes import BundleHead
from solver.patient.readers.fhir.patients import Whose
from solver.patient.readers.fhir.references import Reference
from solver.patient.readers.fhir.versions import DIFFERENT, set_twins_apart
from solver.patient.readers.foreign.statements import (
    CodedText,
    ConditionStatement,
    DrugStatement,
    Export,
    PersonStatement,
    ProcedureStatement,
    ReportStatement,
    ResultStatement,
    SourceStatement,
)

_DEEPEST_INGREDIENT = 4


class Completion:
    """What is left to do for each draft; `duplicates` and `different` are the places that versions keep from counting."""

    def __init__(
        self,
        account: Account,
        export: Export,
        whose: Whose,
        as_of: int,
        duplicates: dict[str, str],
        different: Set[str],
        heads: Sequence[BundleHead],
    ) -> None:
        self._account, self._export, self._whose, self._as_of = account, export, whose, as_of
        self._duplicates, self._different = duplicates, different
        self._bundle_days: Mapping[str, object] = {head.before: head.timestamp for head in heads}
        self._panels: dict[str, set[str]] = {}
        self._birth: Days = None

    def complete(self, drafts: Sequence[Draft]) -> None:
        """Give each draft its outcome, as far as no code is needed for it, and the export its statements."""
        own = [draft for draft in drafts if self._may_count(draft)]
        twins = set_twins_apart(own)
        for draft in own:
            if draft.place.at in twins:
                self._account.note(draft.place, "duplicate", twins[draft.place.at])
        counting = [draft for draft in own if draft.place.at not in twins]
        for draft in counting:
            if isinstance(draft.aside.facts, PersonFacts):
                self._complete_person(draft, draft.aside.facts)
        for draft in counting:
            if draft.aside.bound and draft.type == "Observation":
                for member in self._drafts_meant(draft, draft.aside.bound, "a member"):
                    self._panels.setdefault(member.place.at, set()).add(draft.place.at)
        for draft in counting:
            if not isinstance(draft.aside.facts, PersonFacts):
                self._complete_draft(draft)
        if not any(draft.subjects and self._whose.fault(draft) is None for draft in drafts):
            self._export.warnings.append(("unconfirmed", "no resource of it is said to be the patient's"))

    def _may_count(self, draft: Draft) -> bool:
        """Whether a draft may say something of the patient; if not, its outcome is noted."""
        at, note = draft.place, self._account.note
        fault = None if draft.aside.outcome == "error" else self._whose.fault(draft)
        about = False if fault or not draft.aside.focus else self._whose.about_another(draft)
        if draft.aside.outcome == "error":
            note(at, "error", draft.aside.reason)
        elif fault or about:
            note(at, "other-patient", fault or "it is about another person")
        elif draft.aside.outcome == "not-read":
            note(at, "not-read", draft.aside.reason)
        else:
            if draft.aside.foreign:
                note(at, "not-r4", draft.aside.foreign)
            container = draft.container
            for each in (draft, container):
                if each is not None and each.place.at in self._duplicates:
                    note(at, "duplicate", self._duplicates[each.place.at])
                    return False
            if draft.aside.outcome == "status":
                note(at, "status", draft.aside.reason)
            elif container is not None and container.aside.in_error:
                note(at, "status", "what contains it is entered in error")
            elif draft.aside.outcome == "unknown-code":
                self._note_uncoded(draft)
            else:
                if about is None:
                    self._make_unconfirmed(draft, "it may be about another person")
                return True
        return False

    def _note_uncoded(self, draft: Draft) -> None:
        codings = [each for each in draft.aside.uncoded.codings if each.code]
        for each in codings:
            self._account.unknown_codes[each.system or "", each.code or ""] += 1
        shown = f"no variable reads {draft.type}"
        self._account.note(draft.place, "unknown-code", shown)

    def _make_unconfirmed(self, draft: Draft, reason: str) -> None:
        """Make what a draft says unconfirmed."""
        draft.statements = tuple(_unconfirmed_statement(each, reason) for each in draft.statements)

    def _complete_person(self, draft: Draft, facts: PersonFacts) -> None:
        at = draft.place
        if facts.inactive:
            self._export.warnings.append(("unconfirmed", "the Patient is said to be no longer in use"))
        if draft not in self._whose.patient.current():
            self._account.note(at, "duplicate", "another Patient replaces it")
        elif at.at in self._different:
            self._account.settle(at, "conflict", DIFFERENT)
        elif draft.aside.reason:
            self._account.note(at, "unconfirmed", draft.aside.reason)
        else:
            for statement in draft.statements:
                if isinstance(statement, PersonStatement) and self._birth is None:
                    self._birth = statement.birth
            self._export.statements += draft.statements

    def _complete_draft(self, draft: Draft) -> None:
        different = draft.place.at in self._different or (
            draft.container is not None and draft.container.place.at in self._different
        )
        if different:
            self._account.settle(draft.place, "conflict", DIFFERENT)
        if isinstance(draft.aside.facts, ListFacts):
            self._complete_list(draft, draft.aside.facts, different=different)
        elif draft.type == "Substance":
            self._account.note(draft.place, "not-read", "no fact is read from Substance")
        elif draft.type in BEHIND:
            self._export.supports.setdefault(draft.place.at, [])
        else:
            completed = [self._completed_statement(draft, each) for each in draft.statements]
            doubt = DIFFERENT if different else draft.aside.foreign
            if doubt:
                completed = [_unconfirmed_statement(each, doubt) for each in completed]
            self._export.statements += completed

    def _completed_statement(self, draft: Draft, statement: SourceStatement) -> SourceStatement:
        match statement:
            case ResultStatement():
                return self._completed_result(draft, statement)
            case DrugStatement():
                return self._completed_drug(draft, statement)
            case ReportStatement():
                return self._completed_report(draft, statement)
            case ConditionStatement() if draft.aside.later is not None:
                return condition(
                    draft.aside.later, draft.place, statement.unconfirmed, self._as_of, self._birth
                )
            case ProcedureStatement() if draft.aside.later is not None:
                return procedure(
                    draft.aside.later, draft.place, statement.unconfirmed, self._as_of, self._birth
                )
            case _:
                return statement

    def _completed_result(self, draft: Draft, statement: ResultStatement) -> ResultStatement:
        specimen = None
        if draft.aside.behind is not None:
            for found in self._drafts_meant(draft, (draft.aside.behind,), "the specimen"):
                self._rests_on(found, draft)
                if isinstance(found.aside.facts, SpecimenFacts) and self._is_usable(found):
                    specimen = found.aside.facts
        if specimen is not None or draft.aside.issued is not None:
            statement = with_specimen(statement, specimen, draft.aside.issued, self._as_of)
        panels = self._panels.get(draft.place.at)
        return replace(statement, panels=frozenset(panels)) if panels else statement

    def _completed_report(self, draft: Draft, statement: ReportStatement) -> ReportStatement:
        if draft.aside.reason:
            self._account.note(draft.place, "unconfirmed", draft.aside.reason)
        results = [each.place.at for each in self._drafts_meant(draft, draft.aside.bound, "a result")]
        self._export.supports.setdefault(draft.place.at, []).extend(results)
        return replace(statement, results=tuple(results))

    def _completed_drug(self, draft: Draft, statement: DrugStatement) -> DrugStatement:
        joined = (self._whose.find(each, draft) for each in draft.aside.bound)
        places = frozenset(each.place.at for each in joined if each is not None)
        if places:
            statement = replace(statement, joined=places)
        if draft.aside.behind is None:
            return statement
        codes, form, doubt = self._medicine_codes(draft.aside.behind, draft, draft, 0)
        if not codes and not statement.codes:
            self._account.note(draft.place, "reference", "the drug that it refers to is not in the export")
            doubt = doubt or "the drug that it refers to is not in the export"
            if draft.aside.behind.display:
                codes = (CodedText((), draft.aside.behind.display),)
        return replace(
            statement,
            codes=statement.codes + codes,
            form=form or statement.form,
            unconfirmed=statement.unconfirmed or doubt,
        )

    def _medicine_codes(
        self, meant: Reference, draft: Draft, user: Draft, depth: int
    ) -> tuple[tuple[CodedText, ...], CodedText, str | None]:
        """The codes of a Medication and its ingredients, its form, and why it is unconfirmed."""
        found = self._whose.find(meant, draft)
        if found is None or not isinstance(found.aside.facts, MedicineFacts) or depth > _DEEPEST_INGREDIENT:
            return (), CodedText(), None
        self._rests_on(found, user)
        facts = found.aside.facts
        codes, doubt = facts.codes, facts.unconfirmed
        if not self._is_usable(found):
            doubt = doubt or DIFFERENT
        for each in facts.ingredients:
            inside, _, other = self._medicine_codes(each, found, user, depth + 1)
            codes, doubt = codes + inside, doubt or other
            if not inside:
                self._account.remark(user.place, "reference", "an ingredient is not in the export")
        return codes, facts.form, doubt

    def _complete_list(self, draft: Draft, facts: ListFacts, *, different: bool) -> None:
        days = day(self._bundle_days.get(max(self._bundles_around(draft), key=len, default="")))
        found = None if different else complete_by_list(facts, draft.place, days)
        if facts.contradicts:
            self._account.note(draft.place, "conflict", facts.reason)
        elif found is None:
            self._account.note(draft.place, "not-read", facts.reason)
        else:
            self._export.complete.append(found)

    def _bundles_around(self, draft: Draft) -> Iterable[str]:
        return (before for before in self._bundle_days if draft.place.at.startswith(before))

    def _drafts_meant(self, draft: Draft, meant: Iterable[Reference], what: str) -> list[Draft]:
        """What references lead to; of one that leads nowhere that is remarked."""
        found = []
        for each in meant:
            target = self._whose.find(each, draft)
            if target is not None:
                found.append(target)
            elif each.leads:
                self._account.remark(
                    draft.place, "reference", f"{what} that it refers to is not in the export"
                )
        return found

    def _rests_on(self, behind: Draft, draft: Draft) -> None:
        """Note that a resource is behind another one."""
        self._export.supports.setdefault(behind.place.at, []).append(draft.place.at)

    def _is_usable(self, behind: Draft) -> bool:
        return behind.place.at not in self._different and not self._whose.fault(behind)


def _unconfirmed_statement(statement: SourceStatement, reason: str) -> SourceStatement:
    """The same, unconfirmed."""
    match statement:
        case PersonStatement():
            return statement
        case ReportStatement():
            return replace(statement, final=False)
        case ResultStatement():
            parts = tuple(
                replace(each, unconfirmed=each.unconfirmed or reason) for each in statement.components
            )
            return replace(statement, unconfirmed=statement.unconfirmed or reason, components=parts)
        case _:
            return replace(statement, unconfirmed=statement.unconfirmed or reason)
