"""Results, scores and answers: what the code of a result is mapped to, and its value as a fact.

    loinc 14682-9, 71 umol/L, 2026-11-12        a candidate for the variable of the entry that has this code
    the same, preliminary                       no candidate: unconfirmed, and a mention

A component with a mapped code is a result of its own. Which of several candidates counts is weighed later, by `series`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property

from solver.dataclass import dataclass
from solver.language.types import IntegerType, ListType, QuantityType
from solver.library.codes.models import CodeEntry, ReadForm
from solver.library.models import Library, Variable
from solver.patient.account import ConflictRow, Outcome, ResourcePlace
from solver.patient.readers.foreign.document import accepted, value_as_written
from solver.patient.readers.foreign.door import (
    DRUG,
    VARIABLE,
    door_coding,
    read_stated,
    read_value,
    unknown_name,
)
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Gathered, Mention
from solver.patient.readers.foreign.person import gather_person
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    AmountRatio,
    CodedText,
    Coding,
    Faulty,
    PersonStatement,
    PossibleDays,
    ResultStatement,
    SourceStatement,
)
from solver.patient.readers.foreign.units import ReadNumber, Unusable, check_steps, limits_of, read_number
from solver.text import grouped, quote, shorten

OBSERVATION = "Observation"
"""The resource under which entries of results stand."""

_FORMS: frozenset[ReadForm] = frozenset({"quantity", "integer", "boolean", "answer", "date"})
"""The forms that are read here; other topics read the others."""

_NOTHING: ReadForm = "nothing"


def gather_results(statements: Iterable[SourceStatement], gathered: Gathered, library: Library) -> None:
    """Gather what results and forms say of variables, and who the person is."""
    reader = _ResultReader(gathered, library)
    for each in statements:
        if isinstance(each, ResultStatement):
            reader.read(each)
        elif isinstance(each, PersonStatement):
            gather_person(each, gathered, library)
    reader.finish()


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a result is a result of: a variable, by an entry of the mapping or as a form names it."""

    variable: str
    coding: Coding | None
    entry: CodeEntry | None


