"""What is cited for a clause: also where a fact says something only through another value."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from solver.engine.evidence import EvidenceFinder
from solver.engine.other_patients.of_some_facts import Evidence
from solver.engine.proofs import fresh_proofs
from solver.engine.proofs.fresh_proofs import Posed
from solver.errors import EngineError
from solver.language.tree import Condition
from solver.language.types import VariableType
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.smt.outcome import GaveUp, Outcome
from solver.smt.session import Session
from solver.work import DEFAULT_BUDGET, Budget
from tests.support.libraries.concept_library import concept_library

Types = Mapping[str, VariableType]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_a_multiple_of_the_limit_of_a_site_breaks_a_clause_that_names_no_limit(tmp_path: Path) -> None:
    """Half the limit, which the site has at 50 U/L, is not above 30 U/L: the result is cited, and nothing assumed of the limit."""
    library = concept_library(tmp_path, "alt > 30 U/L")
    text = {
        "id": "half",
        "as_of": "2026-11-20",
        "facts": {"alt": {"value": 0.5, "unit": "ULN"}},
        "context": {"reference": {"alt": [{"uln": {"value": 50, "unit": "U/L"}}]}},
    }
    (trial,) = Matcher(library).match(read_record(text, library, name="half.json")).trials
    (clause,) = trial.clauses
    assert (trial.verdict, trial.conflicts) == ("ineligible", (("ONE.I1",),))
    assert (clause.facts, clause.assumptions) == (("alt",), ())


def test_the_conflicts_of_a_record_are_proved_in_one_session(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many conflicts of however many trials there are: the checks of a solver do not grow with them."""
    sessions = _scripts(monkeypatch)
    answer = Matcher(library).match(_record(library))
    assert sum(len(trial.conflicts) for trial in answer.trials) > 3
    assert len(sessions) == 1


def test_a_claim_is_proved_once_and_another_by_itself(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a second patient only what the first did not have is proved: the same facts are not, another value of one of them is."""
    checks = _scripts(monkeypatch)
    matcher, record = Matcher(library), _record(library)
    first = matcher.match(record)
    assert len(checks) == 1
    assert matcher.match(replace(record, id="another")).trials == first.trials
    assert len(checks) == 1
    text = (EXAMPLES / "closed-door.json").read_text(encoding="utf-8")
    other_record = read_record(
        text.replace('"birth_date": "1963-12-05"', '"birth_date": "1964-12-05"').encode(),
        library,
        name="other.json",
    )
    other = matcher.match(other_record)
    assert len(checks) == 2
    assert other == Matcher(library).match(other_record)
    assert len(checks[1]) < len(checks[2])


def test_a_conflict_that_is_not_proved_is_an_error(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that only seems to be among others that are conflicts is found out, and no answer is given."""
    found = EvidenceFinder.evidence

    def without_facts(self: EvidenceFinder, condition: Condition, truth: bool) -> Evidence | None:
        evidence = found(self, condition, truth)
        return None if evidence is None else Evidence((), evidence.assumptions, evidence.axioms)

    monkeypatch.setattr(EvidenceFinder, "evidence", without_facts)
    with pytest.raises(EngineError, match="could not be proved by the solver"):
        Matcher(library).match(_record(library))


def test_conflicts_that_are_not_proved_together_are_proved_one_by_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the solver gives up on all of them at once the answer is the same."""
    whole = Matcher(library).match(_record(library))
    checked = fresh_proofs.solver_outcome

    def alone(types: Types, budget: Budget | None, claims: Sequence[Posed]) -> Outcome:
        return (
            checked(types, budget, claims) if len(claims) == 1 else GaveUp("budget of steps", DEFAULT_BUDGET)
        )

    monkeypatch.setattr(fresh_proofs, "solver_outcome", alone)
    assert Matcher(library).match(_record(library)) == whole


def test_what_many_trials_ask_in_the_same_words_is_proved_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of copies of the trials under other codes nothing is proved besides, and each is answered as the trial."""
    many = library
    for i in range(5):
        for trial in pickle.loads(pickle.dumps(tuple(library.trials.values()))):
            many = many.with_trial(replace(trial, code=f"{trial.code}{i}", nct=f"NCT{i}{trial.nct[4:]}"))
    claimed: list[int] = []
    checked = fresh_proofs.solver_outcome

    def counted(types: Types, budget: Budget | None, claims: Sequence[Posed]) -> Outcome:
        claimed.append(len(claims))
        return checked(types, budget, claims)

    monkeypatch.setattr(fresh_proofs, "solver_outcome", counted)
    few, whole = (Matcher(each).match(_record(each)).trials for each in (library, many))
    assert claimed[0] == claimed[1] > 3
    alike = [each for each in few if each.code != "SAR"]  # whose cohorts are closed under its own code
    copies = [each.conflicts for each in whole if not each.code.startswith("SAR")]
    assert copies == [each.conflicts for each in alike] * 6
    monkeypatch.setattr(fresh_proofs, "_TOGETHER", 2)
    claimed.clear()
    assert Matcher(library).match(_record(library)).trials == few
    assert max(claimed) <= 2


def _record(library: Library) -> Record:
    return read_record((EXAMPLES / "closed-door.json").read_bytes(), library, name="closed-door.json")


def _scripts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The script of each session, from now on."""
    scripts: list[str] = []
    made = Session.__init__
    monkeypatch.setattr(
        Session, "__init__", lambda *args, **given: (scripts.append(args[1]), made(*args, **given))[1]
    )
    return scripts


def test_what_a_record_alone_tells_is_no_evidence_of_another(library: Library) -> None:
    """Limits of normal bring axioms that hold for one record: what they leave out is cited of the other, whoever comes first."""
    text = {
        "id": "child",
        "as_of": "2025-06-01",
        "facts": {
            "birth_date": "2023-10-01",
            "weight": {"value": 10, "unit": "kg"},
            "diagnosis": "BPDCN",
            "qtcf": {"replicates": [402, 405, 399], "unit": "ms"},
        },
    }
    limits = {"reference": {"alt": [{"sex": "M", "uln": {"value": 50, "unit": "U/L"}}]}}
    records = [read_record({**text, **more}, library) for more in ({"context": limits}, {})]
    alone = [Matcher(library).match(record) for record in records]
    for order in ((0, 1), (1, 0)):
        matcher = Matcher(library)
        for i in order:
            assert matcher.match(records[i]) == alone[i]
