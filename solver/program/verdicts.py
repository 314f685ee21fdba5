"""How a patient stands to trials, as far as the flat program tells it; nothing is taken on trust.

A verdict stands where evaluation of what is known is certain of it, or where two completions of the record show that the trial is
undetermined: one that fits some cohort, and one that fits none of those which can be shown to fit. What is left open is searched for, and
asked of the solver, as the engine does it, but of the trial as a whole and not of each clause.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import field
from itertools import compress
from typing import Literal as Word
from typing import NamedTuple

from solver import work
from solver.cache_files import nothing_is_garbage
from solver.dataclass import dataclass
from solver.engine.case import Case, Engine
from solver.language.domain import Environment
from solver.language.tree import conjunction, negation
from solver.library.models import Trial
from solver.program.slot_values import Values, slot_values
from solver.program.slots import Literal
from solver.program.trial_forms import TrialForm, TrialForms, trial_forms
from solver.program.witnesses import witnesses

_WORK = 1
"""What all this counts as, whatever it is: it leaves the engine the work that is allowed."""

_COMPLETIONS, _COMPLETIONS_FOR_CLAUSES = 2, 4
"""How many completions are built: two show most verdicts, and more of them also show of more clauses that they are open."""

Shown = Word["eligible", "undetermined", "ineligible"]


class ShownVerdict(NamedTuple):
    """A verdict on a trial that is certain. `encoded` is how many of how many objective clauses have logic, where some do not.

    Of its clauses `yes` are certainly blocking, or open, and of `doubtful` that is not known.
    """

    trial: Trial
    encoded: tuple[int, int] | None
    verdict: Shown
    yes: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


@dataclass(slots=True)
class ShownVerdicts:
    """What was shown of a record: verdicts by the code of the trial, and the completions that show it.

    `left` are the trials of which none was shown, and `values` what every literal is in what is known and in the completions.
    """

    verdicts: dict[str, ShownVerdict] = field(default_factory=dict)
    completions: list[Environment] = field(default_factory=list)
    left: dict[str, TrialForm] = field(default_factory=dict)
    values: Values = field(default_factory=list)


def shown_verdicts(engine: Engine, case: Case, trials: Sequence[Trial], *, clauses: bool) -> ShownVerdicts:
    """The verdicts on trials that can be shown for a consistent record; with `clauses` also which of theirs block or are open."""
    asked = [trial for trial in trials if not trial.terms or case.of(trial) is case]
    forms = trial_forms(engine, asked, case.problem.record.context)
    with work.uncounted(_WORK), nothing_is_garbage():
        found = _shown(case, forms, clauses=clauses)
    if engine.policies:
        # what a policy counts as met may make these eligible
        for code, each in list(found.verdicts.items()):
            if each.verdict == "undetermined" and case.assumptions.clauses(each.trial):
                del found.verdicts[code]
        found.left = {code: f for code, f in found.left.items() if not case.assumptions.clauses(f.trial)}
    return found


def searched_verdict(case: Case, shown: ShownVerdicts, trial: Trial) -> ShownVerdict | None:
    """The verdict on a trial of which none was shown, by a completion that fits it and one that does not, or by a proof that there is none.

    None where there is nothing to search by. Raises `OutOfBudget`.
    """
    form = shown.left.get(trial.code)
    if form is None:
        return None
    whole, verdict = (2 << len(shown.completions)) - 1, _searched(case, form)
    if verdict == "ineligible":
        return _blocking(form, shown.values, whole)
    if verdict == "undetermined":
        return _open(form, shown.values, whole)
    return ShownVerdict(form.trial, form.extent.in_part, verdict)


def _searched(case: Case, form: TrialForm) -> Shown:
    oracle, fits, fails = case.problem.oracle, False, []
    bindings = case.standings.cache.bindings(form.trial, case.problem.record.context)
    capped = form.extent.capped
    for cohort in form.trial.cohorts:
        asked = [each.conditions[cohort] for each in bindings if cohort in each.conditions]
        stand = [case.standings.evaluated(each) for each in asked]
        if False in stand:
            continue
        left = [each for each, value in zip(asked, stand, strict=True) if value is None]
        if cohort not in capped:
            fails.append(negation(conjunction(left)))
        fits = fits or oracle.possible(left) is not None
    if not fits:
        return "ineligible"
    return "eligible" if fails and oracle.possible(fails) is None else "undetermined"


def _shown(case: Case, forms: TrialForms, *, clauses: bool) -> ShownVerdicts:
    program, known = forms.program, case.problem.known
    values = slot_values(program, [known])
    # where all clauses ask the same of every cohort, one that fails excludes, and what is certain leaves all to those that are open
    failing = _failing(forms, values)
    opened = _open_clauses(forms, failing, values)
    others = [forms.form(each) for each in forms.different if each not in failing]
    found = ShownVerdicts()
    if clauses or any(opened.values()) or any(_verdict(form, values, 1) is None for form in others):
        wanted = _COMPLETIONS_FOR_CLAUSES if clauses else _COMPLETIONS
        found.completions = witnesses(case.problem, forms.candidates, program.variables(), wanted)
    if found.completions:
        values = slot_values(program, [known, *found.completions])
    whole = (2 << len(found.completions)) - 1
    found.values = values
    found.verdicts = _excluded(forms, failing, values, whole, clauses=clauses)
    _add_alike(found, forms, opened, whole, clauses=clauses)
    for form in others:
        verdict = _verdict(form, values, whole)
        if verdict is None:
            found.left[form.trial.code] = form
        elif verdict == "undetermined" and clauses:
            found.verdicts[form.trial.code] = _open(form, values, whole)
        elif verdict == "ineligible" and clauses:
            found.verdicts[form.trial.code] = _blocking(form, values, whole)
        else:
            found.verdicts[form.trial.code] = ShownVerdict(form.trial, form.extent.in_part, verdict)
    return found


def _failing(forms: TrialForms, values: Values) -> dict[int, tuple[str, ...]]:
    """By the place of their trial, the clauses that nobody like this meets, and that ask the same of every cohort."""
    failing = [literal for literal, can in enumerate(values) if not can & 1]
    return forms.asking.by_trial(failing, forms.table.names)


def _open_clauses(forms: TrialForms, failing: Container[int], values: Values) -> dict[int, list[int]]:
    """Of each trial that is alike for every cohort, and of which no clause fails, the places of the clauses that are open."""
    asked, starts = forms.table.asked, forms.table.starts
    is_open = [bool(can & values[literal ^ 1] & 1) for literal, can in enumerate(values)].__getitem__
    left = [each for each in range(len(forms.trials)) if each not in failing and each not in forms.different]
    spans = [(starts[each], starts[each + 1]) for each in left]
    opened = [list(compress(range(*span), map(is_open, asked[slice(*span)]))) for span in spans]
    return dict(zip(left, opened, strict=True))


def _add_alike(
    found: ShownVerdicts, forms: TrialForms, opened: Mapping[int, list[int]], whole: int, *, clauses: bool
) -> None:
    """Add the verdicts on trials that are alike for every cohort, by the clauses of each that are open where none fails."""
    values, names, asked = found.values, forms.table.names, forms.table.asked
    shown = [
        can & whole != whole and values[literal ^ 1] & whole != whole for literal, can in enumerate(values)
    ]
    for place, open_clauses in opened.items():
        trial, encoded = forms.trials[place], forms.encoded(place)
        if not open_clauses:
            found.verdicts[trial.code] = ShownVerdict(trial, encoded, "eligible")
            continue
        can, cannot = whole, 0
        for each in open_clauses:
            can &= values[asked[each]]
            cannot |= values[asked[each] ^ 1]
        if can == whole or cannot == whole:
            found.left[trial.code] = forms.form(place)
            continue
        if not clauses:
            found.verdicts[trial.code] = ShownVerdict(trial, encoded, "undetermined")
            continue
        yes = tuple([names[each] for each in open_clauses if shown[asked[each]]])
        doubtful = tuple([names[each] for each in open_clauses if not shown[asked[each]]])
        found.verdicts[trial.code] = ShownVerdict(trial, encoded, "undetermined", yes, doubtful)


def _excluded(
    forms: TrialForms, failing: Mapping[int, tuple[str, ...]], values: Values, whole: int, *, clauses: bool
) -> dict[str, ShownVerdict]:
    """The verdicts on trials with failing clauses; with `clauses` also which others may block."""
    trials, encoded = forms.trials, forms.encoded
    unmet = _perhaps_unmet(values, whole) if clauses else []
    doubtful = forms.asking.by_trial(unmet, forms.table.names) if unmet else {}
    return {
        (trial := trials[place]).code: ShownVerdict(
            trial, encoded(place), "ineligible", names, doubtful.get(place, ())
        )
        for place, names in failing.items()
    }


def _perhaps_unmet(values: Values, whole: int) -> list[Literal]:
    """The literals that are not certainly false, and that no completion meets."""
    return [literal for literal, can in enumerate(values) if can & 1 and values[literal ^ 1] & whole == whole]


def _verdict(form: TrialForm, values: Values, whole: int) -> Shown | None:
    """The verdict if it is certain; bit 0 stands for what is known, the others for one completion each."""
    fits_some, fits_shown, fails_shown, fails_all = 0, 0, whole, whole
    for literals, shown in form.cohorts_shown:
        can, cannot = whole, 0
        for literal in literals:
            can &= values[literal]
            cannot |= values[literal ^ 1]
        fits_some |= ~cannot
        fails_all &= ~can
        if shown:
            fits_shown |= ~cannot
            fails_shown &= ~can
    if fits_shown & 1:
        return "eligible"
    if fails_all & 1:
        return "ineligible"
    return "undetermined" if fits_some & whole and fails_shown & whole else None


def _blocking(form: TrialForm, values: Values, whole: int) -> ShownVerdict:
    """The clauses of an ineligible trial that nothing meets, in any cohort."""
    yes, doubtful = list[str](), list[str]()
    for name, literals in form.whole.items():
        if any(~values[literal ^ 1] & whole for literal in literals):
            continue
        (doubtful if any(values[literal] & 1 for literal in literals) else yes).append(name)
    return ShownVerdict(form.trial, form.extent.in_part, "ineligible", tuple(yes), tuple(doubtful))


def _open(form: TrialForm, values: Values, whole: int) -> ShownVerdict:
    """The clauses of an undetermined trial that some completions meet and others do not, in some cohort."""
    yes, doubtful = list[str](), list[str]()
    texts = form.texts
    for name, literals in form.clauses.items():
        if name in texts:
            yes.append(name)
            continue
        left = [each for each in literals.values() if values[each] & values[each ^ 1] & 1]
        if left:
            seen = any(~values[each] & whole and ~values[each ^ 1] & whole for each in left)
            (yes if seen else doubtful).append(name)
    return ShownVerdict(form.trial, form.extent.in_part, "undetermined", tuple(yes), tuple(doubtful))
