"""Exclusions the wrong way round: a `not` was forgotten, or a limit is turned about.

Of clauses that are no exclusions, the label may say the contrary of what they require.
"""

from __future__ import annotations

import re
from fractions import Fraction

from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language import tree as t
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY, FIRST_DAY
from solver.language.domain import Domain, Interval, point
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, QuantityType
from solver.language.values import TermQuestion
from solver.library.models import Clause, Library, Variable, Worse
from solver.patterns import pattern
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import Prover
from solver.questions.check.rules.mentions import (
    NEGATIONS,
    asks_for_event,
    atoms_of,
    denied_in,
    turned_about,
    words_of,
)
from solver.questions.check.trial_view import Criterion
from solver.questions.check.written_names import WrittenNames

LONG_AGO = 40 * 366
"""How many days before the reference day an event lies long ago."""

OFTEN = 12
"""How often what happens often has happened."""

LONGEST_COMMON = 3
"""Words of no more letters, such as `and`, tell nothing of what a label speaks of."""

_EVENTS: tuple[TermQuestion, ...] = ("ever", "current", "times", "lines")
"""What clauses ask of events besides their days."""

_LIST = pattern(r"\b(in|ex)clusions?\b", re.IGNORECASE)
_EXCLUSION_ID = pattern(r"E\d", re.ASCII)

_SAYS_NO = pattern(r"\b(no|not|neither|never|without)\b", re.IGNORECASE)
_AT_LEAST = pattern(
    r"\b(at least|no less than|not below|or more|(?<!not )above|minimum|(?<!no )(?<!not )more than|exceeding"
    r"|(?<!no )older than|or older)\b",
    re.IGNORECASE,
)
_AT_MOST = pattern(
    r"\b(at most|no more than|not above|or less|(?<!not )below|maximum|up to|(?<!no )(?<!not )less than"
    r"|fewer than|younger than|or younger)\b",
    re.IGNORECASE,
)
_FROM_TO = pattern(r"\b(\d+)(?: to |-|, | or )(?:\d, )?(?:\d or )?(\d+)\b")
_LIMIT = pattern(r"\w+ (?P<relation>[<>])=? [\d.]+( \S+)?")


def is_exclusion(clause: Clause) -> bool:
    """Whether a clause says that it comes from a list of exclusions: by its source, or else by an id that begins with E and a number."""
    lists = {found.group(1).lower() for found in _LIST.finditer(clause.source)}
    return lists == {"ex"} if lists else bool(_EXCLUSION_ID.match(clause.id.partition(".")[2]))


def check_polarity(prover: Prover, log: FindingsLog, criterion: Criterion) -> None:
    """Find an exclusion that the patient who is best off cannot meet, or that is met by being worse.

    Which direction is worse, the vocabulary says; a variable of which it says nothing is neither better nor worse. Of an event it is
    worse to have had it, and the more so the later it ended. Of other clauses, the label may say that the clause is the wrong way
    round. This is a sign and no proof: the clause is suspect, and not faulty. What is best is so on a day, and all is looked at on the
    reference day.
    """
    prover = prover.today
    if criterion.clause.routing:
        return
    exclusion = is_exclusion(criterion.clause)
    with log.trying(f"whether {criterion.id} is the wrong way round", [criterion.id]):
        if exclusion and _check_exclusion(prover, log, criterion):
            return
        check_label(prover, log, criterion, exclusion=exclusion)


def _check_exclusion(prover: Prover, log: FindingsLog, criterion: Criterion) -> bool:
    asked = prover, log, criterion
    for condition in dict.fromkeys(criterion.conditions.values()):
        if _is_met_by_worse(*asked, condition) or _wrong_way_round(*asked, condition):
            return True
    for reading, conditions in criterion.clause.alternatives.items():
        opened = (log.view.cache.opened(each, True) for each in (conditions or {}).values())
        if any(_is_met_by_worse(prover, log, criterion, c, reading) for c in dict.fromkeys(opened)):
            return True
    return False


