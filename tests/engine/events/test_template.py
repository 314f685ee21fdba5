"""A record to fill in has the lists of events and findings that trials ask about."""

from __future__ import annotations

import json
from pathlib import Path

from solver.patient.readers.native.read import read_record
from solver.questions.template.page import template, template_json
from tests.engine.events.worked_library import AS_OF, library_of


def test_the_lists_stand_in_the_template(tmp_path: Path) -> None:
    """Each with what is asked about, and it reads as a record of which nothing is known."""
    library = library_of(
        tmp_path, "not within(anti_cd20, 3 mo)", "present(tp53)", "alt <= 2.5 ULN", "disease is APL"
    )
    text = template(library, ["T"])
    assert "asked about: anti-CD20 treatment" in text
    assert {"therapies", "findings", "alt", "disease"} <= json.loads(template_json(library, ["T"]))[
        "facts"
    ].keys()
    record = read_record(text, library, as_of=AS_OF)
    assert not record.facts
    assert not record.events
