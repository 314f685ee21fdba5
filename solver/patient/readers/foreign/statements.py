"""What an export says of a patient, whatever its format: the readers of FHIR, OMOP and Phenopackets write these, and the rest reads them.

A statement stands in one place of the source, has codes and days, and says nothing yet of a variable or a concept:

    ResultStatement(place, CodedText((Coding(LOINC, "14682-9"),)), Amount("71", code="umol/L"), days, ...)
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.patient.account import ResourcePlace


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a system, the address of which is as written; any part may be missing."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True)
class CodedText:
    """One idea: codings that mean the same, and a text."""

    codings: tuple[Coding, ...] = ()
    text: str | None = None

    def __bool__(self) -> bool:
        return bool(self.codings or self.text)


@dataclass(frozen=True, slots=True)
class PossibleDays:
    """The days on which something may have been, ends included (day numbers); None: no bound on that side. `written` is the date there."""

    first: int | None
    last: int | None
    written: str | None = None

    @property
    def full(self) -> bool:
        """Whether it is one day."""
        return self.first is not None and self.first == self.last


@dataclass(frozen=True, slots=True)
class Faulty:
    """What stands where a value or a day is expected and is none; `reason` says why, in words that name nobody."""

    reason: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as decimal text, with its comparator and unit.

    `code` is the unit's code in UCUM, `unit` its printed form; `whole` says that the source calls the number an integer.
    """

    number: str
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class AmountRange:
    """A number between two; None: no bound on that side."""

    low: Amount | None
    high: Amount | None


@dataclass(frozen=True, slots=True)
class AmountRatio:
    """One number over another."""

    numerator: Amount
    denominator: Amount


ResultValue = Amount | AmountRange | AmountRatio | CodedText | PossibleDays | bool | str


@dataclass(frozen=True, slots=True)
class ResultStatement:
    """A result, a score, an answer: of a measurement, a test, or a form.

    `value` is None where nothing is said and components say it, `Faulty` where what is said is unusable. `days` is None where it is
    undated. `unconfirmed` says why it is not final. `instant` is the moment as written, where there is one, and `panels` are the places
    of what it is a member of. `method`, `body_site` and `specimen` are coded; `specimen_days` when it was taken. `normal` is the range of
    normal that stands beside it.
    """

    place: ResourcePlace
    code: CodedText
    value: ResultValue | Faulty | None = None
    days: PossibleDays | Faulty | None = None
    unconfirmed: str | None = None
    components: tuple[ResultStatement, ...] = ()
    normal: AmountRange | None = None
    instant: str | None = None
    panels: frozenset[str] = frozenset()
    method: CodedText = CodedText()
    body_site: CodedText = CodedText()
    specimen: CodedText = CodedText()
    specimen_days: PossibleDays | None = None


@dataclass(frozen=True, slots=True)
class ReportStatement:
    """A report that binds results: the places of those, and whether it is final."""

    place: ResourcePlace
    code: CodedText
    results: tuple[str, ...]
    final: bool


VariantPresence = Literal["present", "absent"]


@dataclass(frozen=True, slots=True)
class VariantStatement:
    """A genetic change that was found, or looked for and not found; `presence` is None where neither is said.

    `genes` are the genes in the order written; `changes` the texts that describe the change (HGVS, type, ISCN). `somatic` is None where
    the source does not say. `fraction` is the allele fraction as decimal text.
    """

    place: ResourcePlace
    code: CodedText
    presence: VariantPresence | None
    genes: tuple[CodedText, ...] = ()
    changes: tuple[CodedText, ...] = ()
    somatic: bool | None = None
    significance: CodedText = CodedText()
    fraction: str | None = None
    days: PossibleDays | Faulty | None = None
    unconfirmed: str | None = None


ClinicalStatus = Literal["active", "recurrence", "relapse", "inactive", "remission", "resolved"]


@dataclass(frozen=True, slots=True)
class ConditionStatement:
    """A disease or a state.

    `status` is its clinical status; None where none is given. `confirmed` says that its verification is `confirmed` in so many words,
    `unconfirmed` why it is not. `excluded` says that the source denies it. `recorded` is an upper bound of when it began.
    """

    place: ResourcePlace
    code: CodedText
    status: ClinicalStatus | None = None
    onset: PossibleDays | Faulty | None = None
    abatement: PossibleDays | Faulty | None = None
    abated: bool = False
    recorded: PossibleDays | None = None
    confirmed: bool = False
    unconfirmed: str | None = None
    excluded: bool = False
    feature: bool = False
    """Whether it is a feature seen at some time rather than a diagnosis."""
    histology: tuple[CodedText, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcedureStatement:
    """Something that was done to the patient; `days` are those of its end."""

    place: ResourcePlace
    code: CodedText
    days: PossibleDays | Faulty | None = None
    unconfirmed: str | None = None


@dataclass(frozen=True, slots=True)
class Dosage:
    """One dosage of a drug: an amount each time, how often in which period, and from when to when it holds."""

    amount: Amount | AmountRange | None = None
    times: str | None = None
    period: Amount | None = None
    timing_code: str | None = None
    as_needed: bool = False
    route: CodedText = CodedText()
    sequence: int | None = None
    bounds: PossibleDays | None = None


@dataclass(frozen=True, slots=True)
class DrugStatement:
    """That a drug was given, taken, dispensed or ordered.

    `codes` are the product and its ingredients, each an idea of its own. `start` and `end` are the days on which the intake may have begun
    and ended; `end` None where none is known. `ongoing` says whether it goes on; None where that is not known. `order` says that it rests
    on an order or a dispense. `joined` are the places of what it is based on or derived from.
    """

    place: ResourcePlace
    codes: tuple[CodedText, ...]
    start: PossibleDays | Faulty | None = None
    end: PossibleDays | Faulty | None = None
    ongoing: bool | None = None
    order: bool = False
    form: CodedText = CodedText()
    dosages: tuple[Dosage, ...] = ()
    unconfirmed: str | None = None
    joined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PersonStatement:
    """Who the patient is: birth, sex (`male` or `female`) and the sex at birth where they differ, and death, as far as said."""

    place: ResourcePlace
    birth: PossibleDays | Faulty | None = None
    sex: str | None = None
    birth_sex: str | None = None
    died: PossibleDays | bool | None = None


ListName = Literal["conditions", "procedures", "medications"]


@dataclass(frozen=True, slots=True)
class CompleteList:
    """That nothing is missing in a list. `by` says who says so (`List/l1`, `Bundle.meta.tag`, `--complete`), `day` when.

    `empty` says that it holds nothing either, so that a statement of its kind contradicts it. `place` is its row, where it has one.
    """

    list: ListName
    by: str
    day: PossibleDays | None = None
    empty: bool = False
    place: ResourcePlace | None = None


SourceStatement = (
    ResultStatement
    | ReportStatement
    | VariantStatement
    | ConditionStatement
    | ProcedureStatement
    | DrugStatement
    | PersonStatement
)


@dataclass(slots=True)
class Export:
    """All that an export says of one patient: statements in the order of the source, lists that are complete, and supporting places.

    `supports` names, for a place such as that of a Medication, the places that rest on it. `more` says that the export goes on
    elsewhere, so that no list is complete. `warnings` are (code, sentence).
    """

    statements: list[SourceStatement] = field(default_factory=list)
    complete: list[CompleteList] = field(default_factory=list)
    supports: dict[str, list[str]] = field(default_factory=dict)
    more: bool = False
    warnings: list[tuple[str, str]] = field(default_factory=list)
