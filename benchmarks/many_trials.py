"""Measure one patient against thousands of trials: verdicts and the clauses that exclude, and full answers, against hand-written functions.

python benchmarks/many_trials.py [TRIALS]

The trials are invented, the same from the same seed, and each is written twice: as a file of encodings, and as a Python function that is
given the patient's values and answers in three values, None for what is not known. The functions know no theory, and the facts that it
links are recorded. Verdicts and clauses are compared before a time is printed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from solver.library.load import load_library  # noqa: E402
from solver.library.models import Library  # noqa: E402
from solver.matcher import Matcher  # noqa: E402
from solver.patient.readers.native.read import read_record  # noqa: E402

ROUNDS = 5
LABS = {
    "platelets": ("/uL", [20_000, 50_000, 75_000, 100_000], ">="),
    "neutrophils": ("/uL", [500, 1_000, 1_500], ">="),
    "haemoglobin": ("g/dL", [7, 8, 9, 10], ">="),
    "alt": ("U/L", [80, 120, 150, 200], "<="),
    "ast": ("U/L", [80, 120, 150, 200], "<="),
    "total_bilirubin": ("mg/dL", [1.5, 2, 3], "<="),
    "serum_creatinine": ("mg/dL", [1.2, 1.5, 2], "<="),
    "albumin": ("g/dL", [2.5, 3, 3.5], ">="),
    "potassium": ("mmol/L", [3, 3.5], ">="),
    "lvef": ("%", [40, 45, 50], ">="),
    "inr": ("1", [1.5, 2], "<="),
    "egfr": ("mL/min/{1.73_m2}", [30, 45, 60], ">="),
}
FLAGS = [
    "active_infection",
    "hiv_aids_on_art",
    "apl",
    "cns_leukemia_active",
    "other_malignancy_requires_therapy",
    "prior_menin_inhibitor",
    "prior_car_t",
    "gvhd_active",
    "immunosuppression_current",
    "solid_organ_transplant",
    "pregnant",
    "breastfeeding",
    "concurrent_investigational_drug",
    "clin_sig_liver_disease",
]
DIAGNOSES = ["AML", "MDS", "B_ALL", "T_ALL", "BPDCN"]
STATUSES = ["untreated", "relapsed", "refractory", "remission"]


def at_least(value: Any, limit: Any) -> bool | None:
    """Whether a value that may be missing is as large."""
    return None if value is None else value >= limit


def at_most(value: Any, limit: Any) -> bool | None:
    """Whether a value that may be missing is as small."""
    return None if value is None else value <= limit


def within(value: Any, values: frozenset[str]) -> bool | None:
    """Whether a value that may be missing is one of these."""
    return None if value is None else value in values


def no(value: bool | None) -> bool | None:
    """The opposite."""
    return None if value is None else not value


def both(one: bool | None, other: bool | None) -> bool | None:
    """Whether both hold."""
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def either(one: bool | None, other: bool | None) -> bool | None:
    """Whether one of them holds."""
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def judged(clauses: dict[str, bool | None]) -> tuple[str, list[str]]:
    """The verdict that clauses come to, and those that are not met."""
    failed = [name for name, value in clauses.items() if value is False]
    if failed:
        return "ineligible", failed
    return ("eligible" if all(clauses.values()) else "undetermined"), []


def clauses(random: Random) -> Iterator[tuple[str, str]]:
    """Clauses of an invented trial: in the criterion language, and in Python."""
    low = random.choice([18, 18, 18, 12, 16, 60])
    yield f"age >= {low}", f"at_least(p['age'], {low})"
    if random.random() < 0.5:
        high = random.choice([60, 65, 70, 75, 80])
        yield f"age <= {high}", f"at_most(p['age'], {high})"
    some = sorted(random.sample(DIAGNOSES, random.randint(1, 2)) + ["AML"] * (random.random() < 0.5))
    some = sorted(set(some))
    yield f"diagnosis in {{{', '.join(some)}}}", f"within(p['diagnosis'], frozenset({some}))"
    course = sorted(random.sample(STATUSES, random.randint(1, 3)))
    yield f"disease_status in {{{', '.join(course)}}}", f"within(p['disease_status'], frozenset({course}))"
    most = random.choice([1, 2, 2, 3])
    yield f"ecog <= {most}", f"at_most(p['ecog'], {most})"
    for name in random.sample(sorted(LABS), random.randint(2, 6)):
        unit, limits, relation = LABS[name]
        limit = random.choice(limits) * (1 if random.random() < 0.7 else 1.25)
        limit = int(limit) if limit == int(limit) else limit
        function = "at_least" if relation == ">=" else "at_most"
        written = f"{name} {relation} {limit}{'' if unit == '1' else f' {unit}'}"
        python = f"{function}(p['{name}'], {limit})"
        if random.random() < 0.15:
            flag = random.choice(FLAGS)
            yield f"{flag} implies {written}", f"either(no(p['{flag}']), {python})"
        else:
            yield written, python
    for name in random.sample(FLAGS, random.randint(3, 8)):
        if random.random() < 0.15:
            other = random.choice([each for each in FLAGS if each != name])
            yield f"not ({name} and {other})", f"no(both(p['{name}'], p['{other}']))"
        else:
            yield f"not {name}", f"no(p['{name}'])"


def invented(number: int, seed: int = 16) -> tuple[str, str]:
    """A trial, as a file of encodings and as a Python function."""
    code, random = f"X{number}", Random(f"{seed} {number}")
    found = list(clauses(random))
    file = [
        f"trial: NCT{number:08}",
        f"code: {code}",
        f"title: Invented trial {number}",
        "intervention: invented",
        "recruitment: recruiting",
        "recruitment_note: Invented.",
        "criteria: full",
        'sources: [{id: S, text: "Invented"}]',
        "cohorts: {ALL: {label: Everybody}}",
        "clauses:",
    ]
    python = [f"def {code.lower()}(p):", "    return judged({"]
    for i, (written, said) in enumerate(found, 1):
        file.append(
            f"  - {{id: C{i}, label: Clause {i}, source: S, class: objective, changes: never, require: '{written}'}}"
        )
        python.append(f"        '{code}.C{i}': {said},")
    return "\n".join(file) + "\n", "\n".join([*python, "    })"]) + "\n"


Judge = Callable[[dict[str, Any]], tuple[str, list[str]]]


def functions_of(count: int) -> list[Judge]:
    """The functions that say what so many invented trials say."""
    names = dict[str, Any](globals())
    for number in range(1, count + 1):
        exec(invented(number)[1], names)
    return [names[f"x{number}"] for number in range(1, count + 1)]


def written_folder(base: Path, count: int) -> Path:
    """A folder of encodings with so many invented trials, each in a file."""
    folder = base / "encodings"
    shutil.copytree(ROOT / "encodings", folder, ignore=shutil.ignore_patterns("trials"))
    (folder / "trials").mkdir()
    for number in range(1, count + 1):
        (folder / "trials" / f"x{number:05}.yaml").write_text(invented(number)[0])
    return folder


FIRST = """
import json, resource, sys
from solver.library.load import load_library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record

