"""Laws that hold of every trial file, as a class of tests; see `trial_laws`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solver.engine.problem import pose
from solver.evaluation.evaluate import evaluate
from solver.library.load import load_library, load_trial
from solver.library.models import Library, Trial
from solver.matcher import Matcher
from solver.patient.write import record_document
from solver.questions.examples.answer import Sheet
from solver.questions.examples.ask import examples as find_examples
from solver.questions.examples.saved_sheet import patient_verdict
from solver.questions.match.answer import TrialAnswer
from solver.testing.strategies import Json, boundary_records, completions, read, records, starting_patients

DECIDED = ("eligible", "ineligible")


class FileUnderTest:
    """A trial file with the library in whose words it is written, both read when they are first needed."""

    def __init__(self, path: Path, encodings: str | Path | None) -> None:
        self.path, self.encodings = path, encodings

    @cached_property
    def trial(self) -> Trial:
        return load_trial(self.path, load_library(self.encodings))

    @cached_property
    def library(self) -> Library:
        """The library with this trial and no other."""
        library = load_library(self.encodings)
        return replace(library.with_trial(self.trial), trials={self.trial.code: self.trial})

    @cached_property
    def matcher(self) -> Matcher:
        return Matcher(self.library)

    @cached_property
    def by_solver(self) -> Matcher:
        return Matcher(self.library, search=False)

    @cached_property
    def sheet(self) -> Sheet:
        return find_examples(self.library, self.trial)

    @cached_property
    def records(self) -> st.SearchStrategy[Json]:
        """Records at the boundaries of the trial with facts dropped and others added."""
        starts = [record_document(each, self.library) for each in starting_patients(self.library, self.trial)]
        drawn = records(self.library, like=starts, most=4)
        return st.one_of(boundary_records(self.library, self.trial.code), drawn) if starts else drawn

    def alternative(self, record: Json) -> bool:
        """Whether a record is judged under second readings."""
        return bool(read(record, self.library).context.readings)

    def answer(self, record: Json, matcher: Matcher | None = None) -> TrialAnswer | None:
        """The answer for the trial; None for a record that contradicts itself."""
        answer = (matcher or self.matcher).match(read(record, self.library))
        return answer.trials[0] if answer.consistent else None


def trial_laws(path: str | Path, *, encodings: str | Path | None = None, examples: int = 25) -> type:
    """A class of tests for pytest: what must hold of every trial file holds of this one.

    `encodings` is the folder whose vocabulary and theory the file is written in; None means the one that comes with the program. `examples`
    is how many records are drawn for each law. The file is read when the first test runs.
    """
    path = Path(path)
    case = FileUnderTest(path, encodings)

    def drawn(law: Callable[..., None]) -> Any:
        """A law of records, drawn once the file can be read."""
        quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
        ready = given(st.deferred(lambda: case.records), st.data())(law)
        kept = settings(deadline=None, derandomize=True, database=None)
        return settings(kept, max_examples=examples, suppress_health_check=quiet)(ready)

    class TrialLaws:
        """What must hold of every trial file."""

        def test_the_file_can_be_read(self) -> None:
            """The file is a trial in the words of the vocabulary, without a fault."""
            assert case.trial.clauses, f"{path}: has no clause"

        def test_every_cohort_takes_somebody(self) -> None:
            """For each cohort there is a patient who is eligible."""
            shut = [cohort for cohort, start in case.sheet.starts.items() if start is None]
            assert not shut, f"{path}: nobody was found who can enter {', '.join(shut)}"

        def test_every_example_is_judged_as_its_clause_says(self) -> None:
            """On one side of each boundary the patient is eligible, on the other ineligible by that clause alone, and both replay."""
            for example in case.sheet.examples:
                sides = {patient.standing.cohort_verdict for patient in example.patients}
                assert sides in (set(DECIDED), {"undetermined", "ineligible"}), (
                    f"{example.clause}: nothing turns"
                )
                for patient in example.patients:
                    again = patient_verdict(case.matcher, case.trial.code, patient.record, example.cohort)
                    assert again == patient.standing, f"{patient.record.id} does not replay"

        @drawn
        def test_learning_more_never_flips_a_verdict(self, record: Json, data: st.DataObject) -> None:
            """Whatever the missing values turn out to be, a verdict that is decided stays."""
            before = case.answer(record)
            assume(before is not None and before.verdict in DECIDED)
            after = case.answer(data.draw(completions(case.library, record)))
            assert before is not None
            assert after is not None, "a completion contradicts itself"
            assert after.verdict == before.verdict

        @drawn
        def test_a_patient_of_whom_all_is_known_is_decided(self, record: Json, data: st.DataObject) -> None:
            """The verdict on a completion is the one that its clauses have one by one."""
            total = data.draw(completions(case.library, record))
            answer = case.answer(total)
            assert answer is not None, "a completion contradicts itself"
            known = pose(case.library, read(total, case.library)).known
            conditions = {c.id: list(c.conditions.values()) for c in case.trial.clauses if not c.routing}
            for clause in answer.clauses:
                if clause.cohort is None and not clause.opaque and not case.alternative(record):
                    values = {evaluate(condition, known) for condition in conditions[clause.id]}
                    assert values == {clause.status == "met"}, f"{clause.id} is {clause.status}"
            assert answer.verdict in DECIDED or answer.wants_logic

        @drawn
        def test_both_evaluators_agree(self, record: Json, data: st.DataObject) -> None:
            """The solver alone comes to the same verdict, conflicts and deciding sets."""
            one, other = case.answer(record), case.answer(record, case.by_solver)
            assert (one is None) is (other is None)
            if one is not None and other is not None:
                found = [(each.verdict, each.conflicts, each.deciding_sets) for each in (one, other)]
                assert found[0] == found[1]

        @drawn
        def test_every_deciding_set_decides(self, record: Json, data: st.DataObject) -> None:
            """Once the variables of a deciding set are known, whatever their values, so is the verdict."""
            answer = case.answer(record)
            assume(answer is not None and answer.deciding_sets)
            assert answer is not None
            chosen = data.draw(st.sampled_from(answer.deciding_sets))
            total = data.draw(completions(case.library, record))
            assume(all(name in total["facts"] for name in chosen))
            more = {name: total["facts"][name] for name in chosen}
            decided = case.answer({**record, "facts": {**record["facts"], **more}})
            assert decided is not None
            assert decided.verdict in DECIDED or decided.wants_logic

    TrialLaws.__doc__ = f"What must hold of every trial file, for {path.name}."
    return TrialLaws
