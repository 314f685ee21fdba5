"""The brief report of `match tests`: what to order first, what settles it, and what ends it; 25 lines for one trial, 40 for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from solver.engine.answer import Requirement
from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.workup import answer as a
from solver.questions.workup.page import TestsReport, set_swaps
from solver.report.brief import (
    FOLDED_LINES,
    FOR_ALL,
    FOR_ONE,
    add_blocks,
    takes_nobody,
    write_contradictions,
    write_folded,
    write_judged_by,
    write_patient,
    write_trial_line,
)
from solver.report.brief_words import in_place
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.head import FAINT, HEADING, fits_words, verdict_words
from solver.report.page import Page
from solver.report.words import listed, number, recruitment

_FEW = 2
"""The page on so many trials is no longer than that on one."""


class _Form(NamedTuple):
    """How much is said of one trial: so many tests a line each, or all in a paragraph, and so many lines of anything else."""

    tests: int
    lines: int


_FORMS = (_Form(12, 4), _Form(8, 2), _Form(5, 2), _Form(3, 1), _Form(0, 1), _Form(0, 0))
_IDLE_FORMS = ((30, 9), (30, 4), (12, 3), (8, 2), (4, 1), (1, 1))


def brief_tests_page(
    answer: a.TestsAnswer,
    record: Record,
    library: Library,
    width: int,
    *,
    left_out: Sequence[str] | None = None,
) -> Page:
    """The answer for people with little time.

    `left_out` are the codes of the trials that were not asked about since they are closed; None means that closed trials are wanted.
    """
    return _BriefTests(answer, record, library, min(width, MOST_COLUMNS)).written(left_out)


def idle_page(answer: a.TestsAnswer, record: Record, library: Library, width: int) -> Page:
    """Which missing data do not matter, and why, and nothing else."""
    return _BriefTests(answer, record, library, min(width, MOST_COLUMNS)).written_idle()


class _BriefTests(TestsReport):
    def _begin(self) -> bool:
        """Write the head; returned is whether anything can be said of trials."""
        write_patient(self)
        if self.answer.consistent is False:
            write_contradictions(self)
            return False
        self.write_safety()
        write_judged_by(self)
        return True

    def _most(self) -> int:
        """The lines of the page, but for the one that says what is folded."""
        return (FOR_ONE if len(self.answer.trials) <= _FEW else FOR_ALL) - FOLDED_LINES

    def written(self, left_out: Sequence[str] | None) -> Page:
        """The page on what to order."""
        page, trials = self.page, self.answer.trials
        if not self._begin():
            return page
        asked = in_place(trial for trial in trials if trial.verdict in ("undetermined", "unresolved"))
        decided = [trial for trial in trials if trial not in asked]
        shut = [trial for trial in asked if left_out is not None and takes_nobody(trial)]
        asked = [trial for trial in asked if trial not in shut]
        if decided:
            page.folded([self._verdict_words(trial) for trial in decided], 3, lead="Nothing to order for: ")
        closed = [f"{code} ({self._status(code)})" for code in left_out or ()]
        closed += [f"{trial.code} (every cohort that may fit)" for trial in shut]
        if closed:
            page.folded([f"{listed(closed)}; with --all"], 2, lead="Closed, not asked about: ")
        page.blank()
        across = [self._across_forms()] if len(asked) > 1 and self.answer.shared else []
        each = [[*(self._form(trial, form) for form in _FORMS), Page(page.width)] for trial in asked]
        few = len(trials) <= _FEW and bool(asked)
        assumed = [[self._assumed(2), Page(page.width)]] if few else []
        chosen = add_blocks(page, [*across, *each, *assumed], self._most())
        forms = chosen[len(across) : len(across) + len(each)]
        short = [trial.code for trial, form in zip(asked, forms, strict=True) if form]
        assumptions = 0 if few and chosen[-1] < len(assumed[0]) - 1 else len(self.answer.assumptions)
        idle = sum(len(trial.idle) for trial in trials)
        idle_words = [f"{number(idle, 'missing item')} without effect (--show-idle)"] if idle else []
        more = [f"more on {listed(short)}"] if short else []
        write_folded(
            page,
            [(assumptions, "assumption")],
            [*more, *idle_words, *(["notes on the tests"] if asked else [])],
        )
        return page

    def written_idle(self) -> Page:
        """The page on what does not matter."""
        page = self.page
        if not self._begin():
            return page
        page.blank()
        told = [trial for trial in self.trials if trial.idle]
        if not told:
            page.text("All that is missing matters, or nothing is missing that a clause asks about.")
        blocks = [[*(self._idle_form(trial, *form) for form in _IDLE_FORMS)] for trial in told]
        short = [told[i].code for i, place in enumerate(add_blocks(page, blocks, self._most())) if place > 1]
        if short:
            write_folded(page, [], [f"reasons, for {listed(short)}"])
        return page

    # trials

    def _status(self, code: str) -> str:
        return recruitment(self.library.trials[code])

    def _verdict_words(self, trial: a.TrialTests) -> str:
        published = " (published criteria)" if trial.published_only else ""
        return f"{trial.code} {verdict_words(trial)}{published}"

    def _heading(self, trial: a.TrialTests) -> None:
        write_trial_line(self.page, trial, trial.trial, None, self.answer.as_of)

    def _on_a_page(self, write: Callable[[], None]) -> Page:
        """What is written on a page of its own."""
        before, self.page = self.page, Page(self.page.width)
        write()
        written, self.page = self.page, before
        return written

    def _across_forms(self) -> list[Page]:
        """The plan that settles the most trials, grouped by what is done at once; in fewer lines the fewer there are."""

        def across(lines: int) -> None:
            plan = self.answer.shared[0]
            groups = [f"{group.count} {group.label}" for group in plan.plan.groups]
            lead = f"{listed(plan.trials)} settled ({self.price_words(plan.plan)}): "
            self.page.text("Across all trials", style=HEADING)
            self.page.folded(
                [lead + groups[0], *groups[1:]] if groups else [lead], lines, indent=2, joiner=", "
            )

        return [self._on_a_page(lambda: across(5)), self._on_a_page(lambda: across(2))]

    def _assumed(self, lines: int) -> Page:
        """What is assumed as long as it is not recorded, in so many lines."""
        page, texts = Page(self.page.width), [text for _, text in self.answer.assumptions]
        if texts:
            page.folded(texts, lines, lead="Assumed: ", style=FAINT)
        return page

    def _idle_form(self, trial: a.TrialTests, rows: int, lines: int) -> Page:
        def idle() -> None:
            self._heading(trial)
            texts = self.idle_rows(trial)
            for text in texts[:rows]:
                self.page.folded([text], lines, indent=2, lead="- ")
            if len(texts) > rows:
                self.page.text(f"+{len(texts) - rows} more", indent=2)

        return self._on_a_page(idle)

    def _form(self, trial: a.TrialTests, form: _Form) -> Page:
        def one() -> None:
            self._heading(trial)
            if trial.verdict == "unresolved":
                self.page.text("The question was not decided within the solver's budget.", indent=2)
                return
            if trial.at_best == "undetermined":
                text = f"{trial.encoded}: whatever the results, the patient cannot be shown to be eligible."
                self.page.folded([text], 2, indent=2)
            self._write_first(trial, 2 if form.lines else 1)
            self._write_brief_plan(trial, form)
            if form.lines:
                self._write_results(trial, form.lines)
                self._write_brief_pair(trial, form.lines)

        return self._on_a_page(one)

    def _write_first(self, trial: a.TrialTests, lines: int) -> None:
        if not trial.steps:
            return
        first = trial.steps[0]
        told = [text for result in first.results for text in self._result_words(result)]
        how = self.library.tests[first.test].label
        why = told or [
            f"{listed([self.words.wanted(name) for name in first.variables])}; it asks least of the patient"
        ]
        self.page.folded(
            [f"{how} - {why[0]}", *why[1:]], lines, indent=2, lead="order first: ", lead_style=HEADING
        )

    def _result_words(self, result: a.StepResult) -> list[str]:
        ends, wins = self._findings(result)
        return [*(f"{text} ends it" for text in ends), *(f"{text} is enough" for text in wins)]

    def _findings(self, result: a.StepResult) -> tuple[list[str], list[str]]:
        """What ends a trial, and what is enough, as findings; none where there is none."""
        name, finding = result.variable, self.words.finding
        ends = [] if result.ends is None else [finding(name, result.ends, result.ending)]
        wins = [] if result.wins is None else [finding(name, result.wins, result.winning)]
        return ends, wins

    def _write_brief_plan(self, trial: a.TrialTests, form: _Form) -> None:
        page, plan = self.page, trial.plan
        if plan is None:
            cut = "The search for what would settle it was cut short."
            page.text("No tests settle it." if trial.complete else cut, indent=2)
            return
        least = "; proved: whatever the results, and no lighter set does" if form.tests else ""
        proved = least if plan.cheapest else "; lighter sets were not ruled out"
        lead = f"What settles it ({self.price_words(plan)}{proved})"
        order = {step.test: i for i, step in enumerate(trial.steps)}
        tests = sorted(plan.tests, key=lambda each: order.get(each.test, len(order)))
        if not form.tests:
            labels = [self.library.tests[each.test].label for each in tests]
            page.folded([f"{lead}: {labels[0]}", *labels[1:]], 2 if form.lines else 1, indent=2)
            return
        page.text(lead, indent=2, style=HEADING)
        for each in tests[: form.tests]:
            found = [self.words.wanted(name) for name in each.variables]
            label = self.library.tests[each.test].label
            page.folded([f"{label}: {found[0]}", *found[1:]], 1, indent=4, lead="- ")
        more = len(tests) - form.tests
        if more > 0:
            page.text(f"+{number(more, 'more test', 'more tests')}", indent=4)
        asked = frozenset(name for each in plan.tests for name in each.variables)
        swaps = set_swaps(asked, trial.deciding_sets)
        ways = [f"{self.wanted_words(new)} in place of {self.wanted_words(old)}" for old, new in swaps]
        if ways:
            page.folded(ways, form.lines, indent=4, lead="or: ")

    def _write_results(self, trial: a.TrialTests, lines: int) -> None:
        found = [self._findings(result) for step in trial.steps for result in step.results]
        ends, wins = ([text for each in found for text in each[side]] for side in (0, 1))
        route = [self._route_words(item) for item in trial.route.results] if trial.route else []
        fits = fits_words(trial.provisos)
        for lead, texts in (
            ("ends it at once: ", ends),
            ("enough by itself: ", wins),
            (f"{fits[0].lower()}{fits[1:]} with: ", route),
        ):
            if texts:
                self.page.folded(texts, lines, indent=2, lead=lead)
        if trial.route and trial.route.together:
            self.page.folded(
                list(trial.route.together), 1, indent=4, lead="and so that together: ", joiner=", "
            )

    def _route_words(self, item: Requirement) -> str:
        """A result of the shortest way to eligible, as a finding."""
        if item.text is None:
            return self.requirement_words(item)
        return self.words.finding(item.variable, item.text, item.allowed)

    def _write_brief_pair(self, trial: a.TrialTests, lines: int) -> None:
        if trial.pair is None:
            return
        texts = [
            f"{self.library.variables[name].label}: {first} satisfies it, {second} does not"
            for name, (first, second) in zip(trial.pair.differs, trial.pair.told, strict=True)
        ]
        self.page.folded(texts, lines, indent=2, lead="Two patients who both fit the record: ")
