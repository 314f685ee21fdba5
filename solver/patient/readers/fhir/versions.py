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
from solver.patient.readers.fhir.drafts import READ, UUID, Draft
from solver.patient.readers.foreign.statements import ResultStatement, SourceStatement

DIFFERENT = "another version of it says something else, and neither says which is newer"


def set_versions_apart(drafts: Iterable[Draft]) -> tuple[dict[str, str], set[str]]:
    """The places of what does not count, with the reason: duplicates, and those that contradict each other.

    The second are the places of versions that differ and cannot be told apart.
    """
    groups = _Groups()
    for draft in drafts:
        if draft.container is None and draft.aside.outcome != "error":
            groups.add(draft)
    duplicates: dict[str, str] = {}
    different: set[str] = set()
    for group in groups.several():
        newest = _newest_drafts(group)
        first, counting = newest[0], set(map(id, newest))
        for draft in group:
            if id(draft) not in counting:
                duplicates[draft.place.at] = f"a newer version counts: {first.place.at}"
        if all(_says_the_same(first, draft) for draft in newest):
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
            keys = [
                (draft.type, each, _statements_told(draft), draft.aside.behind, draft.aside.issued)
                for each in draft.identifiers
            ]
            earlier = next((first[key] for key in keys if key in first), None)
            if earlier is None:
                first.update(dict.fromkeys(keys, draft))
            else:
                duplicates[draft.place.at] = f"the same as {earlier.place.at}, by its identifier"
    return duplicates


class _Groups:
    """Drafts that are one resource, by type and id, by fullUrl, or by way of others."""

    def __init__(self) -> None:
        self._by_id: dict[str, Draft | list[Draft]] = {}
        self._by_url: dict[str, list[Draft]] = {}
        self._group: dict[int, list[Draft]] = {}

    def add(self, draft: Draft) -> None:
        """Put a draft with those that it is a version of."""
        if draft.id is not None:
            known = self._by_id.setdefault(draft.id, draft)
            if known is not draft:
                known = known if isinstance(known, list) else [known]
                for other in known:
                    if other.type == draft.type or (other.by_uuid and draft.by_uuid):
                        self._join_groups(other, draft)
                        break
                else:
                    known.append(draft)
                self._by_id[draft.id] = known
        if draft.url is not None:
            self._by_url.setdefault(draft.url, []).append(draft)

    def several(self) -> list[list[Draft]]:
        """Each group once."""
        for url, drafts in self._by_url.items():
            named = self._by_id.get(url.removeprefix(UUID)) if url.startswith(UUID) else None
            alike = named if isinstance(named, list) else [named] if named else []
            for other in (*drafts, *(each for each in alike if each.by_uuid)):
                self._join_groups(drafts[0], other)
        return list({id(group): group for group in self._group.values()}.values())

    def _join_groups(self, other: Draft, draft: Draft) -> None:
        if other is draft:
            return
        one = self._group.setdefault(id(other), [other])
        two = self._group.setdefault(id(draft), [draft])
        if one is not two:
            one.extend(two)
            for each in two:
                self._group[id(each)] = one


def _says_the_same(one: Draft, other: Draft) -> bool:
    """Whether two resources say the same, as far as anything of them is read."""
    return (
        one.type == other.type
        and one.subjects == other.subjects
        and one.aside == other.aside
        and one.identifiers == other.identifiers
        and _statements_told(one) == _statements_told(other)
    )


def _statements_told(draft: Draft) -> tuple[SourceStatement, ...]:
    return tuple(map(_without_place, draft.statements))


def _newest_drafts(group: list[Draft]) -> list[Draft]:
    """Those that no other one is newer than."""
    highest = max(
        (draft.versioned.version for draft in group if draft.versioned.version is not None), default=None
    )
    left = [draft for draft in group if draft.versioned.version in (None, highest)]
    changes = {id(draft): changed for draft in left if (changed := _moment_changed(draft)) is not None}
    latest = max(changes.values(), default=None)
    return [draft for draft in left if changes.get(id(draft), latest) == latest]


def _moment_changed(draft: Draft) -> datetime | None:
    """When it was last changed; a moment without an offset is as in UTC."""
    try:
        found = datetime.fromisoformat(draft.versioned.updated or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _without_place(statement: SourceStatement) -> SourceStatement:
    if isinstance(statement, ResultStatement):
        parts = tuple(replace(each, place=_NOWHERE) for each in statement.components)
        return replace(statement, place=_NOWHERE, components=parts)
    return replace(statement, place=_NOWHERE)


_NOWHERE = ResourcePlace("", "")
