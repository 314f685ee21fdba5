"""The names of drugs as clinical reading 2b gives them, and the classes of each: what the tree of concepts must know."""

from __future__ import annotations

from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("drug_classes.yaml")


def names_of_drugs() -> list[tuple[str, str, frozenset[str]]]:
    """Every name of the table, what it is a name of, and the classes of that."""
    (register,) = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["registers"]
    entries = [
        (str(name), str(entry["name"]), frozenset(entry["classes"]))
        for entry in register["entries"]
        for name in (entry["name"], *entry.get("other_names", []))
    ]
    return entries + [(str(name), str(name), frozenset()) for name in register["no_class"]]
