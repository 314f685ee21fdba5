"""What clauses cost a cohort, against judging it with every set of clauses left out; moved limits, against edited trial files."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.library.load import load_trial
from solver.library.models import Library, Trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.questions.relax import ask
from solver.questions.relax.answer import RelaxAnswer
from solver.questions.relax.ask import relax
from solver.questions.relax.moving import RelaxQuestion
from tests.support.drawing.drawn import drawn
from tests.support.drawing.strategies import records
from tests.support.records.worked import Json
from tests.support.twins.invented import compile_world, holds_of_someone, partly_encoded, patients

DAY = "2025-06-01"


def counted(matcher: Matcher, cohort: Iterable[Record], code: str) -> tuple[int, int]:
    """How many are not excluded, and how many are eligible."""
    verdicts = Counter(matcher.verdicts(record, [code])[0].verdict for record in cohort)
    told = sum(verdicts[each] for each in ("eligible", "undetermined", "unresolved"))
    return told, verdicts["eligible"]


def left_out(
    library: Library, cohort: Sequence[Record], code: str, names: Collection[str]
) -> tuple[int, int]:
    """The same without these clauses."""
    return counted(Matcher(library, without=list(names)) if names else Matcher(library), cohort, code)


def check_counts(
    library: Library, cohort: Sequence[Record], answer: RelaxAnswer, names: Iterable[str]
) -> None:
    """That what is said of these clauses, and of all together, is what leaving them out gives."""
    told, fitting = left_out(library, cohort, answer.code, ())
    assert (answer.not_excluded, answer.eligible) == (told, fitting)
    rows = {each.clause: each for each in answer.clauses}
    for name in names:
        gained, fits = left_out(library, cohort, answer.code, [name])
        assert rows[name].gain == gained - told, name
        assert rows[name].gain_eligible in (fits - fitting, None), name
    everything, _ = left_out(library, cohort, answer.code, [*rows])
    assert sum(Fraction(each.shapley_exact) for each in answer.clauses) == everything - told
    if answer.without is not None:
        gained, fits = left_out(library, cohort, answer.code, answer.without.clauses)
        assert answer.without.gain == gained - told
        assert answer.without.gain_eligible in (fits - fitting, None)


def by_orders(library: Library, cohort: Sequence[Record], answer: RelaxAnswer) -> dict[str, Fraction]:
    """The Shapley values by their definition: what each clause adds, in every order of leaving them out."""
    names = [each.clause for each in answer.clauses]
    worth: dict[frozenset[str], int] = {}
    found = dict.fromkeys(names, Fraction(0))
    orders = list(permutations(names))
    for order in orders:
        before = answer.not_excluded
        for place, name in enumerate(order):
            chosen = frozenset(order[: place + 1])
            if chosen not in worth:
                worth[chosen] = left_out(library, cohort, answer.code, chosen)[0]
            found[name] += Fraction(worth[chosen] - before, len(orders))
            before = worth[chosen]
    return found


@given(data=st.data())
@settings(drawn(5), phases=(Phase.explicit, Phase.generate))
def test_it_says_what_leaving_clauses_out_gives(data: st.DataObject) -> None:
    """On invented worlds, with texts and second readings, for every clause; the shares are those of all orders."""
    world, patient = data.draw(partly_encoded())
    assume(holds_of_someone(world, patient.as_of))
    others = data.draw(st.lists(patients(world), min_size=1, max_size=2))
    library = compile_world(world)
    same = [replace(each, as_of=patient.as_of) for each in others]
    cohort = [read_record(each.record(), library, name="invented") for each in (patient, *same)]
    for trial in library.trials.values():
        names = [clause.id for clause in trial.clauses]
        without = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
        answer = relax(Matcher(library), trial.code, cohort, without=without)
        check_counts(library, cohort, answer, [each.clause for each in answer.clauses])
        if len(answer.clauses) <= 3:
            shares = {each.clause: Fraction(each.shapley_exact) for each in answer.clauses}
            assert shares == by_orders(library, cohort, answer)


@given(data=st.data())
@settings(drawn(3), phases=(Phase.explicit, Phase.generate))
def test_real_trials_agree_as_well(data: st.DataObject, library: Library) -> None:
    """For some clauses of the trials, and some at once."""
    code = data.draw(st.sampled_from(sorted(library.trials)))
    drawn_records = data.draw(st.tuples(*[records(library, complete=True)] * 3))
    cohort = [read_record(each, library, name="drawn") for each in drawn_records]
    names = [clause.id for clause in library.trials[code].clauses]
    without = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=8))
    answer = relax(Matcher(library), code, cohort, without=without)
    assume(not answer.incomplete)
    telling = [each.clause for each in answer.clauses if each.gain or each.gain_eligible or each.fails][:3]
    check_counts(library, cohort, answer, telling)


@pytest.fixture(scope="module")
def cohort(library: Library) -> list[Record]:
    """Patients who differ in what the limits below are about; of some of it nothing is known."""
    found = []
    for i, (ecog, blasts, weight) in enumerate(
        [
            (0, 100, 61.5),
            (1, 20000, 60),
            (2, 20001, 70.25),
            (3, 25000, 50),
            (4, None, 61.5),
            (None, 500, None),
        ]
    ):
        facts: Json = {
            "sex": "F",
            "birth_date": f"19{55 + 3 * i}-04-02",
            "ecog": ecog,
            "pb_blasts_abs": None if blasts is None else {"value": blasts, "unit": "/uL"},
            "weight": None if weight is None else {"value": weight, "unit": "kg"},
            "serum_creatinine": {"value": 90 + 15 * i, "unit": "umol/L"},
            "prior_hsct_count": 1,
            "last_hsct_date": f"2025-0{1 + i % 4}-10",
            "planned_c1d1_date": DAY,
            "qtcf": {"min": 440 + 5 * i, "max": 480, "unit": "ms"},
            "flt3_inhibitor_standard": True,
            "flt3_tkd": False,
            "flt3_itd": True,
            "flt3_itd_allelic_ratio": {"value": i / 50, "unit": "1"},
        }
        record = {"id": f"p{i}", "as_of": DAY, "facts": facts}
        found.append(read_record(record, library, name="patients"))
    return found


def edited(library: Library, folder: Path, code: str, before: str, after: str) -> Trial:
    """The trial whose file has another text."""
    text = (Path(__file__).parents[3] / "encodings" / "trials" / f"{code.lower()}.yaml").read_text(
        encoding="utf-8"
    )
    assert before in text
    path = folder / "edited.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    return load_trial(path, library)


MOVED = [
    ("RO.I3", "ecog <= 2", "ecog <= {}"),
    ("RO.I4", "pb_blasts_abs <= 20000 /uL", "pb_blasts_abs <= {} /uL"),
    ("RO.I6a", "creatinine_clearance >= 50 mL/min", "creatinine_clearance >= {} mL/min"),
    (
        "RO.I2a:2",
        "days_between(last_hsct_date, first_dose) >= 90",
        "days_between(last_hsct_date, first_dose) >= {}",
    ),
    ("SAR.I5", "weight >= 10 kg", "weight >= {} kg"),
    ("SAR.E13", "qtcf <= 470 ms", "qtcf <= {} ms"),
    ("UC.I0:2", "18 <= age <= 65", "18 <= age <= {}"),
    ("K017.E2s", "flt3_itd_allelic_ratio < 0.05", "flt3_itd_allelic_ratio < {}"),
]


@pytest.mark.parametrize(("name", "before", "after"), MOVED)
def test_a_moved_limit_is_that_of_an_edited_file(
    library: Library, cohort: list[Record], tmp_path: Path, name: str, before: str, after: str
) -> None:
    """At limits that are given and at those that are found; between two of these nothing changes."""
    code = name.partition(".")[0]
    # the other clauses would exclude everybody
    trial = library.trials[code]
    clause = next(each for each in trial.clauses if each.id == name.partition(":")[0])
    alone = replace(trial, clauses=tuple(each for each in trial.clauses if each.routing or each is clause))
    found = relax(Matcher(library.with_trial(alone)), code, cohort, move=name).move
    assert found is not None
    assert found.comparison in before
    limits = [Fraction(str(point.limit)) for point in found.points]
    told = dict(zip(limits, ((each.not_excluded, each.eligible) for each in found.points), strict=True))
    today = Fraction(before.rsplit(" ", 1)[-1] if before[-1].isdigit() else before.split()[-2])
    assert today in told
    between = [(one + other) / 2 for one, other in pairwise(limits)]
    tried = [*limits, *(each for each in between if each.denominator == 1)]
    listed = ",".join(map(ask.decimal_text, tried))
    given_limits = relax(Matcher(library.with_trial(alone)), code, cohort, move=f"{name}={listed}").move
    assert given_limits is not None
    for limit, point in zip(tried, given_limits.points, strict=True):
        kept = edited(library, tmp_path, code, before, after.format(ask.decimal_text(limit)))
        fewer = tuple(each for each in kept.clauses if each.routing or each.id == clause.id)
        counts = counted(Matcher(library.with_trial(replace(kept, clauses=fewer))), cohort, code)
        assert (point.not_excluded, point.eligible) == counts
        near = [told[each] for each in sorted(limits, key=lambda each: abs(each - limit))[:2]]
        assert counts == told[limit] if limit in told else counts in near
    assert len(limits) > (name.startswith(("RO.I3", "RO.I4", "RO.I6a", "RO.I2a", "SAR.E13")))


@pytest.mark.parametrize(
    ("move", "told"),
    [
        ("UC.I0", "UC.I0 has several comparisons: UC.I0:1 is 18 <= age, UC.I0:2 is age <= 65"),
        ("UC.I0:3", "UC.I0 has no comparison 3: UC.I0:1 is 18 <= age, UC.I0:2 is age <= 65"),
        ("UC.I1a", "UC.I1a compares nothing with a limit: there is nothing to move"),
        ("UC.I3=many", "UC.I3: 'many' is no limit: give a number, in the unit of the clause"),
        ("UC.I33", "'UC.I33' is not a known clause; did you mean 'UC.I3'?"),
        ("RO.I3", "RO.I3 is no clause of UC"),
        ("UC.I0:b", "'UC.I0:b' names no comparison: give a number behind the colon"),
    ],
)
def test_what_names_no_limit_is_refused(library: Library, move: str, told: str) -> None:
    """In one line, which lists the comparisons where there are several."""
    with pytest.raises(InputError) as raised:
        relax(Matcher(library), "UC", [], move=move)
    assert raised.value.problems[0].startswith(f"--move: {told}")


def test_some_of_many_limits_are_told(
    library: Library, monkeypatch: pytest.MonkeyPatch, cohort: list[Record]
) -> None:
    """No more than are wanted, and today's besides."""
    monkeypatch.setattr(ask, "MOST_POINTS", 2)
    move = relax(Matcher(library, without=[]), "RO", cohort, move="RO.I4").move
    assert move is not None
    assert len(move.points) <= 3
    assert 20000 in [each.limit for each in move.points]


def test_what_is_asked_goes_to_other_processes_whole(library: Library, cohort: list[Record]) -> None:
    """With the trial whose limit is moved, and what is found comes back."""
    moved, limits = ask.moved_limit(library, library.trials["RO"], None, "RO.I4")
    asked = RelaxQuestion(("RO",), None, None, "conflicts", moved=moved, limits=limits)
    there = pickle.loads(pickle.dumps(asked))
    engine = Matcher(library)
    for number, record in enumerate(cohort, 1):
        [row], [other] = (list(each.of_record(engine, record, number)) for each in (asked, there))
        assert pickle.loads(pickle.dumps(other)) == row
        assert "moved" in row
