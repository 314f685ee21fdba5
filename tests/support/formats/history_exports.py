"""What exports of invented patients say of their history, and what follows from it by the theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.engine.conversion.following_facts import following_facts
from solver.language.domain import Domain
from solver.library.models import Library
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.gathered import Candidate, Gathered
from solver.patient.readers.foreign.history.gather import gather_history
from solver.patient.readers.foreign.statements import (
    Amount,
    ClinicalStatus,
    CodedText,
    Coding,
    ConditionStatement,
    Dosage,
    DrugStatement,
    Faulty,
    PossibleDays,
    ProcedureStatement,
    SourceStatement,
)
from solver.patient.readers.native.read import record_from
from tests.support.formats.exports import AS_OF, day_number, days

SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10pcs": "http://www.cms.gov/Medicare/Coding/ICD10",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
}


def coded(*codes: str, text: str | None = None) -> CodedText:
    """Codings as `system code`, or `system code display`, and a text."""
    parts = [code.split(" ", 2) for code in codes]
    codings = (Coding(SYSTEMS.get(p[0], p[0]), p[1], p[2] if len(p) > 2 else None) for p in parts)
    return CodedText(tuple(codings), text)


def condition(
    *codes: str,
    at: int = 1,
    text: str | None = None,
    status: ClinicalStatus | None = "active",
    onset: str | Faulty | None = None,
    abatement: str | Faulty | None = None,
    recorded: str | None = None,
    confirmed: bool = False,
    unconfirmed: str | None = None,
    excluded: bool = False,
    feature: bool = False,
) -> ConditionStatement:
    """A condition with these codings."""
    return ConditionStatement(
        ResourcePlace(f"entry[{at}]", "Condition", f"c{at}"),
        coded(*codes, text=text),
        status,
        onset if isinstance(onset, Faulty) else days(onset),
        abatement if isinstance(abatement, Faulty) else days(abatement),
        recorded=days(recorded),
        confirmed=confirmed,
        unconfirmed=unconfirmed,
        excluded=excluded,
        feature=feature,
    )


def procedure(
    *codes: str,
    at: int = 1,
    day: str | Faulty | None = None,
    text: str | None = None,
    unconfirmed: str | None = None,
) -> ProcedureStatement:
    """A procedure with these codings."""
    when = day if isinstance(day, Faulty) else days(day)
    place = ResourcePlace(f"entry[{at}]", "Procedure", f"p{at}")
    return ProcedureStatement(place, coded(*codes, text=text), when, unconfirmed)


def drug(
    *codes: str,
    at: int = 1,
    text: str | None = None,
    start: str | Faulty | None = None,
    end: str | Faulty | None = None,
    ongoing: bool | None = None,
    order: bool = False,
    form: str | None = None,
    dosages: Sequence[Dosage] = (),
    unconfirmed: str | None = None,
    joined: Sequence[int] = (),
    ingredients: Sequence[CodedText] = (),
) -> DrugStatement:
    """A drug with these codings."""
    return DrugStatement(
        ResourcePlace(f"entry[{at}]", "MedicationRequest" if order else "MedicationStatement", f"m{at}"),
        (coded(*codes, text=text), *ingredients),
        start if isinstance(start, Faulty) else days(start),
        end if isinstance(end, Faulty) else days(end),
        ongoing,
        order,
        CodedText((), form),
        tuple(dosages),
        unconfirmed,
        frozenset(f"entry[{each}]" for each in joined),
    )


def given_on(day: str, *codes: str, at: int = 1, text: str | None = None) -> DrugStatement:
    """A drug that was given on one day."""
    return drug(*codes, at=at, text=text, start=day, end=day, ongoing=False)


def dose(
    number: str | None,
    times: str | None = None,
    *,
    unit: str = "mg",
    period: tuple[str, str] = ("1", "d"),
    timing: str | None = None,
    as_needed: bool = False,
    route: str | None = None,
    sequence: int | None = None,
    bounds: PossibleDays | None = None,
) -> Dosage:
    """A dosage: so much, so often."""
    return Dosage(
        None if number is None else Amount(number, unit=unit, code=unit),
        times,
        None if times is None else Amount(period[0], unit=period[1], code=period[1]),
        timing,
        as_needed,
        CodedText((), route),
        sequence,
        bounds,
    )


def history(library: Library, *statements: SourceStatement) -> Gathered:
    """What statements of the history are gathered to, on 2026-11-20."""
    gathered = Gathered(Account("fhir-r4"), day_number(AS_OF))
    for each in statements:
        gathered.account.row(each.place)
    gather_history(statements, gathered, library)
    return gathered


def entries(gathered: Gathered) -> list[Mapping[str, object]]:
    """The entries that were gathered, without their sources, in an order of their own."""
    return sorted((event.document for event in gathered.events), key=repr)


def facts(gathered: Gathered) -> dict[str, Mapping[str, object]]:
    """The facts that were gathered, by variable, with numbers as text; each variable once."""
    found: dict[str, Mapping[str, object]] = {}
    for each in gathered.candidates:
        assert each.variable not in found, each.variable
        plain = {key: getattr(value, "text", value) for key, value in each.fact.items()}
        found[each.variable] = plain
    return found


def candidate(gathered: Gathered, variable: str) -> Candidate:
    """The one candidate of a variable."""
    (found,) = [each for each in gathered.candidates if each.variable == variable]
    return found


def doubted(gathered: Gathered) -> set[str]:
    """The variables, concepts and lists whose absence is in doubt."""
    return {name for each in gathered.mentions for name in (*each.variables, *each.concepts, *each.lists)}


def outcomes(gathered: Gathered) -> list[str | None]:
    """What became of each resource, in order."""
    return [row.outcome for row in gathered.account.rows.values()]


def following(library: Library, gathered: Gathered, complete: Sequence[str] = ()) -> Mapping[str, Domain]:
    """What follows from the entries for the variables that mean them, where the lists or concepts of `complete` are."""
    told: dict[str, list[object]] = {}
    for position, event in enumerate(gathered.events):
        # what several resources tell is several events, however alike
        told.setdefault(event.list, []).append({**event.document, "source": f"event {position}"})
    document = {"id": "x", "as_of": AS_OF, "facts": told, "complete": list(complete)}
    return following_facts(library, record_from(document, library))
