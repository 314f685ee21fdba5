"""Findings as SARIF 2.1.0, which editors and code hosts show beside the lines that they are about."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from solver.questions.check.answer import RULES, CheckAnswer, Finding, FindingPlace
from solver.version import __version__

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "trialproof/1"

_KINDS = tuple(RULES)


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
