"""The resources of parsed FHIR, one by one, each with its place: entries of a Bundle, of one nested in it, and what they contain.

{"resourceType": "Bundle", "entry": [{"resource": {..., "contained": [{...}]}}]}   entry[0], entry[0].contained[0], and the head

A Bundle itself is no resource.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.patient.readers.fhir.elements import given, mapping, mappings, text, word
from solver.text import quote

BUNDLE = "Bundle"

_READ = ("collection", "searchset", "transaction", "batch", "document")
_REFUSED = {
    "history": "its entries are versions, not a state",
    "message": "its entries are a message, not a record",
    "transaction-response": "it answers a transaction and holds no record",
    "batch-response": "it answers a batch and may hold the records of several searches",
}
_TWICE_CONTAINED = "it is contained in a contained resource"
_DEEPEST_CONTAINED = 30


@dataclass(frozen=True, slots=True)
class Node:
    """A resource, or what stands in place of one; `container` is the place of the resource that contains it.

    `unread` says why it is not even looked at: it tells of a search, or it is a Bundle that lies too deep. `fault` says why it is no
    resource that could be read.
    """

    at: str
    resource: object
    full_url: str | None = None
    container: str | None = None
    unread: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class BundleHead:
    """What a Bundle says besides its entries, which it follows.

    `before` is what the places of its entries begin with, `tags` are (system, code), and `more` says that another page follows.
    """

    before: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    timestamp: object = None
    more: bool = False


def bundle_head(bundle: dict[str, object], before: str, name: str) -> BundleHead:
    """The head of a Bundle; raises `InputError` with one line if it is of a type that holds no record."""
    kind = text(bundle.get("type"))
    if kind is not None and kind not in _READ:
        reason = _REFUSED.get(kind, "no record is read from it")
        shown = quote(kind) if word(kind) else "another kind"
        raise InputError(f"{name}: is a Bundle of type {shown}: {reason}; give a collection or a searchset")
    meta = mapping(bundle.get("meta"))
    tags = ((text(tag.get("system")), text(tag.get("code"))) for tag in mappings(meta.get("tag")))
    links = mappings(bundle.get("link"))
    return BundleHead(
        before,
        tuple((system, code) for system, code in tags if system and code),
        bundle.get("timestamp"),
        any(link.get("relation") == "next" for link in links),
    )


def entry_nodes(entry: object, at: str, *, nested: bool = False) -> Iterator[Node]:
    """The nodes of an entry of a Bundle; none if it has no resource."""
    if not isinstance(entry, dict) or "resource" not in entry:
        return
    resource = entry["resource"]
    unread = None
    if mapping(entry.get("search")).get("mode") == "outcome":
        unread = "it tells of the search"
    elif isinstance(resource, dict) and resource.get("resourceType") == BUNDLE:
        kind = resource.get("type")
        entries = resource.get("entry")
        if nested:
            unread = "a Bundle in a Bundle in a Bundle is not opened"
        elif type(kind) is str and kind not in _READ:
            unread = "a Bundle of this type is not opened"
        elif not isinstance(entries, list):
            unread = "a Bundle without entries"
        else:
            for index, each in enumerate(entries):
                yield from entry_nodes(each, f"{at}.entry[{index}]", nested=True)
            return
    yield from resource_nodes(resource, at, text(entry.get("fullUrl")), unread)


def resource_nodes(
    resource: object, at: str, full_url: str | None = None, unread: str | None = None
) -> Iterator[Node]:
    """A resource and what it contains."""
    yield Node(at, resource, full_url, None, unread)
    if isinstance(resource, dict) and "contained" in resource and resource.get("resourceType") != BUNDLE:
        yield from _contained_nodes(resource, at, unread)


def _contained_nodes(
    resource: dict[str, object], at: str, unread: str | None, depth: int = 1
) -> Iterator[Node]:
    inside = resource["contained"]
    if not isinstance(inside, list):
        if given(inside):
            yield Node(f"{at}.contained", inside, None, at, unread, "what is contained is no list")
        return
    for index, each in enumerate(inside):
        place = f"{at}.contained[{index}]"
        yield Node(place, each, None, at, unread)
        if isinstance(each, dict) and "contained" in each and depth < _DEEPEST_CONTAINED:
            yield from _contained_nodes(each, place, unread or _TWICE_CONTAINED, depth + 1)


def document_nodes(document: object, at: str, name: str) -> Iterator[Node | BundleHead]:
    """The nodes of a parsed Bundle or resource; `at` is what goes before an entry's place, and the place of a single resource.

    Raises `InputError` with one line if it is a Bundle of a type that holds no record.
    """
    if not (isinstance(document, dict) and document.get("resourceType") == BUNDLE):
        yield from resource_nodes(document, at if at and not at.endswith(":") else f"{at}resource")
        return
    before = f"{at}." if at and not at.endswith(":") else at
    head = bundle_head(document, before, name)
    entries = document.get("entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        yield from entry_nodes(entry, f"{before}entry[{index}]")
    yield head
