"""What `match convert --report` answers; `match --report` answers the same, so that it is made in the engine."""

from solver.engine.conversion.report_answer import ConvertReport

__all__ = ["ConvertReport"]