@dataclass(frozen=True, slots=True)
class _Code:
    """What a code means here; whether another topic reads it, its codings mean different variables, or what it tells is no state."""

    meanings: tuple[_Meaning, ...]
    elsewhere: bool
    differs: bool
    stateless: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A candidate that counts only beside one of another entry."""

    candidate: Candidate
    statement: ResultStatement
    beside: str


@dataclass
class _ResultReader:
    gathered: Gathered
    library: Library
    waiting: list[_Waiting] = field(default_factory=list)
    found: dict[str, list[ResultStatement]] = field(default_factory=dict)
    lists: dict[tuple[str, str], Candidate] = field(default_factory=dict)
    codes: dict[CodedText, _Code] = field(default_factory=dict)

    @cached_property
    def _bounding_entries(self) -> dict[str, list[CodeEntry]]:
        """The entries that bound the numbers of each variable."""
        entries = self.library.codes.entries.values()
        return grouped((each.variable, each) for each in entries if each.variable and each.most is not None)

    def read(self, statement: ResultStatement) -> None:
        """Gather what a result and its components say."""
        own = self._result_meanings(statement)
        parts = [
            self._dated_component(each, statement) for each in statement.components if not _names_drug(each)
        ]
        mapped = [(part, found) for part in parts if (found := self._result_meanings(part))]
        if own or not (mapped or any(map(self._is_read_elsewhere, (statement, *parts)))):
            self._read_one(statement, own, panel=bool(mapped))
        for part, meanings in mapped:
            self._read_one(part, meanings, panel=False)

    def _dated_component(self, component: ResultStatement, whole: ResultStatement) -> ResultStatement:
        """A component with the days and the standing of its result."""
        return replace(
            component,
            days=whole.days if component.days is None else component.days,
            unconfirmed=component.unconfirmed or whole.unconfirmed,
            instant=component.instant or whole.instant,
            panels=component.panels | whole.panels | {whole.place.at},
        )

    def _result_meanings(self, statement: ResultStatement) -> tuple[_Meaning, ...]:
        """What a result is mapped to."""
        return self._code_meaning(statement.code).meanings

    def _code_meaning(self, code: CodedText) -> _Code:
        """What a code means, which is worked out once."""
        found = self.codes.get(code)
        if found is None:
            reads = self._read_forms(code)
            found = self.codes[code] = _Code(
                self._meanings_of(code),
                elsewhere=not reads <= {*_FORMS, _NOTHING},
                differs=self._codings_differ(code),
                stateless=_NOTHING in reads,
            )
        return found

    def _is_read_elsewhere(self, statement: ResultStatement) -> bool:
        """Whether another topic reads a result."""
        return self._code_meaning(statement.code).elsewhere

    def _meanings_of(self, code: CodedText) -> tuple[_Meaning, ...]:
        """What a code is mapped to, by its codings, or by its whole text where it has none."""
        codes, found = self.library.codes, list[_Meaning]()
        coding = door_coding(code)
        if coding is not None and coding.code in self.library.variables:
            found.append(_Meaning(str(coding.code), coding, None))
        for each in code.codings:
            found += self._of_entries(codes.find(OBSERVATION, each), each)
        if not code.codings and code.text:
            found += self._of_entries(codes.by_text(OBSERVATION, code.text), None)
        return tuple({(each.variable, each.entry is None): each for each in reversed(found)}.values())[::-1]

    @staticmethod
    def _of_entries(entries: Iterable[CodeEntry], coding: Coding | None) -> Iterator[_Meaning]:
        for each in entries:
            name = each.variable
            if name is not None and each.read in _FORMS:
                yield _Meaning(name, coding, each)

    def _read_forms(self, code: CodedText) -> set[ReadForm]:
        """How the entries of its codings are read."""
        codes = self.library.codes
        return {entry.read for each in code.codings for entry in codes.find(OBSERVATION, each)}

    def _read_one(self, statement: ResultStatement, meanings: Sequence[_Meaning], *, panel: bool) -> None:
        if not meanings:
            if not self._code_meaning(statement.code).stateless:
                self._note_unknown(statement)
            elif statement.unconfirmed:
                self.gathered.account.note(statement.place, "unconfirmed", statement.unconfirmed)
            else:
                self.gathered.account.note(statement.place, "not-a-state", "what it tells is no state")
            return
        if panel and statement.value is None:
            return
        variables = {each.variable for each in meanings}
        if self._code_meaning(statement.code).differs:
            self._refuse_result(statement, "conflict", "its codings mean different variables", variables)
            return
        if statement.unconfirmed:
            self._refuse_result(statement, "unconfirmed", statement.unconfirmed, variables)
            return
        for each in meanings:
            stated = any(other.entry is None and other.variable == each.variable for other in meanings)
            if each.entry is None or not stated:
                self._read_meaning(statement, each)

    def _codings_differ(self, code: CodedText) -> bool:
        """Whether codings that are mapped are mapped to different variables."""
        found = list[set[str | None]]()
        for each in code.codings:
            variables = {entry.variable for entry in self.library.codes.find(OBSERVATION, each)} - {None}
            if each.system == VARIABLE and each.code in self.library.variables:
                variables.add(each.code)
            if variables:
                found.append(variables)
        return any(one.isdisjoint(other) for one in found for other in found)

    def _read_meaning(self, statement: ResultStatement, meaning: _Meaning) -> None:
        variable, place = self.library.variables[meaning.variable], statement.place
        try:
            read = self._result_value(variable, statement, meaning.entry)
            if isinstance(statement.days, Faulty):
                raise Unusable("date", statement.days.reason)
        except Unusable as problem:
            self._refuse_result(statement, problem.outcome, problem.reason, {variable.name})
            return
        if read.remark:
            self.gathered.warnings.append(("unconfirmed", variable.name, f"{variable.name}: {read.remark}"))
        entry = meaning.entry
        days = None if isinstance(statement.days, Faulty) else statement.days
        said = None if meaning.coding else f"text {shorten(statement.code.text or '')}"
        source = FactSource(place, meaning.coding, days, said)
        candidate = Candidate(
            variable.name,
            read.fact,
            source,
            days,
            entry=entry.id if entry else None,
            wins=entry is None,
            lasting=entry.lasting if entry else False,
            moment=statement.instant,
        )
        if entry is None and isinstance(variable.type, ListType):
            self._add_to_list(candidate)
        elif entry is not None and entry.beside:
            self.waiting.append(_Waiting(candidate, statement, entry.beside))
        else:
            self.gathered.candidates.append(candidate)
        if entry is not None:
            self.found.setdefault(entry.id, []).append(statement)

    def _result_value(
        self, variable: Variable, statement: ResultStatement, entry: CodeEntry | None
    ) -> ReadNumber:
        """The value of a result as a fact that the native reader takes; raises `Unusable`."""
        if entry is None:
            read = read_stated(variable, statement)
        else:
            read = self._mapped_value(variable, statement, entry)
        if not isinstance(statement.days, PossibleDays) or (statement.days.first or 0) <= self.gathered.as_of:
            self._check_refused(variable, read.fact)
        for bounds in self._bounding_entries.get(variable.name, ()) if entry is None else (entry,):
            check_steps(read.fact, bounds, variable)
        if not read.sure or variable.refused:
            accepted(variable.name, read.fact, self.library)
        if isinstance(variable.type, QuantityType):
            limits = limits_of(variable, statement.normal, read.fact.get("unit"))
            if limits:
                read = replace(read, fact={**read.fact, **limits})
        return read

    def _mapped_value(self, variable: Variable, statement: ResultStatement, entry: CodeEntry) -> ReadNumber:
        value = statement.value
        if value is None or isinstance(value, Faulty):
            raise Unusable("value", value.reason if value else "no value")
        if isinstance(value, CodedText) and entry.answers:
            read = ReadNumber({"value": self._answer_value(value, entry)})
        elif isinstance(value, str) and self.library.codes.tables.text_numbers == "point":
            read = read_number(variable, Amount(value), entry.unit)
        elif isinstance(variable.type, QuantityType | IntegerType):
            if not isinstance(value, Amount | AmountRange | AmountRatio):
                raise Unusable("value", "is no number")
            read = read_number(variable, value, entry.unit)
        else:
            read = read_value(variable, value)
        return read

    def _answer_value(self, value: CodedText, entry: CodeEntry) -> object:
        """The value that coded answers have, which must be one."""
        found = [self.library.codes.answer(entry, each) for each in value.codings]
        known = list({repr(each): each for each in found if each is not None}.values())
        if len(known) > 1:
            raise Unusable("conflict", "its answers differ")
        if not known:
            raise Unusable("value", "an answer that says nothing")
        return value_as_written(known[0])

    def _check_refused(self, variable: Variable, fact: Mapping[str, object]) -> None:
        """Warn of a value that nobody alive has."""
        value = getattr(fact.get("value"), "value", None) if variable.refused else None
        if value is not None and value in variable.refused:
            self.gathered.warnings.append(("deceased", variable.name, variable.refused[int(value)]))

    def _add_to_list(self, candidate: Candidate) -> None:
        """Names of a list that one form gives one by one are one list."""
        key = (candidate.source.place.at, candidate.variable)
        before = self.lists.get(key)
        if before is None:
            self.lists[key] = candidate
            return
        entries = [
            *_list_entries(before),
            *(each for each in _list_entries(candidate) if each not in _list_entries(before)),
        ]
        self.lists[key] = replace(before, fact={"value": entries})

    def _refuse_result(
        self, statement: ResultStatement, outcome: Outcome, reason: str, variables: set[str]
    ) -> None:
        names = frozenset(variables)
        self.gathered.account.note(statement.place, outcome, reason, *sorted(names))
        if outcome == "conflict":
            rows = [
                ConflictRow(name, "one-resource", (statement.place.at,), reason) for name in sorted(names)
            ]
            self.gathered.account.conflicts += rows
        unconfirmed = outcome == "unconfirmed"
        self.gathered.mentions.append(Mention(statement.place, reason, names, unconfirmed=unconfirmed))

    def _note_unknown(self, statement: ResultStatement) -> None:
        note_unknown(statement.place, statement.code, self.gathered, self.library)

    def finish(self) -> None:
        """Gather what had to wait for the other results."""
        self.gathered.candidates += self.lists.values()
        for each in self.waiting:
            if any(_measured_together(each.statement, other) for other in self.found.get(each.beside, ())):
                self.gathered.candidates.append(each.candidate)
            else:
                reason = "stands alone: its companion is not of the same panel or moment"
                self.gathered.account.note(each.candidate.source.place, "not-a-state", reason)


def note_unknown(place: ResourcePlace, code: CodedText, gathered: Gathered, library: Library) -> None:
    """Note that nothing reads these codes, and count them, so that a site sees what it should map."""
    named = door_coding(code)
    if named is not None and named.code is not None:
        gathered.account.note(place, "unknown-code", unknown_name(named.code, library))
        return
    coded = [each for each in code.codings if each.code]
    for each in coded:
        gathered.account.unknown_codes[shorten(each.system or ""), shorten(each.code or "")] += 1
    said = ", ".join(f"{quote(each.system or 'no system')} {quote(each.code or '')}" for each in coded[:3])
    reason = f"nothing reads {said}" if said else "has no code that is read"
    off = sorted(f"{name}/{each.code}" for each in coded for name in library.codes.switched_off(each))
    if off:
        reason += f"; still to be checked, a site may enable {', '.join(off)}"
    gathered.account.note(place, "unknown-code", reason)


def _names_drug(component: ResultStatement) -> bool:
    coding = door_coding(component.code)
    return coding is not None and coding.code == DRUG


def _list_entries(candidate: Candidate) -> list[object]:
    entries = candidate.fact["value"]
    assert isinstance(entries, list)
    return entries


def _measured_together(one: ResultStatement, other: ResultStatement) -> bool:
    """Whether two results are of one panel, or of one moment."""
    if one.instant is not None and one.instant == other.instant:
        return True
    return bool(({one.place.at} | one.panels) & ({other.place.at} | other.panels))
