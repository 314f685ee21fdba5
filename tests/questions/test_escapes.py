"""Whatever a record or a site's file holds, nothing of it steers a terminal or turns the direction of text, on any page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.questions.test_command_line import EXAMPLES, Match, match

MARKS = (
    "\u200e\u200f\u061c" + "".join(map(chr, range(0x202A, 0x202F))) + "".join(map(chr, range(0x2066, 0x206A)))
)
HOSTILE = f"x{MARKS}\x1b[2J\x9b31m\x07\x00\r\u2028y"
HIDDEN = re.compile(f"[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029{MARKS}]")
PAGES = [
    ("PATIENT",),
    ("PATIENT", "--full"),
    ("PATIENT", "OTHER"),
    ("explain", "PATIENT", "ZPED"),
    ("explain", "PATIENT", "ZPED", "--full"),
    ("when", "PATIENT", "ZPED"),
    ("when", "PATIENT", "ZPED", "--full"),
    ("tests", "PATIENT", "UC"),
    ("tests", "PATIENT", "UC", "--full"),
    ("what-if", "PATIENT", "ecog=2", "--trials", "ZPED"),
    ("what-if", "PATIENT", "ecog=2", "--trials", "ZPED", "--full"),
    ("what-if", "PATIENT", "ecog=2", "or", "ecog=1", "--trials", "ZPED"),
    ("sequence", "PATIENT", "--trials", "ZPED,UC"),
    ("sequence", "PATIENT", "--trials", "ZPED,UC", "--full"),
    ("export", "--smtlib", "PATIENT", "ZPED"),
    ("convert", "PATIENT"),
    ("report", "PATIENT", "--out", "-", "--trials", "ZPED"),
    ("report", "PATIENT", "--out", "-", "--trials", "ZPED", "--format", "markdown"),
]

__all__ = ["match"]


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_no_mark_of_a_record_or_a_site_gets_through(
    match: Match, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """In its id, in the source of a fact, in the name and the notes of a site: what is hidden is shown as an escape."""
    record = json.loads((EXAMPLES / "child.json").read_text(encoding="utf-8"))
    record["id"] = HOSTILE.replace("\x00", "")
    record["facts"]["pregnant"] = {"value": True, "source": HOSTILE.replace("\x00", "")}
    (tmp_path / "p.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "o.json").write_text(json.dumps({**record, "id": "o"}), encoding="utf-8")
    site = {
        "name": HOSTILE,
        "contacts": {"ZPED": HOSTILE},
        "trials_open": {"ZPED": {"open": True, "note": HOSTILE}},
    }
    (tmp_path / "site.json").write_text(json.dumps(site), encoding="utf-8")
    paths = {"PATIENT": str(tmp_path / "p.json"), "OTHER": str(tmp_path / "o.json")}
    found = match(*(paths.get(word, word) for word in words), "--site", str(tmp_path / "site.json"))
    assert found.code == 0, found.err
    assert HIDDEN.findall(found.out + found.err) == []
    if words[0] != "export":
        assert "\\u202" in found.out
