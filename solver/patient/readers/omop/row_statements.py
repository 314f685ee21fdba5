"""Rows of an OMOP database as statements: which columns say what, and which rows say nothing of the patient.

measurement 4711, concept 3025315, 76.0, unit 9529    a result of loinc 29463-7: 76 kg
condition_occurrence 12, with an end date             a condition that is past
drug_exposure 3, end imputed from days of supply      an intake that ended on an unknown day
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from solver.dataclass import dataclass
from solver.library.codes.omop_map import CONCEPT_IDS, OmopMap
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    CodedText,
    Coding,
    ConditionStatement,
    Dosage,
    DrugStatement,
    Faulty,
    PersonStatement,
    PossibleDays,
    ProcedureStatement,
    ResultStatement,
    ResultValue,
    SourceStatement,
)
from solver.patient.readers.foreign.written_days import written_days
from solver.patient.readers.omop.cdm_tables import CdmRow, whole_number
from solver.patient.readers.omop.concept_book import ConceptBook
from solver.patterns import pattern
from solver.text import quote

_LONGEST_NUMBER = 40
_LOCAL_CODE = pattern(r"[A-Z0-9][A-Z0-9_.:/-]{0,19}", re.ASCII)
"""A source value that is a code of the site's own, and may be told as one that nothing reads."""

_MIDNIGHT = "00:00:00"
_REASONS = {
    "relative": "the type of the row says that it is of a relative",
    "claim": "the type of the row says that it is a claim",
    "not-a-fact": "the type of the row says that it is no fact of the patient",
}