def _is_met_by_worse(
    prover: Prover, log: FindingsLog, criterion: Criterion, condition: t.Condition, reading: str | None = None
) -> bool:
    """Whether some patient meets an exclusion who, better off in one thing and the same in all others, would not.

    What is no worse by the vocabulary may help if the clause's `unless` speaks of it.
    """
    for name in sorted(t.variables(condition)):
        variable = _variable(prover.library, name)
        if variable is None or (variable.worse is None and name in criterion.parts.exempting):
            continue
        good, bad = _best_and_worst(prover, variable, condition)
        if good is None or bad is None:
            continue
        worst = simplify(condition, {**prover.strict.problem.known, name: bad[0]})
        better = {**prover.strict.problem.known, name: good[0]}
        improved = t.negation(simplify(condition, better))
        if prover.possible([bad[1], worst, improved]):
            under = f" under the second reading {reading}" if reading else ""
            worse = _worse_end_words(variable, WrittenNames(prover.library, [criterion]))
            text = f"{criterion.id} is an exclusion, but{under} a patient can meet it only by {worse}"
            witness = prover.witness([bad[1], condition, improved])
            text = f"{text}: was 'not' forgotten?"
            log.add("polarity", [criterion.id], text, witness=witness, part=reading)
            log.suspect.update([criterion.id] if reading is None else ())
            return True
    return False


def _variable(library: Library, name: str) -> Variable | None:
    """A variable of the vocabulary, or one that stands for what a clause asks of concepts; None for the days of evaluation and the like."""
    return library.variables.get(name) or library.terms.get(name)


def _worse_end(variable: Variable) -> Worse | None:
    """The direction in which a variable is worse; None if neither is. It is worse to have had an event, and to have had it more often."""
    if variable.term is None or variable.term.question not in _EVENTS:
        return variable.worse
    return "true" if isinstance(variable.type, BooleanType) else "higher"


def _worse_end_words(variable: Variable, written: WrittenNames) -> str:
    if isinstance(variable.type, DateType):
        return f"a later {written.of(variable.name)}"
    definition = written.definition(variable.name)
    if definition is not None:
        return f"what is worse in {definition}"
    if not isinstance(variable.type, BooleanType):
        return f"a worse {variable.label}" if variable.term is None else f"a higher {variable.name}"
    return f"{'not ' if variable.worse == 'false' else ''}having {variable.name}"


def _wrong_way_round(prover: Prover, log: FindingsLog, criterion: Criterion, condition: t.Condition) -> bool:
    guard = criterion.clause.guard or t.TRUE
    free = t.variables(condition) - (t.variables(guard) if guard != t.TRUE else frozenset())
    best: list[t.Condition] = [guard]
    for name in sorted(free):
        variable = _variable(prover.library, name)
        if variable is None:
            continue
        if isinstance(variable.type, EnumerationType) and variable.worse is None:
            others = _unnamed_values(variable.type, name, condition)
            best += [t.Member(name, others)] if others else []
            continue
        good, _ = _best_and_worst(prover, variable, condition)
        if good is not None:
            best.append(good[1])
    fault = None
    if _wants_closeness(prover, guard, condition):
        fault = "it can be met only by what lies close together"
    elif (left := _only_value_left(prover, criterion, condition, free)) is not None:
        fault = f"only patients with {left} can meet it"
    elif len(best) > 1 and prover.possible(best) and not prover.possible([*best, condition]):
        applies = " to whom it applies and" if guard != t.TRUE else ""
        fault = f"a patient{applies} who has nothing of what it requires cannot meet it"
    if fault is not None:
        text = f"{criterion.id} is an exclusion, but {fault}: was 'not' forgotten?"
        log.add("polarity", [criterion.id], text, witness=prover.witness([guard, condition]))
        log.suspect.add(criterion.id)
    return fault is not None


_End = tuple[Domain, t.Condition]
_Ends = tuple[_End | None, _End | None]


def _best_and_worst(prover: Prover, variable: Variable, condition: t.Condition) -> _Ends:
    """The best and the worst value of a variable, and the conditions that it has them; None where neither is clear."""
    name, kind, worse = variable.name, variable.type, _worse_end(variable)
    if isinstance(kind, DateType):
        return _longest_ago_and_last(prover, variable, condition)
    if worse is None:
        return None, None
    if isinstance(kind, BooleanType):
        yes: _End = (frozenset({True}), t.BooleanVariable(name))
        no: _End = (frozenset({False}), t.negation(t.BooleanVariable(name)))
        return (yes, no) if worse == "false" else (no, yes)
    if isinstance(kind, EnumerationType):
        ends = [(frozenset({v}), t.Member(name, frozenset({v}))) for v in (kind.values[0], kind.values[-1])]
        return (ends[1], ends[0]) if worse == "lower" else (ends[0], ends[1])
    if isinstance(kind, IntegerType | QuantityType):
        domain = prover.known[name]
        assert isinstance(domain, Interval)
        least, most = domain.low, domain.high if variable.term is None else OFTEN
        if isinstance(least, float) or isinstance(most, float):
            return None, None
        sort: t.Kind = "int" if isinstance(kind, IntegerType) else "real"
        low, high = (_exactly_at(name, sort, end, whole=sort == "int") for end in (least, most))
        return (high, low) if worse == "lower" else (low, high)
    return None, None


