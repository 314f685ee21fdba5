"""Every JSON Schema there is, by the name that `match schema` gives it."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args

from solver.library.models import Library

SchemaName = Literal[
    "record",
    "context",
    "output",
    "what-if",
    "sequence",
    "when",
    "tests",
    "export",
    "verify",
    "diff",
    "examples",
    "examples-verify",
    "check",
    "trial",
    "vocabulary",
    "theory",
    "workup",
]

NAMES: tuple[SchemaName, ...] = get_args(SchemaName)


def schema(name: SchemaName, library: Library) -> dict[str, Any]:
    """The JSON Schema of this name; those of a record and a context hold the library's names."""
    match name:
        case "record" | "context":
            from solver.report import record_schema

            return (record_schema.record_schema if name == "record" else record_schema.context_schema)(
                library
            )
        case "output":
            from solver.report.schema import match_schema

            return match_schema()
        case "what-if":
            from solver.report import what_if
            from solver.report.schema import shape_schema

            return shape_schema(what_if.WhatIfShape, what_if.SCHEMA)
        case "sequence":
            from solver.report import sequence_document
            from solver.report.schema import shape_schema

            return shape_schema(sequence_document.SequenceShape, sequence_document.SCHEMA)
        case "when":
            from solver.report import when_document
            from solver.report.schema import shape_schema

            return shape_schema(when_document.WhenShape, when_document.SCHEMA)
        case "tests":
            from solver.report import work_up_document
            from solver.report.schema import shape_schema

            return shape_schema(work_up_document.TestsShape, work_up_document.SCHEMA)
        case "export":
            from solver.report import export
            from solver.report.schema import shape_schema

            return shape_schema(export.ExportShape, export.SCHEMA)
        case "verify":
            from solver.report import verify
            from solver.report.schema import shape_schema

            return shape_schema(verify.VerifyShape, verify.SCHEMA)
        case "diff":
            from solver.report import diff_document
            from solver.report.schema import shape_schema

            return shape_schema(diff_document.DiffShape, diff_document.SCHEMA)
        case "examples":
            from solver.report import examples_document
            from solver.report.schema import shape_schema

            return shape_schema(examples_document.ExamplesShape, examples_document.SCHEMA)
        case "examples-verify":
            from solver.report import examples_document
            from solver.report.schema import shape_schema

            return shape_schema(examples_document.VerifyExamplesShape, examples_document.VERIFY_SCHEMA)
        case "check":
            from solver.report import check_document
            from solver.report.schema import shape_schema

            return shape_schema(check_document.CheckShape, check_document.SCHEMA)
        case _:
            from solver.report.encoding_schema import file_schema

            return file_schema(name)


def schema_json(name: SchemaName, library: Library) -> str:
    """The text of a JSON Schema."""
    return json.dumps(schema(name, library), indent=2, ensure_ascii=False)
