"""The documents are true: every command, record, table and program in them is run, and what they show is what comes out.

`UPDATE_GOLDEN=1 python -m pytest tests/docs/test_docs.py` (or `make docs`) writes what comes out into the documents; review the
difference. How a block is treated is said by the words after its fence:

- `console`: each line after `$` is run in a copy of the checkout, at 80 columns; the lines below it are its output. A line that asks
  nothing of a shell is run in this process, and so is the program at the head of a line, but for the first line of the README and of the
  page of each verb.
- `json`: a record, or a site's context, that is read. `python`: a program that is run; a `text output` block is what it prints.
- `python more`: the program above goes on; the `text output` block is what this part prints.
- a file name after the language: the block is saved under that name, for the commands below it.
- `yaml triples`, `yaml readings`: worked cases, which hold of the encodings as the document has left them.

A table is treated as the comment above it says: see `TABLES` and `KEYS`. What stands between `<!-- fields: NAME -->` and `<!-- /fields -->`
are tables made from the class of an answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from pydantic import BaseModel

import solver
from solver import InputError, Library, load_library, read_record
from solver.language import printed_units, units
from solver.language.parse import parse_expression
from solver.language.units import parse_unit
from solver.library.compile import compile_library
from solver.library.files import library_files, site_file, trial_file
from solver.library.files.yaml_places import parse_document, read_document
from solver.patient.readers.native.read import read_context
from solver.patient.record import Record
from solver.questions import ANSWERS, TABLE
from solver.questions.catalogue.ask import encoded_trials
from tests.support.documents.field_tables import field_tables
from tests.support.drawing.drawn import WIDER
from tests.support.pages.command_line import run_command
from tests.support.records import labelled, worked

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
AS_OF = "2026-11-20"
MATCH = ".venv/bin/match "
CODE = re.compile(r"`([^`]+)`")


class Block(NamedTuple):
    """A fenced block: the words after the fence, and its lines."""

    words: list[str]
    text: str


class Workspace:
    """A copy of the checkout, as it is after `make demo`, in which commands are run as a user runs them.

    What lies in `shared` is the same for all copies: the files of the program, which no document changes, and what is compiled of the
    encodings, which goes by content. With `apart` the first command is run in a process of its own.
    """

    def __init__(self, folder: Path, shared: Path, *, apart: bool) -> None:
        self.folder, self.apart = folder, apart
        for part in ("encodings", "examples"):
            shutil.copytree(ROOT / part, folder / part)
        if not (shared / "solver").exists():
            shutil.copytree(ROOT / "solver", shared / "solver")
        shutil.copytree(shared / "solver", folder / "solver", copy_function=os.link)
        shutil.copy(ROOT / "cli.py", folder)
        (folder / ".venv/bin").mkdir(parents=True)
        self.environment = {
            **os.environ,
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(folder),
            "XDG_CACHE_HOME": str(shared / "compiled"),
        }
        self.copied = self._encodings()
        self._command("match", f'"{folder / "cli.py"}"')
        self._command("python", "")

    def _command(self, name: str, argument: str) -> None:
        path = self.folder / ".venv/bin" / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {argument} "$@"\n')
        path.chmod(0o755)

    def _encodings(self) -> dict[str, tuple[int, int]]:
        """The files of the encodings, by when and how long they were written: what a command reads that names none."""
        found = (self.folder / "encodings").rglob("*.yaml")
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}

    def run(self, *command: str, given: str = "") -> str:
        """What a command prints, on standard output and standard error."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def script(self, script: str) -> str:
        """What the lines of a script print: what the program itself does in this process, where nothing can tell it from a shell's.

        In `make explore`, where documents are written, and once the encodings of the copy are not those of the checkout, everything is run
        by a shell. Of a line that goes on after the program, a shell is given its output and the rest.
        """
        first, self.apart = self.apart, False
        alone = re.fullmatch(
            rf"{re.escape(MATCH)}({PLAIN}+?)( 2>/dev/null)?(?: ([|>]) ?(.*))?", script, re.DOTALL
        )
        if (
            first
            or not alone
            or WIDER > 1
            or os.environ.get("UPDATE_GOLDEN")
            or self.copied != self._encodings()
        ):
            return self.run("bash", "-c", script)
        words, silent, onward, rest = alone.groups()
        with pytest.MonkeyPatch.context() as patch, contextlib.chdir(self.folder):
            for name, value in self.environment.items():
                if name != "XDG_CACHE_HOME":  # the encodings of the copy are those of this process
                    patch.setenv(name, value)
            done = run_command(*shlex.split(words), together=onward is None and not silent)
        if onward is None:
            return done.output
        passed_on = self.run("bash", "-c", rest if onward == "|" else f"cat > {rest}", given=done.output)
        return ("" if silent else done.error) + passed_on


