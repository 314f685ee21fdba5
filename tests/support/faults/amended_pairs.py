"""Amendments of trial files, drawn by a seed, each with what is known of whom it admits or shuts out.

    limit      ro I3   ecog <= 2 => ecog <= 3                     nobody is shut out: looser, or equivalent where others ask as much
    de morgan  uc I4   a and b => not (not (a) or not (b))        equivalent

What `match diff` answers is held against this, and against patients at the limits of the clause, of whom each version's conditions are
evaluated one by one. `python -m tests.support.faults.amended_pairs` draws pairs over all trial files and tells what does not agree.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from lark import Token, Tree

from solver.engine.clauses import ConditionCache
from solver.engine.problem import Problem, pose
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.errors import InputError
from solver.evaluation.breakpoints import breaks, cells
from solver.evaluation.compared_parts import comparisons
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, choices, complete
from solver.language.domain import Domain, Environment, Inconsistent, Interval, is_exact, point
from solver.language.parse import parse_expression
from solver.language.tree import Condition, variables
from solver.library.files.yaml_places import Document, parse_document
from solver.library.load import load_library
from solver.library.models import Library, Trial
from solver.library.trial_files import compile_trial
from solver.patient.record import Context
from solver.questions.diff.admission import Everyone, admission, is_text
from solver.questions.diff.answer import Comparison
from solver.questions.diff.ask import compare
from solver.work import OutOfBudget
from tests.support.drawing.conditions import is_true

ROOT = Path(__file__).parents[3]
FILES = (
    *sorted((ROOT / "encodings/trials").glob("*.yaml")),
    *sorted((ROOT / "examples/trials").glob("*.yaml")),
)

LOOSER, STRICTER, SAME = ("looser", "equivalent"), ("stricter", "equivalent"), ("equivalent",)
ANY = ("looser", "stricter", "equivalent", "incomparable")

Edit = tuple[str, int, int, str, tuple[str, ...]]
"""Of an expression: the kind, where the text begins and ends that is replaced, the new text, and the relations that there may be."""

EQUAL_UNITS = {
    "mg/dL": ("mg/L", 10),
    "g/dL": ("g/L", 10),
    "mL/min": ("L/min", 0.001),
    "kg": ("g", 1000),
    "/uL": ("/mL", 1000),
}
DEFINITIONS = {"relapsed_or_refractory": "(disease_status in {relapsed, refractory})"}
ADDED = ("ecog <= 1", "age <= 60", "not pregnant", "weight >= 40 kg", "lvef >= 45 %")


@dataclass(frozen=True, slots=True)
class AmendedPair:
    """A trial file before and after an amendment of a kind, in words, and the relations that the second may have to the first."""

    file: Path
    kind: str
    words: str
    before: str
    after: str
    allowed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}: {self.file.stem} {self.words}"


def pairs_of(path: Path, library: Library, draw: Random) -> Iterator[AmendedPair]:
    """Every amendment of a file that is known here, in a drawn order."""
    text = path.read_text()
    document = parse_document(text, path.name)
    found = [*_edited_expressions(path, text, document), *_edited_clauses(path, text, document, draw)]
    draw.shuffle(found)
    yield from found


def _edited_expressions(path: Path, text: str, document: Document) -> Iterator[AmendedPair]:
    for i, clause in enumerate(document.data["clauses"]):
        wheres: list[tuple[tuple[str | int, ...], int]] = [
            (("clauses", i, key), sign)
            for key, sign in (("require", 1), ("unless", 1), ("when", -1))
            if key in clause
        ]
        if isinstance(clause.get("cohorts"), dict):
            wheres += [(("clauses", i, "cohorts", cohort), 1) for cohort in clause["cohorts"]]
        for where, sign in wheres:
            node = document.nodes[where]
            start = node.start_mark.index
            said = document.expression(where)[0]
            start = text.index(said, start)
            for kind, begin, end, new, allowed in _edits_of(parse_expression(said), said, sign):
                after = text[: start + begin] + new + text[start + end :]
                words = f"{clause['id']}: {' '.join(said[begin:end].split())} => {' '.join(new.split())}"
                yield AmendedPair(
                    path, f"{kind} of when" if where[-1] == "when" else kind, words, text, after, allowed
                )


def _edits_of(tree: Tree[Token], said: str, sign: int) -> Iterator[Edit]:
    """The amendments of an expression; `sign` says whether the clause asks for more the more often it holds, 0 where that is open."""
    kind, children = str(tree.data), tree.children
    meta: Any = tree.meta
    if kind == "compare" and len(children) == 3:
        yield from _edits_of_comparison(tree, said, sign)
    elif kind in ("conjunction", "disjunction"):
        spans = [_span_of(child, said) for child in children]
        texts = [said[a:b] for a, b in spans]
        begin, end = spans[0][0], spans[-1][1]
        joined = "and" if kind == "conjunction" else "or"
        other = "or" if joined == "and" else "and"
        # what lies between must be the words and blanks alone
        plain = texts if texts[0] != "cohort_open" else texts[1:]
        if (
            len(plain) > 1
            and "cohort_open" not in plain
            and all(said[a[1] : b[0]].strip() == joined for a, b in pairwise(spans))
        ):
            yield "reordered", begin, end, f" {joined} ".join(reversed(texts)), SAME
            denied = f" {other} ".join(f"not ({each})" for each in texts)
            yield "de morgan", begin, end, f"(not ({denied}))", SAME
            texts, begin = plain, spans[len(spans) - len(plain)][0]
            direction = (
                (LOOSER if sign > 0 else STRICTER) if joined == "and" else (STRICTER if sign > 0 else LOOSER)
            )
            yield (
                "and or or",
                begin,
                end,
                f"({f' {other} '.join(f'({each})' for each in texts)})",
                direction if sign else ANY,
            )
            less = (
                (LOOSER if sign > 0 else STRICTER) if joined == "and" else (STRICTER if sign > 0 else LOOSER)
            )
            yield "part left out", begin, end, f"({f' {joined} '.join(texts[1:])})", less if sign else ANY
    elif kind == "name" and str(children[0]) in DEFINITIONS:
        yield "expanded", int(meta.start_pos), int(meta.end_pos), DEFINITIONS[str(children[0])], SAME
    inner = {"not_": -sign, "conjunction": sign, "disjunction": sign, "choice": 0}.get(kind, 0)
    for i, child in enumerate(children):
        if isinstance(child, Tree) and kind in ("not_", "conjunction", "disjunction", "choice", "implies"):
            own = (
                (-sign if i == 0 else sign)
                if kind == "implies"
                else (sign if kind == "choice" and i else inner)
            )
            yield from _edits_of(child, said, own)


def _span_of(node: Any, said: str) -> tuple[int, int]:
    """Where a part stands, with the brackets around it that it needs."""
    start, end = int(node.meta.start_pos), int(node.meta.end_pos)
    while said[start:end].count("(") > said[start:end].count(")"):
        end = said.index(")", end) + 1
    while said[start:end].count("(") < said[start:end].count(")"):
        start = said.rindex("(", 0, start)
    while (before := said[:start].rstrip()).endswith("(") and (behind := said[end:].lstrip()).startswith(")"):
        if before[:-1].rstrip()[-1:].isalnum() and not re.search(
            r"\b(and|or|not|implies|then|else|if)$", before[:-1].rstrip()
        ):
            break
        start, end = len(before) - 1, len(said) - len(behind) + 1
    return start, end


def _edits_of_comparison(tree: Tree[Token], said: str, sign: int) -> Iterator[Edit]:
    left, relation, right = tree.children
    if str(relation) not in ("<=", ">=", "<", ">"):
        return
    assert isinstance(relation, Token)
    strict = str(relation) in ("<", ">")
    other = str(relation)[0] + ("=" if strict else "")
    direction = (LOOSER if strict else STRICTER) if sign > 0 else (STRICTER if strict else LOOSER)
    yield (
        "strictness",
        int(relation.start_pos or 0),
        int(relation.end_pos or 0),
        other,
        direction if sign else ANY,
    )
    for side, upper in ((right, str(relation)[0] == "<"), (left, str(relation)[0] == ">")):
        assert isinstance(side, Tree)
        tokens = list(side.scan_values(lambda v: isinstance(v, Token) and v.type in ("NUMBER", "QUANTITY")))
        simple = str(side.data) in ("number", "quantity", "add", "times")
        if (
            len(tokens) != 1
            or not simple
            or (str(side.data) == "add" and not said[int(tokens[0].start_pos or 0) :].strip())
        ):
            continue
        (token,) = tokens
        begin, end = int(token.start_pos or 0), int(token.end_pos or 0)
        number = re.match(r"\d+(\.\d+)?", str(token))
        assert number is not None
        unit = str(token)[number.end() :]
        kind = {"ULN": "times of normal", "mo": "window", "d": "window", "wk": "window", "y": "window"}.get(
            unit.strip(), "limit"
        )
        for new, grows in (
            (_text(float(number[0]) * 2), True),
            (_text(float(number[0]) / 2 if "." in number[0] else int(number[0]) // 2), False),
        ):
            if new != number[0] and float(number[0]) > 0:
                more = grows is upper
                direction = (LOOSER if more else STRICTER) if sign > 0 else (STRICTER if more else LOOSER)
                yield kind, begin, end, f"{new}{unit}", direction if sign else ANY
        if unit.strip() in EQUAL_UNITS:
            same, factor = EQUAL_UNITS[unit.strip()]
            yield "unit", begin, end, f"{_text(float(number[0]) * factor)} {same}", SAME


def _text(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _edited_clauses(path: Path, text: str, document: Document, draw: Random) -> Iterator[AmendedPair]:
    """Clauses that are added, left out, moved, or said of other patients; labels that change."""
    starts = [
        found.start() + 1
        for found in re.finditer(r"\n  - id: ", text)
        if found.start() > text.index("\nclauses:")
    ]
    whole = text[starts[-1] :]
    last = re.search(r"\n\S", whole)
    ends = [*starts[1:], starts[-1] + last.start() + 1 if last else len(text)]
    blocks = [text[a:b] for a, b in zip(starts, ends, strict=True)]
    blocks[-1] = blocks[-1].rstrip("\n") + "\n"
    rest, head = text[ends[-1] :], text[: starts[0]]
    for require in ADDED:
        new = f"  - id: X99\n    label: Added\n    source: S\n    class: objective\n    changes: test\n    require: {require}\n"
        yield AmendedPair(
            path, "added", f"X99: {require}", text, head + "".join([*blocks, new]) + rest, STRICTER
        )
    for i, clause in enumerate(document.data["clauses"]):
        if "require" not in clause or (
            "acknowledged" in document.data
            and any(clause["id"] in e["clauses"] for e in document.data["acknowledged"])
        ):
            continue
        fewer = head + "".join(blocks[:i] + blocks[i + 1 :]) + rest
        yield AmendedPair(path, "left out", f"{clause['id']}: left out", text, fewer, LOOSER)
        block = blocks[i]
        if re.search(r"\n    when: [^\n]+\n    (?=\w)", block):
            without = re.sub(r"\n    when: [^\n]+\n    (?=\w)", "\n    ", block, count=1)
            always = head + "".join([*blocks[:i], without, *blocks[i + 1 :]]) + rest
            yield AmendedPair(path, "when left out", f"{clause['id']}: without when", text, always, STRICTER)
    moved = blocks[:]
    draw.shuffle(moved)
    yield AmendedPair(path, "moved", "clauses in another order", text, head + "".join(moved) + rest, SAME)
    renamed = re.sub(r"(\n    label: )", r"\1Amended - ", text)
    yield AmendedPair(path, "renamed", "labels", text, renamed, SAME)


@dataclass(frozen=True, slots=True)
class Judged:
    """What `match diff` answers of a pair, and what does not agree with it."""

    pair: AmendedPair
    relation: str
    faults: tuple[str, ...]
    drawn: int = 0
    refused: bool = False


def judge(library: Library, pair: AmendedPair, draw: Random, patients: int = 40) -> Judged:
    """Compare both versions, and hold the answer against what is known and against drawn patients."""
    try:
        trials = [
            compile_trial(parse_document(each, pair.file.name), library) for each in (pair.before, pair.after)
        ]
    except InputError as error:
        return (
            Judged(pair, "refused", (), refused=True)
            if pair.kind != "moved"
            else Judged(pair, "refused", (str(error),))
        )
    found = compare(library, *trials)
    relation = found.relation
    faults = []
    if relation != "unresolved" and relation not in pair.allowed:
        faults.append(f"is {relation}, and may be {' or '.join(pair.allowed)}")
    drawn = 0
    for lost, gained in _drawn_admissions(library, trials, found, draw, patients):
        drawn += 1
        if lost and found.lost.exists is False:
            faults.append("a drawn patient is shut out, and nobody is told to be")
        if gained and found.gained.exists is False:
            faults.append("a drawn patient is admitted, and nobody is told to be")
    for way, one in ((found.lost, 0), (found.gained, 1)):
        if way.exists and way.witness is None:
            faults.append("somebody is told to be there, and not shown")
        if way.witness is not None:
            stands = _standing_of(library, trials, way.witness.record)
            if stands is not None and (stands[one], stands[1 - one]) != (True, False):
                faults.append(f"the witness stands {stands}")
    return Judged(pair, relation, tuple(dict.fromkeys(faults)), drawn)


def _asked(trials: Sequence[Trial]) -> list[Mapping[str, Mapping[str, Condition]]]:
    cache = ConditionCache()
    return [admission(trial, Context(), cache) for trial in trials]


def _admits(asked: Mapping[str, Mapping[str, Condition]], at: Mapping[str, Any], box: Environment) -> bool:
    """Whether some cohort has all its conditions met, evaluated one by one; texts are taken for met."""
    return any(all(is_text(c) or _holds(c, at, box) for c in each.values()) for each in asked.values())


def _holds(condition: Condition, at: Mapping[str, Any], box: Environment) -> bool:
    try:
        return is_true(condition, at)
    except (AssertionError, ValueError, OverflowError, KeyError):
        # days that never come are in no calendar, and what is one of many is no form of the naive evaluation
        return evaluate(condition, box) is True


def _standing_of(library: Library, trials: Sequence[Trial], record: Any) -> tuple[bool, bool] | None:
    both = replace(library, trials={"before": trials[0], "after": trials[1]}, asked_by=None)
    problem = pose(both, record)
    if not problem.consistent() or problem.completion is None:
        return None
    one, other = (_admits(each, *_single(problem.completion)) for each in _asked(trials))
    return one, other


def _single(box: Environment) -> tuple[dict[str, Any], Environment]:
    """One point of a box, as values and as domains."""
    at: dict[str, Any] = {}
    exact: dict[str, Domain] = {}
    for name, domain in box.items():
        if isinstance(domain, Interval):
            value = domain.low if domain.exact else choices(domain)[0]
            at[name], exact[name] = value, point(value, whole=domain.whole)
        elif isinstance(domain, frozenset):
            at[name] = sorted(domain)[0]  # type: ignore[type-var]
            exact[name] = frozenset({at[name]})
        else:
            exact[name] = domain
    return at, exact


def _drawn_admissions(
    library: Library, trials: Sequence[Trial], found: Comparison, draw: Random, count: int
) -> Iterator[tuple[bool, bool]]:
    """Of drawn patients, whether the first alone admits them, and the second alone."""
    both = replace(library, trials={"before": trials[0], "after": trials[1]}, asked_by=None)
    problem = Everyone(both, REFERENCE_DAY.toordinal()).patients[-1].problem
    asked = _asked(trials)
    changed = [c for each in asked for own in each.values() for c in own.values()]
    same = set(map(repr, (c for own in asked[0].values() for c in own.values()))) & set(
        map(repr, (c for own in asked[1].values() for c in own.values()))
    )
    changed = [c for c in changed if repr(c) not in same and not is_text(c)] or changed[:4]
    asked_names = frozenset[str]().union(
        *(variables(c) for each in asked for own in each.values() for c in own.values())
    )
    names = sorted(frozenset[str]().union(*map(variables, changed)) & problem.known.keys())
    bases = []
    if not problem.consistent() or problem.completion is None:
        return
    for each in asked:
        for own in each.values():
            try:
                goals = [c for c in own.values() if not is_text(c)]
                box = problem.oracle.possible(goals)
            except OutOfBudget:
                continue
            if box is not None:
                cone = problem.oracle.cone(frozenset[str]().union(*map(variables, goals)))
                bases.append({**problem.completion, **{name: box[name] for name in cone}})
    for _ in range(count if bases and names else 0):
        box = _changed_box(problem, draw.choice(bases), names, changed, draw)
        if box is None:
            continue
        at, exact = _single(box)
        # of what nothing is asked, an equation may have an irrational solution, which no point shows
        if any(
            evaluate(c, exact) is not True
            for c in problem.oracle.theory
            if not asked_names.isdisjoint(variables(c))
        ):
            continue
        one, other = (_admits(each, at, exact) for each in asked)
        yield one and not other, other and not one


def _changed_box(
    problem: Problem, base: Environment, names: Sequence[str], changed: Sequence[Condition], draw: Random
) -> Environment | None:
    """A patient like another, with drawn values of these variables, at the limits of what is asked of them."""
    oracle = problem.oracle
    cone = oracle.cone(names)
    box = {**base, **{name: problem.known[name] for name in cone}}
    theory = Conditions([oracle.theory[i] for i in oracle.relevant(cone)])
    for name in draw.sample(names, len(names)):
        domain = box[name]
        if is_exact(domain):
            continue
        if isinstance(domain, Interval):
            cuts = {cut for c in comparisons(changed) for cut in breaks(c, name, domain) or ()}
            values = [
                point(v, whole=domain.whole) for cell in cells(domain, sorted(cuts)) for v in choices(cell)
            ]
        else:
            values = [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc,type-var,arg-type]
        trial = {**box, name: draw.choice(values)}
        try:
            theory.close(trial, {name})
        except Inconsistent:
            continue
        box = trial
    try:
        done = complete(theory, box)
    except Inconsistent:
        return None
    # whatever is open elsewhere keeps the completion of the base
    return done


def sample(library: Library, seed: int, each: int) -> Iterator[AmendedPair]:
    """So many amendments of each file, of as many kinds as it has."""
    for path in FILES:
        draw, kinds = Random(f"{seed} {path.stem}"), Counter[str]()
        found = list(pairs_of(path, library, draw))
        while found and sum(kinds.values()) < each:
            fewest = min(found, key=lambda pair: kinds[pair.kind])
            found.remove(fewest)
            kinds[fewest.kind] += 1
            yield fewest


def main(arguments: Sequence[str]) -> int:
    """Draw pairs, and tell those of which the answer does not agree; 1 if there is one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=10, help="how many of each file")
    parser.add_argument("--files", default="", help="only files whose names contain this")
    parser.add_argument("--all", action="store_true", help="tell every pair")
    given = parser.parse_args(arguments)
    library, relations, wrong = load_library(), Counter[str](), 0
    for pair in sample(library, given.seed, given.each):
        if given.files not in pair.file.stem:
            continue
        started = time.process_time()
        judged = judge(library, pair, Random(given.seed))
        relations[judged.relation] += 1
        wrong += bool(judged.faults)
        if judged.faults or given.all:
            print(
                "WRONG" if judged.faults else "ok   ",
                judged.relation,
                judged.drawn,
                f"{time.process_time() - started:.1f}s",
                pair,
                *judged.faults,
                flush=True,
            )
    print(
        f"{relations.total()} pairs, {wrong} wrong: {', '.join(f'{n} {kind}' for kind, n in sorted(relations.items()))}"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