library = load_library(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    record = read_record(file.read(), library, name="invented")
found = {each.code: (each.verdict, each.blocking) for each in Matcher(library).verdicts(record)}
sys.stdout.write(json.dumps([found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000]))
"""
"""What a process does that gives a first answer."""


def library_of(base: Path, count: int) -> Library:
    """A library of invented trials, as it comes from the compile cache, which lies in `base` from then on."""
    os.environ["XDG_CACHE_HOME"] = str(base / "cache")
    folder = written_folder(base, count)
    patient = base / "patient.json"
    patient.write_text(json.dumps(RECORD))
    # in a process of its own: what compiling leaves behind in memory makes everything slower that comes after it
    command = [sys.executable, "-c", FIRST, str(folder), str(patient)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return load_library(folder)


PATIENT: dict[str, Any] = {
    "age": 61,
    "diagnosis": "AML",
    "disease_status": "relapsed",
    "ecog": 1,
    "platelets": 64_000,
    "neutrophils": 900,
    "haemoglobin": 9.1,
    "alt": 41,
    "total_bilirubin": 0.9,
    "serum_creatinine": 1.1,
    "albumin": 3.4,
    "lvef": 58,
    "active_infection": False,
    "apl": False,
    "cns_leukemia_active": False,
    "pregnant": False,
    "breastfeeding": False,
    "prior_car_t": False,
    "gvhd_active": False,
    "immunosuppression_current": False,
    "other_malignancy_requires_therapy": False,
    "prior_menin_inhibitor": False,
}
RECORD = {
    "id": "invented",
    "as_of": "2025-06-01",
    "facts": {
        "birth_date": "1964-01-15",
        **{
            name: {"value": value, "unit": LABS[name][0]} if name in LABS else value
            for name, value in PATIENT.items()
            if name != "age"
        },
    },
}


def least_time(action: Callable[[], object]) -> float:
    """The least processor time of an action, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = process_time()
        action()
        times.append(process_time() - start)
    return min(times)


VALUES = {name: PATIENT.get(name) for name in ("age", *LABS, *FLAGS, "diagnosis", "disease_status", "ecog")}
"""What the functions are given; None is not known."""


def expected(functions: Sequence[Judge]) -> list[tuple[str, list[str]]]:
    """The verdicts of the functions, each with the clauses that exclude."""
    return [(verdict, sorted(failed)) for verdict, failed in (each(VALUES) for each in functions)]


def main(base: Path, count: int, few: int = 600) -> None:
    """Measure, and print the ratios; `base` is an empty folder."""
    functions = functions_of(count)
    theirs = least_time(lambda: [each(VALUES) for each in functions])
    library = library_of(base, count)
    matcher = Matcher(library)
    record = read_record(json.dumps(RECORD).encode(), library, name="invented")
    found = [(each.verdict, list(each.blocking or ())) for each in matcher.verdicts(record)]
    assert found == expected(functions), "the verdicts differ"
    ours = least_time(lambda: matcher.verdicts(record))
    print(
        f"one patient, {count:,} trials, verdicts and blocking clauses: {1000 * ours:.0f} ms, "
        f"hand-written functions {1000 * theirs:.0f} ms, ratio {ours / theirs:.2f} (limit 1.5)"
    )
    codes, functions = list(library.trials)[:few], functions[:few]
    fewer = Matcher(replace(library, trials={code: library.trials[code] for code in codes}))
    whole = fewer.match(record).trials
    conflicts = [sorted(name for each in trial.conflicts for name in each) for trial in whole]
    said = [*zip((each.verdict for each in whole), conflicts, strict=True)]
    assert said == expected(functions), "the full answers differ"
    ours = least_time(lambda: fewer.match(record))
    theirs = least_time(lambda: [each(VALUES) for each in functions])
    print(
        f"one patient, {few:,} trials, the full answer: {1000 * ours:.0f} ms, "
        f"hand-written functions {1000 * theirs:.1f} ms, ratio {ours / theirs:.0f} (limit 100)"
    )


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        main(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 3_621)