PLAIN = r"[^|&;<>$*?`\\\n]"
"""What means nothing to a shell but itself, or a quotation mark."""

PARTS = """
import json, sys
names = {"__name__": "__main__"}
for line in sys.stdin:
    exec(json.loads(line), names)
    print("\\0", flush=True)
"""


class Program:
    """A program of a document, in a process of its own: it is run part by part, as the document goes on."""

    def __init__(self, workspace: Workspace) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARTS],
            cwd=workspace.folder,
            env=workspace.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, part: str) -> str:
        """What the next part prints, on standard output and standard error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(part) + "\n")
        self.process.stdin.flush()
        printed = ""
        while not printed.endswith("\0\n"):
            line = self.process.stdout.readline()
            assert line, printed
            printed += line
        return printed.removesuffix("\0\n")

    def close(self) -> None:
        """End it."""
        self.process.communicate()


class Playing:
    """One document, played from top to bottom; `text` is the document with what really came out."""

    def __init__(self, path: Path, workspace: Workspace, library: Library) -> None:
        self.workspace, self.library = workspace, library
        self.program: Program | None = None
        self.printed = ""
        lines = path.read_text(encoding="utf-8").splitlines()
        try:
            self.text = "\n".join(self._played(lines)) + "\n"
        finally:
            self._end_program()

    def _end_program(self) -> None:
        if self.program:
            self.program.close()
            self.program = None

    def _played(self, lines: list[str]) -> Iterator[str]:
        left = iter(lines)
        table: Rule | None = None
        rows: list[str] = []
        for line in left:
            if rows and not line.startswith("|"):
                yield from table(self, rows) if table else rows
                table, rows = None, []
            if line.startswith("```"):
                body = list(iter(lambda: next(left), "```"))
                yield from (line, *self._block(Block(line[3:].split(), "\n".join(body))), "```")
            elif line.startswith("|"):
                rows.append(line)
            elif made := re.fullmatch(r"<!-- fields: ([a-z-]+)((?: \w+)*) -->", line):
                end = next(each for each in left if each == "<!-- /fields -->")
                yield from (line, *field_tables(made[1], made[2].split()), end)
            else:
                table = table_rule(line) or table
                yield line
        if rows:
            yield from table(self, rows) if table else rows

    def _block(self, block: Block) -> list[str]:
        match block.words:
            case ["console"]:
                return list(self._console(block.text.splitlines()))
            case ["python", "more"]:
                assert self.program
                self.printed = self.program.run(block.text)
            case ["text", "output"]:
                return self.printed.splitlines()
            case ["yaml", "triples" | "readings" as kind, _]:
                self._cases(kind, block.text)
            case [_, name]:
                path = self.workspace.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text + "\n", encoding="utf-8")
            case ["python"]:
                self._end_program()
                self.program = Program(self.workspace)
                self.printed = self.program.run(block.text)
            case ["json"]:
                self._json(block.text)
        return block.text.splitlines()

    def _console(self, lines: list[str]) -> Iterator[str]:
        commands: list[list[str]] = []
        for line in lines:
            if line.startswith("$ "):
                commands.append([line])
            elif line.startswith("> "):
                commands[-1].append(line)
        for command in commands:
            yield from command
            script = "\n".join(line[2:] for line in command)
            yield from self.workspace.script(script).splitlines()

    def _json(self, text: str) -> None:
        if json.loads(text).keys() & {"open_cohorts", "readings", "secondary_sources"}:
            read_context(text.encode(), self.library, name="site.json")
        else:
            read_record(text.encode(), self.library, name="patient.json")

    def _cases(self, kind: str, text: str) -> None:
        """Hold the cases to what the tests of the worked cases ask of them."""
        library = load_library(self.workspace.folder / "encodings", cached=False)
        cases = yaml.load(text, worked._Plain)
        if kind == "readings":
            for case in cases:
                labelled.check_case(case, library)
            return
        for variant, test in (
            ("met", labelled.check_met),
            ("broken", labelled.check_broken),
            ("unknown", labelled.check_open),
        ):
            for values in labelled.variants(cases, variant):
                test(*values.values, library)


# --- tables: each rule gives the rows as they should be ------------------------------------------------------------


def cells(row: str) -> list[str]:
    """The cells of a row."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def written(row: str) -> list[str]:
    """What stands in backticks in the first cell of a row."""
    return CODE.findall(cells(row)[0])


def fact(playing: Playing, variable: str, text: str) -> Record:
    """A record with one fact."""
    data = f'{{"as_of": "{AS_OF}", "facts": {{"{variable}": {text}}}}}'
    return read_record(data.encode(), playing.library, name="p")


