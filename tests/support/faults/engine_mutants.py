"""The strength of the tests: `make engine-mutants`, or `python -m tests.support.faults.engine_mutants [--sample N] [--seed N]`.

cosmic-ray makes the mutants of what evaluates, asks the solver and answers, and runs the tests on each, in a copy of the tree. What is
added here: a sample that the seed determines, no mutants where nothing runs (annotations, decorators, aliases of types), and of the
tests those first that look at the module. A mutant that outlives them meets the tests of the whole engine; one that outlives these as
well survives.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import shutil
import sys
import tempfile
import tomllib
from collections import Counter
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.support.faults.engine_places import Place, tells

HERE = Path(__file__).resolve()
CONFIG = HERE.with_suffix(".toml")
LONGER = 6  # times as long may the tests of the whole engine take
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__")


def looking_at(module: Path) -> tuple[list[str], list[str]]:
    """The tests that look closest at a module, and those that look at the whole engine, each in the order in which they run."""
    table = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["engine-mutants"]
    name = module.relative_to("solver").with_suffix("").as_posix()
    near = next(
        row["tests"] for row in table["closest"] if any(fnmatch(name, each) for each in row["modules"])
    )
    far = [each for each in table["everywhere"] if each not in near]
    return _paths(near), _paths(far)


def _paths(names: list[str]) -> list[str]:
    return [
        f"tests/{folder}/test_{name}.py{colons}{test}"
        for file, colons, test in (each.partition("::") for each in names)
        for folder, _, name in [file.rpartition("/")]
    ]


def drawn(sample: int, seed: int) -> list[Any]:
    """The mutations of the sample, in an order by chance, so that the first of them are a sample as well; all if `sample` is 0."""
    from cosmic_ray.commands import init
    from cosmic_ray.config import load_config
    from cosmic_ray.modules import filter_paths, find_modules
    from cosmic_ray.tools.filters.operators_filter import OperatorsFilter
    from cosmic_ray.work_db import WorkDB, use_db

    config = load_config(str(CONFIG))
    paths = find_modules(Path(each) for each in config["module-path"])
    with use_db("mutants.sqlite", WorkDB.Mode.create) as db:
        init(sorted(filter_paths(paths, config.get("excluded-modules", ()))), db, {})
        OperatorsFilter().filter(db, argparse.Namespace(config=str(CONFIG)))
        found = [mutation for item in db.pending_work_items for mutation in item.mutations]
    sources = {path: path.read_text(encoding="utf-8") for path in {each.module_path for each in found}}
    found = [each for each in found if tells(each.start_pos, each.operator_name, sources[each.module_path])]
    found.sort(key=_place)
    count = min(sample or len(found), len(found))
    print(f"{count} of {len(found)} mutants, seed {seed}", flush=True)
    return random.Random(seed).sample(found, count)


def _place(mutation: Any) -> tuple[str, Place, str, int]:
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name, mutation.occurrence


def fault(modules: set[Path], timeout: float) -> str:
    """What the tests that look closest at these modules say if they fail where nothing is changed: no score would follow."""
    from cosmic_ray.testing import TestOutcome, run_tests

    files = sorted({file for module in modules for file in looking_at(module)[0]})
    found, output = run_tests(_command(files), timeout)
    return "" if found == TestOutcome.SURVIVED else output


def _command(files: list[str]) -> str:
    return shlex.join([sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files])


def outcome(mutation: Any, files: list[str], timeout: float) -> tuple[str, str]:
    """What becomes of a mutant before these tests, "killed", "timeout" or "survived", and how its text differs."""
    from cosmic_ray.mutating import mutate_and_test

    result = mutate_and_test([mutation], _command(files), timeout)
    if not result.is_killed:
        return "survived", result.diff or ""
    return "timeout" if result.output == "timeout" else "killed", ""


def run(sample: int, seed: int, timeout: float) -> None:
    """Judge the sample in the current folder and print what became of it; an interrupt ends a round, not the report."""
    fates: dict[int, str] = {}
    mutations = drawn(sample, seed)
    if found := fault({mutation.module_path for mutation in mutations}, timeout * LONGER):
        sys.exit(f"{found[-500:]}\nthe tests fail where nothing is changed: mend that first")
    with suppress(KeyboardInterrupt):
        for number, mutation in enumerate(mutations):
            fates[number], diff = outcome(mutation, looking_at(mutation.module_path)[0], timeout)
            _tell(number, mutation, fates[number], diff)
    with suppress(KeyboardInterrupt):
        for number in [each for each, fate in fates.items() if fate == "survived"]:
            fates[number], diff = outcome(
                mutations[number], looking_at(mutations[number].module_path)[1], timeout
            )
            _tell(number, mutation, f"{fates[number]} in the end", diff)
    scores = Counter(
        (str(mutations[number].module_path), fate == "survived") for number, fate in fates.items()
    )
    for module in sorted({module for module, _ in scores}):
        print(f"{module}: {scores[module, False]} of {scores[module, False] + scores[module, True]} killed")
    of = Counter(fates.values())
    print(f"{len(fates) - of['survived']} of {len(fates)} killed, {of['timeout']} of them by the time limit")


def _tell(number: int, mutation: Any, fate: str, diff: str) -> None:
    name = mutation.operator_name.removeprefix("core/")
    print(f"{number + 1} {fate} {mutation.module_path}:{mutation.start_pos[0]} {name}", flush=True)
    changed = [
        line for line in diff.splitlines() if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")
    ]
    print("".join(f"    {line}\n" for line in changed), end="", flush=True)


def main() -> None:
    """Copy the tree to a temporary folder, so that the working tree is never touched, and judge the sample there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=150, help="how many mutants; 0 for all (default 150)")
    parser.add_argument("--seed", type=int, default=1, help="which mutants (default 1)")
    parser.add_argument(
        "--timeout", type=float, default=400, help="seconds for the tests that look closest (default 400)"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(HERE.parents[3], tree, ignore=LEFT_BEHIND)
        os.chdir(tree)
        run(chosen.sample, chosen.seed, chosen.timeout)


if __name__ == "__main__":
    main()