def _longest_ago_and_last(prover: Prover, variable: Variable, condition: t.Condition) -> _Ends:
    """The best and the worst day of a past event: long ago, and today; of the end of an event: never, and still going on."""
    if variable.term is not None:
        if variable.term.question != "last_end":
            return None, None
        days = (BEFORE_EVERY_DAY, AFTER_EVERY_DAY)
    elif variable.past and _is_counted(condition, variable.name):
        days = (max(prover.day - LONG_AGO, FIRST_DAY), prover.day)
    else:
        return None, None
    best, worst = (_exactly_at(variable.name, "date", day, whole=True) for day in days)
    return best, worst


def _exactly_at(name: str, sort: t.Kind, value: int | Fraction, *, whole: bool) -> _End:
    number = Fraction(value)
    term = t.NumberVariable(name, sort)
    return point(int(number) if whole else number, whole=whole), t.Compare("==", term, t.Constant(number))


def _is_counted(condition: t.Condition, name: str) -> bool:
    """Whether every comparison with a date counts from it to the day of evaluation or the first dose, and none is an age."""
    found = [node for node in t.walk(condition) if isinstance(node, t.Compare) and name in t.variables(node)]
    aged = any(name in t.variables(node) for node in t.walk(condition) if isinstance(node, t.CompletedYears))
    return bool(found) and not aged and all(t.AS_OF in t.variables(node) for node in found)


def _unnamed_values(kind: EnumerationType, name: str, condition: t.Condition) -> frozenset[str]:
    """The values of an enumeration that a clause does not name, where it names one alone at a time."""
    sets = [node.values for node in t.walk(condition) if isinstance(node, t.Member) and node.name == name]
    if any(len(values) > 1 for values in sets):
        return frozenset()
    return frozenset(kind.values).difference(*sets)


def _wants_closeness(prover: Prover, guard: t.Condition, condition: t.Condition) -> bool:
    """Whether a clause asks that one event lie within a window after another: met on one day, and not a long time later."""
    for node in t.walk(condition):
        pair = _window_dates(prover, node) if isinstance(node, t.Compare) else None
        if pair is None:
            continue
        (earlier, later), ago = pair, max(prover.day - LONG_AGO, FIRST_DAY)
        days = ((earlier, ago), (earlier, prover.day), (later, prover.day))
        long_before, just_before, now = (_exactly_at(n, "date", day, whole=True)[1] for n, day in days)
        far, near = (long_before, now), (just_before, now)
        if not prover.possible([guard, *far, condition]) and prover.possible([guard, *near, condition]):
            return True
    return False


def _window_dates(prover: Prover, compare: t.Compare) -> tuple[str, str] | None:
    """The dates of two past events of which the comparison moves the first forward; None if it does not."""
    for moved, other in ((compare.left, compare.right), (compare.right, compare.left)):
        if isinstance(other, t.NumberVariable) and (name := _date_moved_forward(moved)) is not None:
            past = [prover.library.variables.get(each) for each in (name, other.name)]
            if all(variable is not None and variable.past for variable in past):
                return name, other.name
    return None


def _date_moved_forward(term: t.Term) -> str | None:
    """The date that a term moves forward by a window."""
    if isinstance(term, t.AddMonths) and term.months > 0 and isinstance(term.date, t.NumberVariable):
        return term.date.name
    if isinstance(term, t.Sum) and len(term.parts) == 2:
        date, days = term.parts
        if isinstance(date, t.NumberVariable) and isinstance(days, t.Constant) and days.value > 0:
            return date.name
    return None


def _only_value_left(
    prover: Prover, criterion: Criterion, condition: t.Condition, free: frozenset[str]
) -> str | None:
    """The one value of an enumeration that a clause leaves, in words; None if there is none."""
    guard, written = criterion.clause.guard or t.TRUE, WrittenNames(prover.library, [criterion])
    for name in sorted(free):
        variable = _variable(prover.library, name)
        kind = variable.type if variable is not None else None
        if variable is not None and variable.term is not None and variable.term.question == "is":
            has = t.BooleanVariable(name)
            with_it, without = ([guard, condition, each] for each in (has, t.negation(has)))
            if prover.possible(with_it) and not prover.possible(without):
                return variable.label
        if not isinstance(kind, EnumerationType) or len(kind.values) < 3:
            continue
        left = [v for v in kind.values if prover.possible([guard, condition, t.Member(name, frozenset({v}))])]
        if len(left) == 1:
            return written.value(name, left)
    return None