def facts(playing: Playing, rows: list[str]) -> list[str]:
    """Rows of variable, fact as written, and fact as read."""
    found = rows[:2]
    for row in rows[2:]:
        variable, text = (CODE.findall(cell)[0] for cell in cells(row)[:2])
        read = fact(playing, variable, text).facts.get(variable)
        found.append(f"| `{variable}` | `{text}` | {read.text if read else 'unknown'} |")
    return found


def fact_errors(playing: Playing, rows: list[str]) -> list[str]:
    """Rows of variable, fact as written, and the error."""
    found = rows[:2]
    for row in rows[2:]:
        variable, text = (CODE.findall(cell)[0] for cell in cells(row)[:2])
        with pytest.raises(InputError) as caught:
            fact(playing, variable, text)
        shown = "; ".join(f"`{line.removeprefix('p: ')}`" for line in caught.value.problems)
        found.append(f"| `{variable}` | `{text}` | {shown} |")
    return found


def compiled(expressions: list[str], *, routing: bool, axioms: bool) -> dict[int, str]:
    """The error of each wrong expression, by its place in the list: `line:column: message` within the expression."""
    folder = ROOT / "encodings"
    parts = {
        part: [read_document(path, path.name) for path in sorted((folder / part).glob("*.yaml"))]
        for part in ("vocabulary", "theory", "concepts")
    }
    head = (
        ["axioms:"]
        if axioms
        else [
            "{trial: NCT00000007, code: DOC, title: t, intervention: i, recruitment: unknown, criteria: full,",
            " sources: [], cohorts: {ALL: {label: All}}, clauses: [",
        ]
    )
    lines = list(head)
    for i, expression in enumerate(expressions):
        open_door = ", routing: true" if routing and "cohort_open" in expression else ""
        quoted = expression.replace("'", "''")
        if axioms:
            lines += [f"- {{id: A{i}, label: a, source: s,", f"  require: '{quoted}'}}"]
        else:
            keys = f"id: C{i}, label: c, source: s, class: objective, changes: never{open_door}"
            lines += [f"{{{keys},", f"  require: '{quoted}'}},"]
    document = parse_document("\n".join(lines + ([] if axioms else ["]}"])), "doc")
    theory = [*parts["theory"], *([document] if axioms else [])]
    errors: dict[int, str] = {}
    try:
        trials = [] if axioms else [document]
        compile_library(parts["vocabulary"], theory, trials, "", concepts=parts["concepts"])
    except InputError as error:
        for problem in error.problems:
            _, line, column, message = problem.split(":", 3)
            errors[(int(line) - len(head)) // 2 - 1] = f"1:{int(column) - len('  require: ') - 1}:{message}"
    return errors


def expressions(playing: Playing, rows: list[str]) -> list[str]:
    """Rows that begin with conditions which compile."""
    wanted = [text for row in rows[2:] for text in written(row)]
    assert compiled(wanted, routing=True, axioms=False) == {}
    return rows


def axioms(playing: Playing, rows: list[str]) -> list[str]:
    """Rows that begin with conditions which compile as axioms."""
    assert compiled([text for row in rows[2:] for text in written(row)], routing=False, axioms=True) == {}
    return rows


def expression_errors(playing: Playing, rows: list[str]) -> list[str]:
    """Rows of a wrong condition and its error."""
    wrong = [written(row)[0] for row in rows[2:]]
    errors = compiled(wrong, routing=False, axioms=False)
    return [*rows[:2], *(f"| `{text}` | `{errors[i]}` |" for i, text in enumerate(wrong))]


def same_units(playing: Playing, rows: list[str]) -> list[str]:
    """Rows whose second cell holds units of one kind."""
    for row in rows[2:]:
        names = CODE.findall(cells(row)[1])
        assert len({parse_unit(name).dimension for name in names}) == 1, row
    return rows


def file_keys(shape: str) -> set[str]:
    """The keys of a shape of the files of encodings."""
    model = next(
        getattr(each, shape) for each in (trial_file, library_files, site_file) if hasattr(each, shape)
    )
    assert issubclass(model, BaseModel)
    return {info.alias or name for name, info in model.model_fields.items()}


Rule = Callable[[Playing, list[str]], list[str]]

TABLES: dict[str, Rule] = {
    "facts": facts,
    "fact errors": fact_errors,
    "expressions": expressions,
    "axioms": axioms,
    "expression errors": expression_errors,
    "units": same_units,
}


KEYS = {"file keys": file_keys}


def table_rule(line: str) -> Rule | None:
    """The rule for the table below a comment."""
    comment = re.fullmatch(r"<!-- ([a-z ]+)(?:: (\w+))? -->", line)
    if not comment:
        return None
    if comment[1] not in KEYS:
        return TABLES.get(comment[1])
    known = KEYS[comment[1]](comment[2])

    def every_key(playing: Playing, rows: list[str]) -> list[str]:
        """Rows that begin with the keys, all of them and no others."""
        assert {key for row in rows[2:] for key in written(row)} == known, line
        return rows

    return every_key


# --- the tests -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the copies of the checkout keep what they share."""
    return tmp_path_factory.mktemp("shared")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_shows_what_really_comes_out(
    path: Path, tmp_path: Path, library: Library, shared: Path
) -> None:
    """Played from top to bottom in a fresh copy of the checkout, the document says what it says now."""
    apart = path.name == "README.md" or path.parent.name == "verbs"
    playing = Playing(path, Workspace(tmp_path, shared, apart=apart), library)
    assert str(tmp_path) not in playing.text
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(playing.text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == playing.text


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "CHANGELOG.md"], ids=lambda path: path.stem)
def test_what_a_document_points_to_exists(path: Path) -> None:
    """Every link within the project leads to a file and to a heading in it, and every path that is named exists."""
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith("https://"):
            file, _, anchor = target.partition("#")
            found = path.parent / file if file else path
            assert found.exists(), target
            assert not anchor or anchor in anchors(found), target
    saved = set(re.findall(r"^```(?:\w+ )+(\S+/\S+)$", text, re.MULTILINE))
    for name in named(path):
        if re.fullmatch(r"(solver|tests|docs|examples|encodings|benchmarks)/[\w./-]*", name):
            assert name in saved or (ROOT / name).exists(), name


