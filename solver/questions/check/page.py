"""The report of `match check`: what is found in trial files, errors first, what is acknowledged last.

The same as SARIF 2.1.0, which editors and code hosts show beside the lines that findings are about.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from solver.library.models import Library
from solver.questions.check.answer import RULES, SEVERITIES, CheckAnswer, Finding, FindingPlace, Severity
from solver.report.head import FAINT, HEADING
from solver.report.page import Page
from solver.report.words import Wording, listed, number
from solver.version import __version__

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "trialproof/1"
_KINDS = tuple(RULES)
_FACTS = 8
_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
_BASIS = (
    "Judged on every patient that the theory allows, evaluated {days} and for any first dose "
    "of the next ten years, while every cohort is open. What holds within plausible ranges only is said so."
)


def check_page(answer: CheckAnswer, library: Library, width: int, *, notes: bool = False) -> Page:
    """The findings for people; those that are `notes` only in a line, unless they are asked for."""
    page = Page(width)
    page.text(f"Consistency of {listed(answer.trials)}", style=HEADING)
    counts = zip(SEVERITIES, answer.counts, strict=False)
    told = ", ".join(number(count, severity) for severity, count in counts if count) or "nothing found"
    acknowledged = [finding for finding in answer.findings if finding.acknowledged is not None]
    page.text(f"{told}; {len(acknowledged)} acknowledged" if acknowledged else told)
    shown = [finding for finding in answer.findings if finding.acknowledged is None]
    for finding in shown:
        if notes or finding.severity != "note":
            _write_finding(page, finding, library)
    untold = [] if notes else [finding for finding in shown if finding.severity == "note"]
    if untold:
        page.blank()
        page.text(f"Notes, which --notes tells: {_noted(untold)}", style=FAINT)
    if acknowledged:
        page.blank()
        page.text("Acknowledged in the file", style=HEADING)
        for finding in acknowledged:
            page.text(f"{_position_text(finding)}: {finding.kind}: {finding.text}", indent=2, lead="- ")
            page.text(f"Reason: {finding.acknowledged}", indent=4, style=FAINT)
    page.blank()
    page.text(_BASIS.format(days=answer.days), style=FAINT)
    return page


def _noted(findings: Iterable[Finding]) -> str:
    """The notes in a line: each kind with the clauses that it is about."""
    about: dict[str, list[str]] = {}
    for finding in findings:
        names = finding.clauses or tuple(filter(None, (finding.part or finding.trial,)))
        about.setdefault(finding.kind, []).extend(names)
    told = (f"{kind} ({listed(list(dict.fromkeys(names)))})" for kind, names in about.items())
    return "; ".join(told)


def _position_text(finding: Finding) -> str:
    """As compilers tell it, so that editors find it."""
    place = finding.places[0]
    return f"{place.file}:{place.line}:{place.column}"


def _write_finding(page: Page, finding: Finding, library: Library) -> None:
    page.blank()
    where = _position_text(finding)
    page.text(f"{where}: {finding.severity}: {finding.kind}", style=_STYLES[finding.severity])
    page.text(finding.text, indent=2)
    for place in finding.places:
        if place.clause is not None:
            text = f"{place.clause}, line {place.line}: {place.label}"
            page.text(text, indent=2, lead="- ", style=FAINT)
    if finding.witness is not None:
        words = Wording.of_events(library, finding.witness)
        spoken = frozenset[str]().union(*(place.variables for place in finding.places))
        names = sorted(words.record.facts, key=lambda name: name not in spoken)
        text = "; ".join(words.fact(name) for name in names[:_FACTS])
        if len(names) > _FACTS:
            text += f"; and {number(len(names) - _FACTS, 'more fact')} (--format json)"
        page.text(text, indent=2, lead="Such a patient: ")


def sarif_json(answer: CheckAnswer) -> str:
    """The findings as a SARIF log, without the line's end."""
    return json.dumps(sarif_document(answer), ensure_ascii=False, indent=2)


def sarif_document(answer: CheckAnswer) -> dict[str, Any]:
    """The findings as the values of a SARIF log: one run, a rule for each kind of finding."""
    driver = {
        "name": "Trialproof",
        "version": __version__,
        "rules": [
            {
                "id": rule.kind,
                "shortDescription": {"text": f"{rule.meaning[:1].upper()}{rule.meaning[1:]}."},
                "defaultConfiguration": {"level": rule.severity},
            }
            for rule in RULES.values()
        ],
    }
    results = [_result_of(finding) for finding in answer.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _result_of(finding: Finding) -> dict[str, Any]:
    first, *others = finding.places
    found: dict[str, Any] = {
        "ruleId": finding.kind,
        "ruleIndex": _KINDS.index(finding.kind),
        "level": finding.severity,
        "message": {"text": _escaped_text(finding.text)},
        "locations": [_location_of(first)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
    }
    if others:
        found["relatedLocations"] = [
            {"id": i, **_location_of(place), "message": {"text": _escaped_text(place.clause or place.file)}}
            for i, place in enumerate(others, 1)
        ]
    if finding.acknowledged is not None:
        found["suppressions"] = [{"kind": "inSource", "justification": finding.acknowledged}]
    return found


def _escaped_text(text: str) -> str:
    """A text as SARIF takes it: braces and square brackets would be a placeholder and a link."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")


def _location_of(place: FindingPlace) -> dict[str, Any]:
    path = Path(place.file)
    uri = path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
    found: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        }
    }
    if place.clause is not None:
        found["logicalLocations"] = [{"fullyQualifiedName": place.clause, "kind": "member"}]
    return found