def check_label(prover: Prover, log: FindingsLog, criterion: Criterion, *, exclusion: bool) -> None:
    """Find a clause whose label says the contrary of it: no, a limit on the other side, or somebody whom it leaves out."""
    said = turned_about(prover, criterion, exclusion=exclusion)
    said = said or (None if exclusion else asks_for_event(prover, criterion))
    if said is not None:
        said = f"The label of {criterion.id} {said}"
    elif not exclusion:
        said = _turned_flag(log, criterion) or _turned_limit(criterion) or _refused_end(log, criterion)
    if said is not None:
        log.add("polarity", [criterion.id], said)
        log.suspect.add(criterion.id)


def _turned_flag(log: FindingsLog, criterion: Criterion) -> str | None:
    """What is wrong if the label says no and the clause requires a thing, or the reverse, or it requires that something good is lacking."""
    require, label = criterion.parts.require, criterion.clause.label
    if require is None:
        return None
    denied = denied_in(label)
    written = WrittenNames(log.view.library, [criterion])
    alone, needs = (require.condition, False) if isinstance(require, t.Not) else (require, True)
    if isinstance(alone, t.BooleanVariable):
        variable = _variable(log.view.library, alone.name)
        if variable is not None and (fault := _flag_fault(variable, label, denied, written, needs=needs)):
            return f"The label of {criterion.id} {fault}"
    lacking = _lacking(log.view.library, require)
    if denied is False and lacking is not None:
        asked = f"but the clause requires {written.of(lacking)} to be lacking: is it turned about?"
        return f"The label of {criterion.id} says no nowhere, {asked}"
    return None


def _flag_fault(
    variable: Variable, label: str, denied: bool | None, written: WrittenNames, *, needs: bool
) -> str | None:
    own = denied_in(variable.label) is True
    if needs and not own and _SAYS_NO.search(label):
        # what it is worse not to have may be required in any words: "agrees to contraception, and to father no child"
        first = words_of(label)[0]
        if variable.worse != "false" or (denied is True and first in NEGATIONS):
            return f"says no, but the clause requires {written.of(variable.name)}: was 'not' forgotten?"
    # of what it is worse to have, a clause may be named by what is left: "clear of disease"
    if not needs and denied is own and (variable.worse != "true" or own) and _share_a_word(label, variable):
        said = "says no" if own else "says no nowhere"
        return f"{said}, but the clause refuses {written.of(variable.name)}: is it turned about?"
    return None


def _share_a_word(label: str, variable: Variable) -> bool:
    """Whether a label speaks of a variable at all: a word of more than three letters is enough."""
    words = {word for word in words_of(variable.label) if len(word) > LONGEST_COMMON}
    return not words.isdisjoint(words_of(label))


def _lacking(library: Library, require: t.Condition) -> str | None:
    """A flag that is good to have and that a condition only asks to be lacking; None if there is none."""
    found: dict[str, set[bool]] = {}
    for atom, holds in atoms_of(require):
        if isinstance(atom, t.BooleanVariable):
            found.setdefault(atom.name, set()).add(holds)
    for name, signs in found.items():
        variable = _variable(library, name)
        if signs == {False} and variable is not None and variable.worse == "false":
            return name
    return None


def _turned_limit(criterion: Criterion) -> str | None:
    first = [comparison for comparison in criterion.parts.comparisons if comparison.reading is None]
    if len(first) != 1:
        return None
    (comparison,) = first
    found = _LIMIT.fullmatch(comparison.text)
    if found is None or comparison.condition != criterion.parts.require:
        return None
    least, most = _AT_LEAST.search(criterion.clause.label), _AT_MOST.search(criterion.clause.label)
    if (said := most if found["relation"] == ">" else least) is None or (least and most):
        return None
    asked = f"but the clause requires {comparison.text}: is the limit turned about?"
    return f"The label of {criterion.id} says '{said.group()}', {asked}"


def _refused_end(log: FindingsLog, criterion: Criterion) -> str | None:
    """What is wrong if the label names the first and the last whole number of a score and the clause refuses one of them."""
    require, ranges = criterion.parts.require, _FROM_TO.findall(criterion.clause.label)
    if require is None or len(ranges) != 1:
        return None
    names = sorted(t.variables(require))
    if len(names) != 1 or not any(isinstance(node, t.NumberVariable) for node in t.walk(require)):
        return None
    variable = log.view.library.variables.get(names[0])
    if variable is None or not isinstance(variable.type, IntegerType):
        return None
    for end in ranges[0]:
        if evaluate(require, {names[0]: point(int(Fraction(end)), whole=True)}) is False:
            text = f"but the clause refuses {end}: is the limit turned about?"
            return f"The label of {criterion.id} says '{' to '.join(ranges[0])}', {text}"
    return None
