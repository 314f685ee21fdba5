"""The report of `match tests`: what to order, first across all trials and then for each, and what does not matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.engine.answer import Requirement
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.workup import answer as a
from solver.report.head import FAINT, HEADING, STYLES, Frame, fits_words, verdict_words
from solver.report.page import Page, Span
from solver.report.requirement_units import short
from solver.report.words import listed, number, recruitment_told

_WAYS = 4


def work_up_page(answer: a.TestsAnswer, record: Record, library: Library, width: int) -> Page:
    """The answer for people."""
    report = TestsReport(answer, record, library, width)
    report.header()
    if answer.consistent is False:
        report.contradictions()
    elif answer.consistent:
        unsettled = [each for each in report.trials if each.verdict in ("undetermined", "unresolved")]
        report.recruiting(map(recruitment_told, unsettled))
        report.across()
        for trial in sorted(answer.trials, key=lambda each: each.verdict != "undetermined"):
            report.one(trial)
        report.notes()
    report.footer()
    return report.page


class TestsReport(Frame[a.TestsAnswer, a.TrialTests]):
    """The whole report; `ordered` are the tests that it names, for what is said of them at its end."""

    assumed = "Assumed, as long as it is not recorded"

    def __init__(self, answer: a.TestsAnswer, record: Record, library: Library, width: int) -> None:
        super().__init__(answer, record, library, width)
        self.ordered: dict[str, None] = {}

    # across all trials

    def across(self) -> None:
        """The plans that settle several trials, the one that settles most first."""
        page, plans = self.page, self.answer.shared
        decided = sum(trial.verdict in ("eligible", "ineligible") for trial in self.answer.trials)
        if not plans:
            return
        page.blank()
        page.text("Across all trials", style=HEADING)
        if decided:
            page.text(f"{decided} of {len(self.answer.trials)} are decided already.", indent=2)
        for i, shared in enumerate(plans, 1):
            total = decided + len(shared.trials)
            verb = "is" if total == 1 else "are"
            price = self.price_words(shared.plan)
            text = f"{listed(shared.trials)} settled: {total} of {len(self.answer.trials)} {verb} decided ({price})"
            page.text(text, indent=2, lead=f"{i}. ")
            page.text(self._told_shortly(i, shared.plan), indent=5)
        if not self.answer.shared_complete:
            page.text("The search was cut short: there may be cheaper ways.", indent=2)

    def _told_shortly(self, i: int, plan: a.Plan) -> str:
        """The tests of the plan of this number, or what it leaves out of the one before, where that is fewer."""
        ids = {each.test for each in plan.tests}
        if i > 1:
            before = [each.test for each in self.answer.shared[i - 2].plan.tests]
            left_out = [test for test in before if test not in ids]
            if ids.issubset(before) and len(left_out) < len(ids):
                return f"as {i - 1} without {self._test_labels(left_out)}"
        return self._ordered_tests(plan)

    def _test_labels(self, tests: Iterable[str]) -> str:
        return "; ".join(self.library.tests[test].label for test in tests)

    def _ordered_tests(self, plan: a.Plan) -> str:
        self.ordered.update(dict.fromkeys(each.test for each in plan.tests))
        return self._test_labels(each.test for each in plan.tests)

    def price_words(self, plan: a.Plan) -> str:
        """What a plan asks of the patient, and how long it takes."""
        days = "results the same day" if plan.days == 0 else f"results within {number(plan.days, 'day')}"
        return f"burden {plan.weight}, {days}"

    # one trial

    def one(self, trial: a.TrialTests) -> None:
        """What to order for one trial."""
        page = self.page
        published = " (published criteria only)" if trial.published_only else ""
        verdict = f"{verdict_words(trial)}{published}"
        self.trial_heading(trial.code, trial.trial, trial.title, Span(verdict, STYLES[trial.verdict]))
        if trial.verdict == "unresolved":
            page.text("The question was not decided within the solver's budget.", indent=2)
        if trial.verdict == "undetermined":
            if trial.at_best == "undetermined":
                text = f"{trial.encoded}: whatever the results, the patient cannot be shown to be eligible."
                page.text(text, indent=2)
            self._write_next(trial)
            self._write_plan(trial)
            self._write_route(trial)
            self._write_decisive(trial.decisive)
            self._write_pair(trial)
        if trial.assuming:
            self.assuming(trial.assuming, "Assuming (the verdict needs each of these):")
        self._write_idle(trial)

    def _write_next(self, trial: a.TrialTests) -> None:
        if trial.next is None:
            return
        label = self.library.tests[trial.next.test].label
        ends, wins = self._decisive_words(trial.next.decisive)
        reasons = [*(f"{text} ends this trial" for text in ends), *(f"{text} is enough" for text in wins)]
        why = f" - {'; '.join(reasons)}" if reasons else " - it asks least of the patient"
        self.page.text(f"{label}{why}", indent=2, lead="order first: ", lead_style=HEADING)

    def _write_plan(self, trial: a.TrialTests) -> None:
        page, plan = self.page, trial.plan
        if plan is None:
            cut = "The search for what would settle it was cut short."
            page.text("No tests settle it." if trial.complete else cut, indent=2)
            return
        least = "; proved: whatever the results, and no lighter set does"
        proved = least if plan.cheapest else "; lighter sets were not ruled out"
        page.text(f"What settles it ({self.price_words(plan)}{proved})", indent=2, style=HEADING)
        for each in plan.tests:
            labels = "; ".join(self.words.wanted(name) for name in each.variables)
            self.ordered[each.test] = None
            page.text(f"{self.library.tests[each.test].label}: {labels}", indent=4, lead="- ")
        self._write_ways(trial)

    def _write_ways(self, trial: a.TrialTests) -> None:
        """What else would settle it: what another deciding set has in place of some of what is asked for."""
        if trial.plan is None:
            return
        asked = frozenset(name for each in trial.plan.tests for name in each.variables)
        swaps = set_swaps(asked, trial.deciding_sets)
        texts = [f"{self.wanted_words(n)} in place of {self.wanted_words(o)}" for o, n in swaps[:_WAYS]]
        if texts:
            more = [f"{number(len(swaps) - _WAYS, 'other way')}"] if len(swaps) > _WAYS else []
            self.page.text("; ".join([*texts, *more]), indent=4, lead="or: ")

    def wanted_words(self, names: frozenset[str]) -> str:
        """What to find out, by name."""
        return listed([self.words.wanted(name) for name in sorted(names)])

    def _write_route(self, trial: a.TrialTests) -> None:
        page, route = self.page, trial.route
        if route is None:
            return
        same = trial.plan is not None and route.plan.tests == trial.plan.tests
        price = "" if same else f" ({self._ordered_tests(route.plan)}; {self.price_words(route.plan)})"
        proved = "" if route.plan.cheapest else "; a lighter way was not ruled out"
        page.text(f"{fits_words(trial.provisos)} with these results{price}{proved}", indent=2, style=HEADING)
        for item in route.results:
            page.text(self.requirement_words(item), indent=4, lead="- ")
        if route.together:
            labels = listed([self.library.variables[name].label for name in route.jointly])
            others = listed([self.library.variables[name].label for name in route.whatever], "or")
            whatever = f", whatever {others} may be" if others else ""
            page.text(f"{labels}, so that together{whatever}", indent=4, lead="- ")
            for name in route.together:
                page.text(f"{name} {self.words.clause(name).label}", indent=8, lead="- ")

    def requirement_words(self, item: Requirement) -> str:
        """A variable with the results that are required of it."""
        if item.text is None:
            return f"{self.words.wanted(item.variable)}: any value that is possible"
        return self.words.required(item.variable, item.text)

    def _decisive_words(self, found: Sequence[a.Decisive]) -> tuple[list[str], list[str]]:
        """The values that end a trial, and those that are enough."""
        ends = [self.words.required(each.variable, each.ends_text) for each in found if each.ends_text]
        wins = [self.words.required(each.variable, each.wins_text) for each in found if each.wins_text]
        return ends, wins

    def _write_decisive(self, found: Sequence[a.Decisive]) -> None:
        ends, wins = self._decisive_words(found)
        for lead, texts in (("ends it at once: ", ends), ("enough by itself: ", wins)):
            if texts:
                self.page.text("; ".join(texts), indent=2, lead=lead)

    def _write_pair(self, trial: a.TrialTests) -> None:
        if trial.pair is None:
            return
        satisfies = "satisfies the trial" if trial.at_best == "eligible" else "satisfies what is encoded"
        self.page.text("Two patients who both fit the record", indent=2, style=HEADING)
        for name, (first, second) in zip(trial.pair.differs, trial.pair.told, strict=True):
            label = self.library.variables[name].label
            self.page.text(f"{label}: {first} {satisfies}, {second} does not", indent=4, lead="- ")
        self.page.text("They agree on everything else that bears on the trial.", indent=4, style=FAINT)

    # what does not matter

    def _write_idle(self, trial: a.TrialTests) -> None:
        rows = self.idle_rows(trial)
        if rows:
            self.page.text("What is missing and does not matter", indent=2, style=HEADING)
        for row in rows:
            self.page.text(row, indent=4, lead="- ")

    def idle_rows(self, trial: a.TrialTests) -> list[str]:
        """What is missing and does not matter, each with the reason, those with the same one together."""
        excluded: list[str] = []
        groups: dict[str, list[str]] = {}
        for each in trial.idle:
            if trial.verdict == "ineligible" and any(clause.why == "decided" for clause in each.clauses):
                excluded.append(self.library.variables[each.variable].label)
            else:
                why = "; ".join(dict.fromkeys(map(self._clause_reason, each.clauses)))
                groups.setdefault(why, []).append(self.words.wanted(each.variable))
        decided = [f"{'; '.join(excluded)}: excluded already, whatever these are"] if excluded else []
        return [*decided, *(f"{'; '.join(labels)}: {why}" for why, labels in groups.items())]

    def _clause_reason(self, clause: a.IdleClause) -> str:
        """Why one clause does not make a variable matter, and what it alone would ask for."""
        basis = "; ".join(filter(None, (self.words.facts(clause.facts), *clause.assumed)))
        because = f" ({basis})" if basis else ""
        text = {
            "met": f"{clause.clause} is met with any value{because}",
            "not_met": f"{clause.clause} is not met with any value{because}",
            "closed": f"{clause.clause} is about cohorts that are not possible",
        }.get(clause.why, f"{clause.clause} does not turn on it")
        return text + (
            f"; it asks for {short(self.words.limits(clause.requires))}" if clause.requires else ""
        )

    def notes(self) -> None:
        """What to know of the tests that are named above."""
        tests = [test for test in map(self.library.tests.__getitem__, self.ordered) if test.note]
        if tests:
            self.page.blank()
            self.page.text("About the tests", style=HEADING)
            for test in tests:
                self.page.text(test.note, indent=2, lead=f"{test.label}: ")


def set_swaps(
    asked: frozenset[str], sets: Sequence[Sequence[str]]
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """What each further set leaves out of the one that is asked for, and has in its place; what others make up between them is left out."""
    every = [(asked - frozenset(names), frozenset(names) - asked) for names in sets]
    swaps = sorted(
        {(old, new) for old, new in every if new},
        key=lambda s: (len(s[0] | s[1]), sorted(s[0]), sorted(s[1])),
    )
    found: list[tuple[frozenset[str], frozenset[str]]] = []
    for old, new in swaps:
        parts = [(o, n) for o, n in found if o <= old and n <= new]
        if frozenset().union(*(n for _, n in parts)) != new:
            found.append((old, new))
    return found
