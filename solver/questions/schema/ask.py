"""Every JSON Schema there is, by the name that `match schema` gives it."""

from __future__ import annotations

import json
from typing import Any

from solver.library.models import Library
from solver.questions.schema.names import SchemaName


def schema(name: SchemaName, library: Library) -> dict[str, Any]:
    """The JSON Schema of this name; those of a record and a context hold the library's names."""
    match name:
        case "record" | "context":
            from solver.questions.schema import record_schema

            return (record_schema.record_schema if name == "record" else record_schema.context_schema)(
                library
            )
        case "output":
            from solver.report.schema import match_schema

            return match_schema()
        case "what-if":
            from solver.questions.what_if import page as what_if
            from solver.report.schema import shape_schema

            return shape_schema(what_if.WhatIfShape, what_if.SCHEMA)
        case "sequence":
            from solver.questions.sequence import document as sequence_document
            from solver.report.schema import shape_schema

            return shape_schema(sequence_document.SequenceShape, sequence_document.SCHEMA)
        case "when":
            from solver.questions.when import document as when_document
            from solver.report.schema import shape_schema

            return shape_schema(when_document.WhenShape, when_document.SCHEMA)
        case "tests":
            from solver.questions.workup import document as work_up_document
            from solver.report.schema import shape_schema

            return shape_schema(work_up_document.TestsShape, work_up_document.SCHEMA)
        case "export":
            from solver.questions.certificates import export
            from solver.report.schema import shape_schema

            return shape_schema(export.ExportShape, export.SCHEMA)
        case "verify":
            from solver.questions.certificates import verify
            from solver.report.schema import shape_schema

            return shape_schema(verify.VerifyShape, verify.SCHEMA)
        case "diff":
            from solver.questions.diff import document as diff_document
            from solver.report.schema import shape_schema

            return shape_schema(diff_document.DiffShape, diff_document.SCHEMA)
        case "examples":
            from solver.questions.examples import document as examples_document
            from solver.report.schema import shape_schema

            return shape_schema(examples_document.ExamplesShape, examples_document.SCHEMA)
        case "examples-verify":
            from solver.questions.examples import document as examples_document
            from solver.report.schema import shape_schema

            return shape_schema(examples_document.VerifyExamplesShape, examples_document.VERIFY_SCHEMA)
        case "check":
            from solver.questions.check import document as check_document
            from solver.report.schema import shape_schema

            return shape_schema(check_document.CheckShape, check_document.SCHEMA)
        case _:
            from solver.questions.schema.encoding_schema import file_schema

            return file_schema(name)


def schema_json(name: SchemaName, library: Library) -> str:
    """The text of a JSON Schema."""
    return json.dumps(schema(name, library), indent=2, ensure_ascii=False)
