"""Columns of text with the types of their variables, as far as a text is written plainly: `true`, `0.47`, `12`, `2025-06-01`.

Any other text, such as `1e3`, ` 12` or `2025-06`, is for those who judge its row by itself.
"""

from __future__ import annotations

from typing import Any

from solver.language.types import BooleanType, DateType, IntegerType, QuantityType, VariableType

_LONGEST = 16
"""With so few digits a double has no shorter decimal than the text."""

_WHOLE = "^(0|[1-9][0-9]*)$"
_DECIMAL = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def said_texts(frame: Any, null: str) -> Any:
    """A frame in which texts that are the word `null` are null: they say nothing."""
    import polars as pl

    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    silent = [name for name in texts if (frame[name] == null).any()]
    return frame.with_columns(pl.when(pl.col(name) != null).then(pl.col(name)).alias(name) for name in silent)


def said_text(column: Any) -> Any:
    """A column in which empty texts are null: they say nothing."""
    import polars as pl

    said = column != ""
    return column if said.all() else pl.select(pl.when(said).then(column)).to_series()


def typed_texts(column: Any, kind: VariableType) -> tuple[Any, Any] | None:
    """The values of texts, null where one is not written plainly, and in which rows all is told; None for a type of which no text is."""
    import polars as pl

    match kind:
        case BooleanType():
            flag = pl.when(pl.col("text") == "true").then(True).when(pl.col("text") == "false").then(False)
        case IntegerType():
            flag = _matching(_WHOLE).cast(pl.Int64, strict=False)
        case QuantityType():
            flag = _matching(_DECIMAL).cast(pl.Float64, strict=False)
        case DateType():
            flag = _matching(_DAY).str.to_date("%Y-%m-%d", strict=False)
        case _:
            return None
    texts = pl.DataFrame({"text": column})
    found = texts.select(value=flag).to_series().alias(column.name)
    if found.null_count() == column.null_count():
        return found, True
    return found, found.is_not_null() | column.is_null()


def _matching(pattern: str) -> Any:
    import polars as pl

    text = pl.col("text")
    return pl.when(text.str.contains(pattern) & (text.str.len_bytes() <= _LONGEST)).then(text)
