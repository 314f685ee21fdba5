"""Which of several resources that are one counts: by version, by the day of the last change, or because they are equal.

Observation/o7 version 1, Observation/o7 version 2    the first is a duplicate
two of one id that differ, and no version             neither counts

What counts does not depend on the order of the source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir.drafts import READ, Draft
from solver.patient.readers.foreign.statements import ResultStatement, SourceStatement

DIFFERENT = "another version of it says something else, and neither says which is newer"


def set_versions_apart(drafts: Iterable[Draft]) -> tuple[dict[str, str], set[str]]:
    """The places of what does not count, with the reason: duplicates, and those that contradict each other.

    The second are the places of versions that differ and cannot be told apart.
    """
    groups = _Groups()
    for draft in drafts:
        if draft.container is None and draft.outcome != "error":
            for address in (draft.key, draft.full_url):
                if address is not None:
                    groups.join(draft, address)
    duplicates: dict[str, str] = {}
    different: set[str] = set()
    for group in groups.several():
        newest = _newest(group)
        first, counting = newest[0], set(map(id, newest))
        for draft in group:
            if id(draft) not in counting:
                duplicates[draft.place.at] = f"a newer version counts: {first.place.at}"
        if len({(draft.type, draft.digest) for draft in newest}) == 1:
            for draft in newest[1:]:
                duplicates[draft.place.at] = f"the same as {first.place.at}"
        else:
            different.update(draft.place.at for draft in newest)
    return duplicates, different


def set_twins_apart(drafts: Iterable[Draft]) -> dict[str, str]:
    """The places of resources that have an identifier in common with an earlier one of their type, and say the same."""
    first: dict[tuple[object, ...], Draft] = {}
    duplicates: dict[str, str] = {}
    for draft in drafts:
        if draft.type in READ and draft.identifiers and draft.statements:
            told = tuple(map(_without_place, draft.statements))
            keys = [(draft.type, each, told, draft.behind) for each in draft.identifiers]
            earlier = next((first[key] for key in keys if key in first), None)
            if earlier is None:
                first.update(dict.fromkeys(keys, draft))
            else:
                duplicates[draft.place.at] = f"the same as {earlier.place.at}, by its identifier"
    return duplicates


class _Groups:
    """Drafts that share an address, also by way of others."""

    def __init__(self) -> None:
        self._first: dict[str, Draft] = {}
        self._group: dict[int, list[Draft]] = {}

    def join(self, draft: Draft, address: str) -> None:
        other = self._first.setdefault(address, draft)
        if other is draft:
            return
        one = self._group.setdefault(id(other), [other])
        two = self._group.setdefault(id(draft), [draft])
        if one is not two:
            one.extend(two)
            for each in two:
                self._group[id(each)] = one

    def several(self) -> list[list[Draft]]:
        """Each group once, in the order of the source."""
        return list({id(group): group for group in self._group.values()}.values())


def _newest(group: list[Draft]) -> list[Draft]:
    """Those that no other one is newer than."""
    highest = max((draft.version for draft in group if draft.version is not None), default=None)
    left = [draft for draft in group if draft.version in (None, highest)]
    changes = {id(draft): changed for draft in left if (changed := _changed(draft)) is not None}
    latest = max(changes.values(), default=None)
    return [draft for draft in left if changes.get(id(draft), latest) == latest]


def _changed(draft: Draft) -> datetime | None:
    """When it was last changed; a moment without an offset is as in UTC."""
    try:
        found = datetime.fromisoformat(draft.updated or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _without_place(statement: SourceStatement) -> SourceStatement:
    if isinstance(statement, ResultStatement):
        parts = tuple(replace(each, place=_NOWHERE) for each in statement.components)
        return replace(statement, place=_NOWHERE, components=parts)
    return replace(statement, place=_NOWHERE)


_NOWHERE = ResourcePlace("", "")
