"""What the flat program shows is what `match` answers, and what brute force finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

import pytest

from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.program.verdicts import shown_verdicts
from solver.questions.match.answer import MatchAnswer
from solver.screen.judge import judge
from tests.support.records import worked
from tests.support.records.matchers import Undated
from tests.support.records.screened import as_match_says
from tests.support.records.worked import Json
from tests.support.twins.differential import Answers, check_world

MANY = pytest.param(2_000, id="many", marks=pytest.mark.slow)


def judged_as_well(library: Library) -> Answers:
    """The answers of `match`, where those of the flat program agree with them."""
    matcher, judging = Undated(library), Matcher(library)

    def answers(text: bytes) -> Iterable[MatchAnswer]:
        record = read_record(text, library, name="drawn.json")
        whole = matcher.match(record)
        for level in ("none", "clauses"):
            found = judge(judging, record, level=level)
            assert list(found.trials) == [as_match_says(each, level) for each in whole.trials]
        return [whole]

    return answers


@pytest.mark.parametrize("count", [pytest.param(1, id="some"), MANY])
def test_small_worlds_are_judged_as_by_brute_force(count: int) -> None:
    """Of invented trials and records, verdict, blocking and open clauses are those of `match`, and these those of brute force."""
    for number in range(count):
        _, found = check_world(16, number, judged_as_well)
        assert found is None, found


def partly_filled(random: Random) -> Json:
    """A worked patient of whom some facts are not recorded, and perhaps some are another's."""
    names = sorted(worked.load("patients"))
    record = dict(worked.patient(random.choice(names)), as_of="2025-06-01")
    facts = dict(record["facts"])
    if random.random() < 0.4:
        others = worked.patient(random.choice(names))["facts"]
        facts.update({name: others[name] for name in random.sample(sorted(others), len(others) // 6)})
    share = random.choice([0, 0.05, 0.1, 0.3, 0.6])
    left_out = random.sample(sorted(facts), int(len(facts) * share))
    return {**record, "facts": {name: fact for name, fact in facts.items() if name not in left_out}}


@pytest.mark.parametrize("count", [pytest.param(8, id="some"), MANY])
def test_partly_filled_records_are_judged_as_by_the_engine(library: Library, count: int) -> None:
    """With `prove` each answer is compared with that of the engine, and a difference is an error."""
    matcher, random = Matcher(library), Random(7)
    for _ in range(count):
        record = read_record(partly_filled(random), library, name="drawn")
        judge(matcher, record, level=random.choice(["none", "clauses"]), prove=True)


def test_most_verdicts_are_shown(library: Library) -> None:
    """Nine of ten verdicts on patients with a tenth of the facts missing need neither search nor solver."""
    matcher, random, tally = Matcher(library), Random(3), Counter[bool]()
    for name in sorted(worked.load("patients"))[:12]:
        record = dict(worked.patient(name), as_of="2025-06-01")
        left_out = random.sample(sorted(record["facts"]), len(record["facts"]) // 10)
        record["facts"] = {name: fact for name, fact in record["facts"].items() if name not in left_out}
        opened = matcher.open(read_record(record, library, name=name))
        if opened.consistent:
            trials = matcher.chosen(None)
            shown = shown_verdicts(matcher, matcher.case(opened, []), trials, clauses=False)
            tally.update(trial.code in shown.verdicts for trial in trials)
    assert tally[True] > 9 * tally[False]


def test_a_difference_is_an_error(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a verdict shown that is not so, `prove` would tell."""
    from solver.errors import EngineError
    from solver.program import verdicts

    monkeypatch.setattr(verdicts, "_verdict", lambda form, values, whole: "eligible")
    record = read_record({"as_of": "2025-06-01", "facts": {}}, library, name="empty")
    with pytest.raises(EngineError, match="is not what is proved"):
        judge(Matcher(library), record, level="none", prove=True)
