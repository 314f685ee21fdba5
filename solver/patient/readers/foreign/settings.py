"""How an export is to be read, as a caller says it in texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from solver.errors import InputError, did_you_mean
from solver.patient.readers.foreign.interpret import ReadingSettings
from solver.patient.readers.foreign.statements import ListName
from solver.patient.readers.native.json_text import display_name, parse_json, read_bytes
from solver.text import quote

_LISTS: tuple[ListName, ...] = get_args(ListName)


def reading_settings(
    record_id: str, complete: Iterable[str], facts: str | None, *, no_ids: bool = False
) -> ReadingSettings:
    """The settings of the options: lists by name, also several with commas between them, and facts as the path of a record.

    Raises `InputError` with one line for a list that is none, or a file that is no record without a day.
    """
    named: dict[ListName, None] = {}
    for word in (part.strip() for each in complete for part in each.split(",")):
        known = next((name for name in _LISTS if name == word), None)
        if known is None:
            hint = did_you_mean(word, _LISTS) or f": the lists are {', '.join(_LISTS)}"
            raise InputError(f"--complete: {quote(word)} is no list{hint}")
        named[known] = None
    if facts is None:
        return ReadingSettings(record_id, tuple(named), no_ids=no_ids)
    return ReadingSettings(record_id, tuple(named), _facts(facts), no_ids, display_name(facts))


def _facts(path: str) -> dict[str, object]:
    name = display_name(path)
    found = parse_json(read_bytes(path), name)
    if not isinstance(found, dict):
        raise InputError(f'{name}: is no record: write {{"facts": {{...}}}}')
    if "as_of" in found:
        raise InputError(f"{name}: has a day of evaluation, which --as-of gives: leave 'as_of' out")
    return found
