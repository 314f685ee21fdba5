"""Findings as SARIF 2.1.0, which editors and code hosts show beside the lines that they are about."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from solver.questions.check.document import CheckAnswer, PlaceShape, places
from solver.questions.check.findings import MEANING, SEVERITY, Finding
from solver.version import __version__

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "trialproof/1"

_RULES = tuple(SEVERITY)


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
                "id": kind,
                "shortDescription": {"text": f"{MEANING[kind][:1].upper()}{MEANING[kind][1:]}."},
                "defaultConfiguration": {"level": SEVERITY[kind]},
            }
            for kind in _RULES
        ],
    }
    results = [_result(finding) for finding in answer.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _result(finding: Finding) -> dict[str, Any]:
    first, *others = places(finding)
    found: dict[str, Any] = {
        "ruleId": finding.kind,
        "ruleIndex": _RULES.index(finding.kind),
        "level": finding.severity,
        "message": {"text": _message(finding.text)},
        "locations": [_location(first)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
    }
    if others:
        found["relatedLocations"] = [
            {"id": i, **_location(place), "message": {"text": _message(place["clause"] or place["file"])}}
            for i, place in enumerate(others, 1)
        ]
    if finding.acknowledged is not None:
        found["suppressions"] = [{"kind": "inSource", "justification": finding.acknowledged}]
    return found


def _message(text: str) -> str:
    """A text as SARIF takes it: braces and square brackets would be a placeholder and a link."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", text).replace("{", "{{").replace("}", "}}")


def _location(place: PlaceShape) -> dict[str, Any]:
    path = Path(place["file"])
    uri = path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
    found: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {
                "startLine": place["line"],
                "startColumn": place["column"],
                "endLine": place["end_line"],
                "endColumn": place["end_column"],
            },
        }
    }
    if place["clause"] is not None:
        found["logicalLocations"] = [{"fullyQualifiedName": place["clause"], "kind": "member"}]
    return found
