"""The twenty questions of a coordinator: each by one command, in at most 25 lines of 80, with what the answer must name.

What the document shows is read here; that it is what comes out, `test_docs` holds.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = dict(re.findall(r"^## (\d+)\. (?:.*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
MOST_LINES, MOST_COLUMNS = 25, 80

NAMED = {
    "1": ["K001", "UC", "RO", "SAR", "K017", "ZPED", "completed", "terminated", "to approach", "ask whether"],
    "2": ["RO.I2a", "80 days ago", "at least 90 days", "RO.I2d", "10 days ago", "28 days", "These are all; the search was complete"],
    "3": ["2026-12-08", "checked again on that day", "RO.I2d", "together", "no date", "SAR.E7h", "waiting does not change"],
    "4": ["eligible", "100 before 2026-12-10", "30 before 2026-12-10", "Re-check on C1D1"],
    "5": ["order first", "What settles it", "HLA-A*02 genotype: no", "at most 20000 /uL", "proteinuria grade at most 1", "in place of"],
    "6": ["any value", "42.98", "CD123", "excluded already"],
    "7": ["at least 44 kg", "375.71", "not plausible", "250 kg"],
    "8": ["142 umol/L", "49.802 mL/min", "141.44 umol/L (1.6 mg/dL)"],
    "9": ["Karnofsky score at least 50", "2027-02-20", "SAR.E1", "SAR.E14b", "Down syndrome"],
    "10": ["RO.I2a", "93 days ago", "SAR.E7h", "80 days", "waiting does not change it"],
    "11": ["AMB-RO-5", "eligible under the other reading", "ask the sponsor", "RO.E4b"],
    "12": ["after UC", "SAR.E6", "SAR.E9", "SAR.E10", "SAR must come before UC, which closes it for good"],
    "13": ["SAR.DX", "SAR.E15", "any one of them met would lift it", "Dose escalation", "Nothing that anyone could do"],
    "14": ["SAR.E9", "SAR.DX", "SAR.E6", "yes", "no"],
    "15": ["SAR.E9", "ineligible", "ZPED.I4", "KMT2A rearrangement: yes"],
    "16": ["ZPED", "K017", "(yes)", "open", "NUP98 rearrangement: unknown -> yes"],
    "17": ["CONTRADICTS ITSELF", "sex M (registration)", "pregnant: yes", "SAR ineligible (SAR.E11a)", "SAR eligible"],
    "18": ["time: pregnant: no", "stop: daily corticosteroid dose at most 10 mg/d", "treat: QTcF at most 470 ms", "does not change"],
    "19": ["6 of 6 claims confirmed by cvc5", "RO.I2a", "minimal", "sha256:"],
    "20": ["eligible (published criteria only)", "K001.X", "performance status", "no published criterion is violated"],
}  # fmt: skip
"""What each answer must name, with the words run together."""


def test_there_are_twenty() -> None:
    """In order."""
    assert list(QUESTIONS) == [str(i) for i in range(1, 21)]
    assert QUESTIONS.keys() == NAMED.keys()


@pytest.mark.parametrize("number", NAMED)
def test_a_question_is_answered_by_one_command_in_a_few_lines(number: str) -> None:
    """It has no pipe, and names what it must."""
    ((command, out),) = re.findall(
        r"^```console\n\$ ([^\n]*)\n(.*?)^```$", QUESTIONS[number], re.MULTILINE | re.DOTALL
    )
    assert len(re.findall(r"^\$ ", QUESTIONS[number], re.MULTILINE)) == 1
    assert not re.search(r"[|;<>]", command)
    lines = out.splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= MOST_COLUMNS
    flat = " ".join(out.split())
    assert [words for words in NAMED[number] if words not in flat] == []
