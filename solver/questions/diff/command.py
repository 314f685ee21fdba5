"""The verb `match diff`: read two trials and a cohort of patients, compare, print."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from solver.errors import InputError
from solver.library.choice import choose_trials
from solver.library.load import load_trial
from solver.library.models import Library, Trial
from solver.patient.readers.native.dates import parse_date
from solver.patient.readers.native.json_text import display_name
from solver.patient.readers.native.read import record_from
from solver.patient.readers.native.several import entries
from solver.questions.diff.ask import Amendment, Changed, compare
from solver.questions.diff.document import Answer, diff_json
from solver.questions.diff.page import diff_page
from solver.report.output import Form, print_json_or_page
from solver.report.progress import Progress

SAME, DIFFERENT = 0, 1

ReportError = Callable[[Exception], int]


def diff(
    library: Library,
    names: tuple[str, str],
    as_of: str | None,
    cohort: str | None,
    form: Form,
    report_error: ReportError,
) -> int:
    """Print how two trials relate, and how the patients of a cohort stand in each; return 1 if the trials differ, else 0.

    A name is a trial of the library or a file. `report_error` prints what is wrong with a line of the cohort and gives the exit code, which
    is then returned. Raises `InputError` for a name that is neither, and with every fault of a file.
    """
    first, second = (named_trial(library, name) for name in names)
    day = None if as_of is None else int(parse_date(as_of, partial=False).low)
    with Progress(1):
        comparison = compare(library, first[0], second[0], as_of=day)
        answer = Answer(comparison, (first[1], second[1]))
        code = DIFFERENT if comparison.differs else SAME
        if cohort is not None:
            reader = _Cohort(Amendment(library, first[0], second[0]), cohort, as_of, report_error)
            answer = replace(answer, patients=tuple(reader.patients()), wrong=reader.wrong)
            code = max(code, reader.code)
    print_json_or_page(
        form, lambda: diff_json(answer, library), lambda width: diff_page(answer, library, width)
    )
    return code


def named_trial(library: Library, name: str) -> tuple[Trial, str | None]:
    """The trial of a name, and its file if it is one."""
    known = library.trial(name)
    if known is not None:
        return known, None
    if name.endswith((".yaml", ".yml")) or os.sep in name or Path(name).exists():
        return load_trial(name, library), display_name(name)
    try:
        choose_trials(library, [name])
    except InputError as error:
        raise InputError([f"{problem}, or give a .yaml file" for problem in error.problems]) from None
    raise InputError(f"'{name}' names several trials: give one")


class _Cohort:
    """The patients of a file of records."""

    def __init__(self, amendment: Amendment, path: str, as_of: str | None, report_error: ReportError) -> None:
        self.amendment, self.path, self.as_of, self.report_error = amendment, path, as_of, report_error
        self.wrong = self.code = 0

    def patients(self) -> Iterator[Changed]:
        """How each patient stands; what is wrong with a record is reported, and the record left out."""
        for entry in entries(self.path):
            try:
                if entry.error is not None:
                    raise entry.error
                yield self.amendment.patient(
                    *(
                        record_from(entry.value, library, name=entry.name, as_of=self.as_of)
                        for library in self.amendment.libraries
                    )
                )
            except Exception as error:
                self.wrong += 1
                self.code = max(self.code, self.report_error(error))
