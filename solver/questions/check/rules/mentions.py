"""Labels that name what the clause refuses, or whom it leaves out: the clause, or its guard, is turned about.

    label     Minors - no known syndrome       minors: age < 18; "no" stands before the syndrome
    when      age >= 18                        nobody whom the label names
    require   not syndrome                     as the label says

What a label names is known by the labels of variables, by the values of enumerations, and by the phrases of the vocabulary. Whether it
says no of it is told by the words before and behind; where that is not clear, nothing is said. A label is no proof.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from solver.evaluation.evaluate import evaluate
from solver.language import tree as t
from solver.language.arithmetic import Number
from solver.language.types import BooleanType, EnumerationType, IntegerType
from solver.language.values import EVENT_DAYS
from solver.library.models import Library, Variable
from solver.patterns import pattern
from solver.questions.check.proofs import Prover
from solver.questions.check.trial_view import Criterion

NEGATIONS = frozenset(["no", "not", "neither", "nor", "never", "without", "none", "cannot"])
"""Words that deny what stands behind them."""

_UNCLEAR_BEFORE = frozenset(
    {
        "off", "free", "lacks", "lack", "lacking", "absence", "absent", "naive", "declines", "refuses",
        "excludes", "excluded", "other", "than", "but", "apart", "since", "before", "under", "below",
        "fewer", "less", "most", "until", "only", "unlike"
    }
)  # fmt: skip
"""Words after which it is not clear what a label says of what it names."""

_OF_SOMETHING_ELSE = frozenset({"longer", "to", "since", "from", "on"})
"""Words by which a label that begins with "no" denies something else than the event: no response to a transplant, no longer on a drug."""

_UNCLEAR_BEHIND = frozenset(
    {
        "absent", "excluded", "exhausted", "negative", "cleared", "resolved", "denied", "apart", "out",
        "none", "lacking", "missing", "gone", "over", "naive"
    }
)  # fmt: skip

_EXCEPTION = pattern(r"\b(?:unless|except(?:ing)?|but for|apart from|save for)\b", re.IGNORECASE)
_MAY = pattern(r"\bmay\b", re.IGNORECASE)
_SEGMENTS = pattern(r";|:| - | – ")
_CLAUSES = pattern(r",|\(|\)")
_TOKEN = pattern(r"[^\W_]+(?:\*\d+)?")
_WHICH = frozenset(["which", "who", "whose", "whom", "that"])
"""Words that begin what is said of something that was denied, and is not denied itself."""

HAPPENS = EVENT_DAYS | {"ever", "current", "times"}
"""What is asked of events, to which never having had one is an answer."""

MANY_VALUES = 50
"""An enumeration of more values has codes, which a label does not use."""

_NUMBERS = {word: n for n, word in enumerate(("one", "two", "three", "four", "five", "six"), start=1)}


class NamedInLabel(NamedTuple):
    """What a label names: the condition that it stands for, as it is written; whether it is denied, and is named as an exception."""

    condition: t.Condition
    words: str
    denied: bool
    exception: bool


def turned_about(prover: Prover, criterion: Criterion, *, exclusion: bool) -> str | None:
    """What is wrong if the label names whom the guard leaves out, or what the clause refuses; None if nothing is.

    The label of an `exclusion` that says no nowhere names what is excluded: nothing is said of what it names then.
    """
    label, parts = criterion.clause.label, criterion.parts
    guard = [g for g in (criterion.clause.guard,) if g is not None and g != t.TRUE]
    asked = [parts.require] if parts.require is not None else [*dict.fromkeys(criterion.conditions.values())]
    names = frozenset[str]().union(*map(t.variables, [*asked, *guard]))
    names_what_it_excludes = exclusion and NEGATIONS.isdisjoint(words_of(label))
    named = [
        (each, _signs(prover, each.condition, guard), _signs(prover, each.condition, asked))
        for each in _mentions(prover.library, label, names)
    ]
    for mention, in_guard, in_asked in named:
        beside = [each for each in named if t.variables(each[0].condition) == t.variables(mention.condition)]
        if in_guard and not mention.denied and in_guard == {mention.exception} and in_asked != {True}:
            others = any(each[1] == {not mention.exception} for each in beside)
            if others and (mention.exception or prover.possible([*guard, mention.condition])):
                continue
            does = "applies to them" if mention.exception else "leaves them out"
            return f"names '{mention.words}', but the clause {does}: is the guard turned about?"
        if in_guard or mention.exception or in_asked != {mention.denied}:
            continue
        others = any(each[2] == {not each[0].denied} for each in beside)
        if mention.denied and not others:
            return f"says no to '{mention.words}', but the clause requires it: was 'not' forgotten?"
        if mention.denied or names_what_it_excludes:
            continue
        if not (others and prover.possible([*asked, *guard, mention.condition])):
            return f"names '{mention.words}', but the clause refuses it: is it turned about?"
    return None


def asks_for_event(prover: Prover, criterion: Criterion) -> str | None:
    """What is wrong if the label begins with "no", and nobody can meet the clause who never had an event of which it speaks."""
    label, known = criterion.clause.label, prover.strict.problem.known
    words = words_of(label)
    if words[:1] != ["no"] or denied_in(label) is not True or not _OF_SOMETHING_ELSE.isdisjoint(words):
        return None
    for condition in dict.fromkeys(criterion.conditions.values()):
        for name in sorted(t.variables(condition) & prover.library.terms.keys()):
            variable = prover.library.terms[name]
            happens = variable.term is not None and variable.term.question in HAPPENS
            if happens and evaluate(condition, {**known, name: variable.absence}) is False:
                return "says no, but nobody can meet the clause who never had it: was 'not' forgotten?"
    return None


def denied_in(label: str) -> bool | None:
    """Whether a label says no, by a single word; None if that is not clear."""
    words = words_of(_EXCEPTION.split(label)[0])
    if not (_UNCLEAR_BEFORE | _UNCLEAR_BEHIND).isdisjoint(words):
        return None
    said = sum(word in NEGATIONS for word in words)
    return bool(said) if said < 2 else None


def words_of(text: str) -> list[str]:
    """The words of a text, without capitals."""
    return [word.casefold() for word in _TOKEN.findall(text)]


def _mentions(library: Library, label: str, names: frozenset[str]) -> Iterator[NamedInLabel]:
    """What a label names of some variables; of several phrases that begin with the same word the longest."""
    phrases = sorted(_phrases(library, names), key=lambda each: -len(words_of(each[0])))
    phrases += _ages_named(library, label, names)
    for segment in _SEGMENTS.split(label):
        excepting = _MAY.search(segment) is not None
        denied_before = False
        for part in _CLAUSES.split(segment):
            excepting = excepting or _EXCEPTION.match(part.strip()) is not None
            tokens = _TOKEN.findall(_EXCEPTION.sub(" unless ", part))
            words = [token.casefold() for token in tokens]
            i = 0
            while i < len(words):
                if words[i] == "unless":
                    excepting, denied_before = True, False
                found = next((p for p in phrases if _stands_at(p[0], tokens, i)), None)
                if found is None:
                    i += 1
                    continue
                length = len(words_of(found[0]))
                before, behind = words[:i], words[i + length :]
                denied = _is_denied(before, behind, denied_before=denied_before)
                condition = _with_number(found[1], before)
                if denied is not None and condition is not None:
                    yield NamedInLabel(condition, " ".join(tokens[i : i + length]), denied, excepting)
                i += length
            denied_before = denied_before or not NEGATIONS.isdisjoint(words)


def _is_denied(before: list[str], behind: list[str], *, denied_before: bool) -> bool | None:
    """Whether what stands between these words is denied; None if that is not clear, as of `not A, B` of B."""
    for i, word in enumerate(before):
        if word == "unless" or word in _WHICH:
            return _is_denied(before[i + 1 :], behind, denied_before=False)
    if not _UNCLEAR_BEFORE.isdisjoint(before) or not _UNCLEAR_BEHIND.isdisjoint(behind):
        return None
    said = sum(word in NEGATIONS for word in before)
    # `neither A nor B` says no to B once
    said -= "nor" in before and said > 1
    if said:
        return True if said == 1 else None
    return None if denied_before else False


_AGES = pattern(
    r"(?P<from>\bfrom (?P<a>\d+) years|\b(?P<b>\d+) (?:years )?(?:and over|or over|or older|and older)"
    r"|\b(?:at least|older than) (?P<c>\d+) years)"
    r"|(?P<below>\b(?:below|under|younger than) (?P<d>\d+) years)",
    re.IGNORECASE,
)


def _ages_named(library: Library, label: str, names: frozenset[str]) -> Iterator[tuple[str, t.Condition]]:
    """The ages that a label names, of the definition of an age of which the clause speaks."""
    for value in library.definitions.values():
        age = value.term if isinstance(value, Number) else None
        if not isinstance(age, t.CompletedYears) or not t.variables(age) - {t.AS_OF} <= names:
            continue
        for found in _AGES.finditer(label):
            years = t.Constant(Fraction(next(filter(None, (found[key] for key in "abcd")))))
            above = found["from"] is not None
            yield found.group(), t.Compare("<=", years, age) if above else t.Compare("<", age, years)


def _stands_at(phrase: str, tokens: list[str], at: int) -> bool:
    """Whether a phrase stands there; one of few capitals only does in capitals, so that `CR` is no word."""
    words = _TOKEN.findall(phrase)
    here = tokens[at : at + len(words)]
    if phrase.isupper() and len(phrase) < 5:
        return here == words
    return [w.casefold() for w in here] == [w.casefold() for w in words]


def _phrases(library: Library, names: frozenset[str]) -> Iterator[tuple[str, t.Condition]]:
    """The words that stand for a condition on one of the variables."""
    for phrase in library.phrases:
        if not names.isdisjoint(t.variables(phrase.says)):
            yield from ((words, phrase.says) for words in phrase.words)
    for name in sorted(names):
        variable = library.variables.get(name)
        if variable is not None:
            yield from _own_phrases(name, variable)


def _own_phrases(name: str, variable: Variable) -> Iterator[tuple[str, t.Condition]]:
    match variable.type:
        case BooleanType():
            for words in re.split(r"[()]", variable.label):
                if words.strip():
                    yield words.strip(), t.BooleanVariable(name)
        case EnumerationType(values):
            for value in values:
                if _is_a_name(value, values) and value.casefold() not in NEGATIONS:
                    yield value.replace("_", " "), t.Member(name, frozenset({value}))
        case IntegerType():
            yield variable.label.removeprefix("number of "), _at_least(name, 1)


def _is_a_name(value: str, values: Collection[str]) -> bool:
    """Whether a value is told from other words: two letters are only as capitals, and not as a code of hundreds."""
    return len(value) > 2 or (len(value) == 2 and value.isupper() and len(values) < MANY_VALUES)


def _at_least(name: str, number: int) -> t.Condition:
    return t.Compare("<=", t.Constant(Fraction(number)), t.NumberVariable(name, "int"))


def _with_number(condition: t.Condition, before: list[str]) -> t.Condition | None:
    """What a phrase stands for behind a number: `two or more attempts`; None where it is not clear."""
    match condition:
        case t.Compare("<=", t.Constant(), t.NumberVariable(name, "int")):
            told = " ".join(before[-4:])
            if found := re.search(r"(?:at least (\w+)|(\w+) or more)(?: \w+)?$", told):
                word = found[1] or found[2]
                number = int(word) if word.isdecimal() else _NUMBERS.get(word)
                return None if number is None else _at_least(name, number)
            return None if re.search(r"\d|\b(one|two|three|most|up)\b", told) else condition
    return condition


def _signs(prover: Prover, named: t.Condition, conditions: Iterable[t.Condition]) -> set[bool]:
    """How what is named bears on the comparisons of its variables: True where one holds by it, False where one fails by it."""
    found = set()
    wanted = t.variables(named) - {t.AS_OF}
    for condition in conditions:
        for atom, holds in atoms_of(condition):
            if wanted and wanted == t.variables(atom) - {t.AS_OF}:
                sign = _bearing(prover, named, atom)
                if sign is not None:
                    found.add(sign is holds)
    return found


def atoms_of(condition: t.Condition, *, holds: bool = True) -> Iterator[tuple[t.Condition, bool]]:
    """The comparisons and flags of a condition, each with whether it has to hold."""
    match condition:
        case t.Not(inner):
            yield from atoms_of(inner, holds=not holds)
        case t.And(parts) | t.Or(parts):
            for part in parts:
                yield from atoms_of(part, holds=holds)
        case t.Iff(left, right):
            for part in (left, right):
                yield from atoms_of(part, holds=True)
                yield from atoms_of(part, holds=False)
        case _:
            yield condition, holds


def _bearing(prover: Prover, named: t.Condition, atom: t.Condition) -> bool | None:
    """Whether what is named makes a comparison true, or false; None if neither."""
    if named == atom:
        return True
    if isinstance(named, t.Member) and isinstance(atom, t.Member):
        if named.values <= atom.values:
            return True
        return False if named.values.isdisjoint(atom.values) else None
    if not prover.possible([named, atom]):
        return False
    return None if prover.possible([named, t.negation(atom)]) else True
