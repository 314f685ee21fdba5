"""HTML read strictly with the standard library: what stands where, and whether it is well formed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "br", "hr", "img", "input", "link"}
INLINE_ONLY = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "summary", "title"}
"""Elements that hold no block."""
BLOCKS = {"p", "ul", "ol", "table", "div", "section", "details", "nav", "h1", "h2", "h3", "h4", "svg"}


@dataclass
class Element:
    """An element with its text and what lies in it."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, on one line."""
        return " ".join("".join(self.pieces).split())

    def all(self, tag: str | None = None, attribute: str | None = None) -> list[Element]:
        """The elements below it, in their order."""
        found = []
        for child in self.children:
            if (tag is None or child.tag == tag) and (attribute is None or attribute in child.attributes):
                found.append(child)
            found += child.all(tag, attribute)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {})
        self.declared: list[str] = []

    def handle_decl(self, decl: str) -> None:
        self.declared.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice: {attrs}"
        assert not (self.here.tag in INLINE_ONLY and tag in BLOCKS), f"<{tag}> within <{self.here.tag}>"
        made = Element(tag, dict(attrs), self.here)
        self.here.children.append(made)
        if tag not in VOID:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self.here
        while at is not None:
            at.pieces.append(data)
            at = at.parent


def parsed_page(text: str) -> Element:
    """The page, once it is seen that every element is closed in its place and that names are given once and lead somewhere."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.declared == ["DOCTYPE html"]
    assert reader.here is reader.root, f"<{reader.here.tag}> is not closed"
    page = reader.root
    names = [each.attributes["id"] for each in page.all(attribute="id")]
    assert len(names) == len(set(names))
    for each in page.all():
        for attribute in ("aria-labelledby", "href"):
            target = each.attributes.get(attribute)
            if target and (attribute != "href" or target.startswith("#")):
                assert target.removeprefix("#") in names, target
    levels = [int(each.tag[1]) for each in page.all() if each.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    return page