def named(path: Path) -> set[str]:
    """What stands in backticks outside of the blocks of a document."""
    return set(CODE.findall(re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)))


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_language_reference_is_complete() -> None:
    """docs/encoding.md names every word and function of the grammar; docs/record.md every unit and every printed form."""
    grammar = (ROOT / "solver/language/criterion.lark").read_text(encoding="utf-8")
    words = set(re.findall(r'"([a-z]+)"', grammar)) | {"days_between", "completed_years", "count", "size"}
    reference = " ".join(named(ROOT / "docs/encoding.md"))
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", reference)] == []
    for expression in ("days_between(a, b)", "completed_years(a, b)", "count(a)", "size(a)"):
        parse_expression(f"{expression} >= 1")
    known = {*units._ATOMS, *printed_units.WORDS, *printed_units.COUNTS, *filter(None, printed_units._WHOLE)}
    assert known - named(ROOT / "docs/record.md") == set()


def test_the_record_reference_names_what_is_converted(library: Library) -> None:
    """docs/record.md names every variable with equivalent units, with drugs, or without a unit."""
    special = [
        name
        for name, variable in library.variables.items()
        if variable.bare or variable.drugs or getattr(variable.type, "equivalents", ())
    ]
    assert set(special) - named(ROOT / "docs/record.md") == set()


def test_the_python_page_names_what_may_be_imported() -> None:
    """docs/python.md explains every public name."""
    assert set(solver.__all__) - named(ROOT / "docs/python.md") == set()


def test_every_verb_has_a_page_and_the_readme_leads_to_it() -> None:
    """One page a verb and no other, each with the exit codes and a row in the table of the README."""
    pages = sorted((ROOT / "docs/verbs").glob("*.md"))
    assert {page.stem for page in pages} == {"match", *TABLE}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in pages:
        assert f"](docs/verbs/{page.name})" in readme
        assert "## Exit codes" in page.read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    """What it is, one answer and where to go on; all else has a page."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_readme_says_how_much_of_each_trial_is_encoded(library: Library) -> None:
    """A row a trial, with its criteria that are encoded, and whether it is open."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([A-Z0-9]+) \| (.*) \|$", readme, re.MULTILINE))
    told = {trial.code: trial for trial in encoded_trials(library, library.trials).trials}
    assert rows.keys() == told.keys()
    for code, trial in told.items():
        _, encoded, status = rows[code].split(" | ")
        share = f"{trial.counts.share.clauses} of {trial.counts.share.of}"
        assert (encoded.startswith(share), status) == (True, trial.recruitment.replace("_", " "))


@pytest.mark.parametrize("name", ANSWERS)
def test_the_keys_of_an_answer_stand_in_a_document_once(name: str) -> None:
    """Made from its class, between two comments."""
    texts = [path.read_text(encoding="utf-8") for path in DOCUMENTS]
    made = sum(len(re.findall(rf"<!-- fields: {name}(?: but .*)? -->", text)) for text in texts)
    assert made == 1