Found = Callable[[str, Coding], bool]
"""Whether anything reads a code in a kind of resource."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """What reads the rows of one patient; rows that say nothing are noted in the account."""

    map: OmopMap
    book: ConceptBook
    found: Found
    account: Account
    as_of: int

    def read(self, table: str, row: CdmRow, place: ResourcePlace) -> SourceStatement | None:
        """The statement of a row; None with its outcome noted, where it makes none."""
        match table:
            case "person":
                return self._person_statement(row, place)
            case "death":
                self.account.note(place, "supporting", "says that the patient has died")
                return PersonStatement(place, died=_death_days(row["death_date"]))
            case "condition_occurrence":
                return (
                    self._condition_statement(row, place)
                    if self._is_usable(row, "condition", place)
                    else None
                )
            case "drug_exposure":
                return self._drug_statement(row, place) if self._is_usable(row, "drug", place) else None
            case "procedure_occurrence":
                return (
                    self._procedure_statement(row, place)
                    if self._is_usable(row, "procedure", place)
                    else None
                )
            case "measurement":
                return (
                    self._measurement_result(row, place)
                    if self._is_usable(row, "measurement", place)
                    else None
                )
            case _:
                return (
                    self._observation_statement(row, place)
                    if self._is_usable(row, "observation", place)
                    else None
                )

    def _is_usable(self, row: CdmRow, prefix: str, place: ResourcePlace) -> bool:
        kind = self._row_type(row, prefix)
        if kind is None or kind == "order" or (kind == "claim" and self.map.claims):
            return True
        self.account.note(place, "status", _REASONS[kind])
        return False

    def _row_type(self, row: CdmRow, prefix: str) -> str | None:
        return self.map.row_types.get(_id_text(row, f"{prefix}_type_concept_id"))

    def _row_code(self, row: CdmRow, prefix: str, table: str, resource: str) -> CodedText:
        """What a row is about: its concept with what the site's vocabularies say of it, or else its source value."""
        concept = whole_number(row[f"{prefix}_concept_id"])
        source = row.get(f"{prefix}_source_value")
        if not concept:
            codings = self.book.source_codings(table, source)
            if not codings and source and table != "drug_exposure" and _LOCAL_CODE.fullmatch(source):
                codings = (Coding(f"urn:omop:source:{table}", source),)
            return CodedText(codings, source) if codings or source else CodedText((Coding(CONCEPT_IDS, "0"),))
        own = whole_number(row.get(f"{prefix}_source_concept_id"))
        beside = self.book.codings(own) if own != concept and own in self.book.concepts else ()
        broader = self.book.broader(concept, lambda coding: self.found(resource, coding))
        return CodedText(tuple(dict.fromkeys((*self.book.codings(concept), *beside, *broader))))

    def _person_statement(self, row: CdmRow, place: ResourcePlace) -> PersonStatement:
        parts = [row.get(f"{part}_of_birth") for part in ("year", "month", "day")]
        gender = self.map.genders.get(_id_text(row, "gender_concept_id"))
        return PersonStatement(place, _birth_days(parts), gender)

    def _condition_statement(self, row: CdmRow, place: ResourcePlace) -> ConditionStatement:
        state = self.map.states.get(_id_text(row, "condition_status_concept_id"))
        end = written_days(row.get("condition_end_date"))
        return ConditionStatement(
            place,
            self._row_code(row, "condition", "condition_occurrence", "Condition"),
            "resolved" if state == "resolved" else None,
            onset=_written_day(row["condition_start_date"]),
            abatement=end,
            abated=self._is_over(end),
            confirmed=state == "confirmed",
            unconfirmed="a preliminary diagnosis" if state == "unconfirmed" else None,
        )

    def _procedure_statement(self, row: CdmRow, place: ResourcePlace) -> ProcedureStatement:
        end = row.get("procedure_end_date") or row["procedure_date"]
        return ProcedureStatement(
            place, self._row_code(row, "procedure", "procedure_occurrence", "Procedure"), _written_day(end)
        )

    def _drug_statement(self, row: CdmRow, place: ResourcePlace) -> DrugStatement:
        """An exposure. A day of its end is known only where it is said in so many words, since the other one is imputed."""
        start, said = (
            _written_day(row["drug_exposure_start_date"]),
            written_days(row.get("verbatim_end_date")),
        )
        imputed = written_days(row.get("drug_exposure_end_date"))
        end: PossibleDays | Faulty | None = said
        ongoing: bool | None = None
        if said is None and isinstance(start, PossibleDays) and self._is_over(imputed):
            end, ongoing = PossibleDays(start.first, self.as_of), False
        concept = whole_number(row["drug_concept_id"])
        code = self._row_code(row, "drug", "drug_exposure", "Medication")
        source = row.get("drug_source_value")
        if concept and source and not self.book.source_codings("drug_exposure", source):
            code = replace(code, text=source)
        ingredients = tuple(CodedText((each,)) for each in self.book.ingredients(concept))
        route = self._coded_answer(whole_number(row.get("route_concept_id")), row.get("route_source_value"))
        return DrugStatement(
            place,
            (code, *ingredients),
            start=start,
            end=end,
            ongoing=ongoing,
            order=self._row_type(row, "drug") == "order",
            dosages=(Dosage(route=route),) if route else (),
        )

    def _is_over(self, end: PossibleDays | Faulty | None) -> bool:
        return isinstance(end, PossibleDays) and end.last is not None and end.last <= self.as_of

    def _measurement_result(self, row: CdmRow, place: ResourcePlace) -> ResultStatement:
        moment = row.get("measurement_datetime")
        low, high = (self._written_amount(row.get(column), row) for column in ("range_low", "range_high"))
        normal = AmountRange(*(each if isinstance(each, Amount) else None for each in (low, high)))
        return ResultStatement(
            place,
            self._row_code(row, "measurement", "measurement", "Observation"),
            self._row_value(row),
            _written_day(row["measurement_date"]),
            normal=normal if normal.low or normal.high else None,
            instant=moment if moment and not moment.endswith(_MIDNIGHT) else None,
        )

    def _observation_statement(self, row: CdmRow, place: ResourcePlace) -> SourceStatement:
        code = self._row_code(row, "observation", "observation", "Observation")
        value, days = self._row_value(row), _written_day(row["observation_date"])
        if value is None and any(self.found("Condition", each) for each in code.codings):
            # a state that has no other table, such as one left by an operation, stands among the observations
            return ConditionStatement(place, code, recorded=days if isinstance(days, PossibleDays) else None)
        qualified = whole_number(row.get("qualifier_concept_id"))
        return ResultStatement(
            place, code, value, days, unconfirmed="qualified by another concept" if qualified else None
        )

    def _row_value(self, row: CdmRow) -> ResultValue | Faulty | None:
        """What a result is: a number with its unit, or else an answer, or else a text."""
        amount = self._written_amount(row.get("value_as_number"), row)
        if isinstance(amount, Amount):
            operator = _id_text(row, "operator_concept_id")
            if operator == "0":
                return amount
            comparator = self.map.operators.get(operator)
            if comparator is None:
                return Faulty(f"the operator {quote(operator)} is not known")
            return amount if comparator == "=" else replace(amount, comparator=comparator)
        if amount is not None:
            return amount
        concept, source = whole_number(row.get("value_as_concept_id")), row.get("value_source_value")
        answer = self._coded_answer(concept, row.get("value_as_string") or source)
        if not answer.codings and answer.text:
            return answer.text
        return answer or None

    def _coded_answer(self, concept: int | None, source: str | None) -> CodedText:
        if concept:
            return CodedText(self.book.codings(concept))
        return CodedText(self.book.source_codings("value", source), source)

    def _written_amount(self, text: str | None, row: CdmRow) -> Amount | Faulty | None:
        if not text:
            return None
        number = _plain_number(text)
        if number is None:
            return Faulty("is no number, or one that is too long")
        concept = whole_number(row.get("unit_concept_id"))
        if not concept:
            return Amount(number, unit=row.get("unit_source_value"))
        unit = self.book.unit(concept)
        return Amount(number, code=unit) if unit else Amount(number, unit=f"concept {concept}")


def _id_text(row: CdmRow, column: str) -> str:
    """The concept id in a column as the mapping writes it; `0` where there is none."""
    text = row.get(column)
    number = whole_number(text)
    return str(number or 0) if number is not None or not text else text


def _written_day(text: str | None) -> PossibleDays | Faulty:
    return written_days(text) or Faulty("has no date")


def _death_days(text: str | None) -> PossibleDays | bool:
    found = written_days(text)
    return found if isinstance(found, PossibleDays) else True


def _birth_days(parts: list[str | None]) -> PossibleDays | Faulty | None:
    """The days of birth: of a year or a month, where the rest is missing."""
    year, month, day = (whole_number(part) if part else None for part in parts)
    if year is None:
        return Faulty("the year of birth is no number") if parts[0] else None
    if not 0 < year <= 9999 or not 0 <= (month or 1) <= 99 or not 0 <= (day or 1) <= 99:
        return Faulty("the date of birth is no date")
    written = f"{year:04}" + (f"-{month:02}" + (f"-{day:02}" if day else "") if month else "")
    return written_days(written)


def _plain_number(text: str) -> str | None:
    """A number as decimal text without needless zeros, so that every form of a table gives the same; None if it is none."""
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        return None
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain
