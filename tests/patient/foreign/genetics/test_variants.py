"""Variants: what is found, what a negative result denies, and what is not counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.statements import (
    Amount,
    CodedText,
    Coding,
    Faulty,
    PossibleDays,
    ResultStatement,
    ResultValue,
    VariantStatement,
)
from tests.support.formats.exports import days, outcomes, read_export, record_of, result
from tests.support.formats.gene_tests import (
    change_type,
    coded,
    component,
    dna,
    facts,
    findings,
    gathered_from,
    gene,
    outcome,
    panel,
    protein,
    report,
    variant,
)

FLT3, NPM1, KMT2A = "HGNC:3765", "HGNC:7910", "HGNC:7132"

FOUND = {
    "a mutation": ([gene(NPM1)], "npm1"),
    "by symbol": ([gene("NPM1")], "npm1"),
    "a duplication in DNA": ([gene(FLT3), dna("NM_004119.3:c.1770_1793dup")], "flt3_itd"),
    "an insertion in protein": ([gene(FLT3), protein("p.(Glu598_Tyr599insAspPheArg)")], "flt3_itd"),
    "words of the type": ([gene(FLT3), change_type("internal_tandem_duplication")], "flt3_itd"),
    "words beside the gene": ([gene("FLT3-ITD")], "flt3_itd"),
    "a substitution in three letters": ([gene(FLT3), protein("NP_004110.2:p.(Asp835Tyr)")], "flt3_tkd_d835"),
    "a substitution in one letter": ([gene(FLT3), protein("p.D835V")], "flt3_tkd_d835"),
    "a deletion": ([gene(FLT3), protein("p.Ile836del")], "flt3_tkd_i836"),
    "a deletion with an insertion there": ([gene(FLT3), protein("p.Ile836delinsMetArg")], "flt3_tkd_i836"),
    "another point mutation": ([gene(FLT3), protein("p.Asn676Lys")], "flt3_mutation"),
    "nothing of the change": ([gene(FLT3)], "flt3_mutation"),
    "a partial duplication": ([gene(KMT2A), change_type("partial tandem duplication")], "kmt2a_ptd"),
    "a gene joined to itself": ([gene("KMT2A::KMT2A")], "kmt2a_ptd"),
    "two genes": ([gene(KMT2A), gene("MLLT3")], "kmt2a_rearrangement"),
    "two genes, the other first": ([gene("AFF1"), gene(KMT2A)], "kmt2a_rearrangement"),
    "an unknown partner": ([gene("KMT2A::NOSUCH1")], "kmt2a_rearrangement"),
    "an older name, with a hyphen": ([gene("MLL-AF9")], "kmt2a_rearrangement"),
    "breaks": ([component("81291-7", "t(9;11)(p21;q23)")], "kmt2a_rearrangement"),
    "a second fusion": ([gene("NUP98"), gene("NSD1")], "nup98_rearrangement"),
    "a fusion in one text": ([gene("BCR::ABL1")], "bcr_abl1"),
    "another gene of the tree": ([gene("TP53")], "tp53"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_present_is_found(library: Library, name: str) -> None:
    """By the gene and how its change is written."""
    components, concept = FOUND[name]
    found = gathered_from(library, variant("present", *components))
    assert findings(found) == [{"is": concept, "present": True, "date": "2026-10-06"}]
    assert outcome(found) == "used"


@pytest.mark.parametrize(
    "system",
    [
        "http://www.genenames.org",
        "http://www.genenames.org/geneId",
        "https://www.genenames.org/geneId",
        "urn:oid:2.16.840.1.113883.6.281",
    ],
)
def test_every_address_of_the_register_of_genes_is_one(library: Library, system: str) -> None:
    """With the beginning of the id, or the bare number."""
    for code in (NPM1, "7910"):
        named = component("48018-6", CodedText((Coding(system, code),)))
        assert findings(gathered_from(library, variant("present", named)))[0]["is"] == "npm1"


def test_a_bare_number_of_another_register_is_no_gene(library: Library) -> None:
    """It is the number of some other gene there."""
    named = component("48018-6", CodedText((Coding("http://www.ncbi.nlm.nih.gov/gene", "7910"),)))
    found = gathered_from(library, variant("present", named))
    assert (findings(found), outcome(found)) == ([], "unknown-code")


NOT_FOUND: dict[str, tuple[list[ResultStatement], str]] = {
    "a gene that no finding is of": ([gene("BRAF")], "unknown-code"),
    "a fusion that no finding is of": ([gene("ETV6"), gene("RUNX1")], "unknown-code"),
    "a fusion of the gene of a mutation": ([gene("NPM1::MLF1")], "unknown-code"),
    "no gene": ([dna("c.1A>T")], "unknown-code"),
    "a point mutation of a gene that is rearranged": ([gene(KMT2A), protein("p.Arg24Gly")], "not-a-state"),
    "germline": ([gene(NPM1), component("48002-0", coded("LA6683-2"))], "not-a-state"),
    "benign": ([gene(NPM1), component("53037-8", coded("LA6675-8"))], "not-a-state"),
    "likely benign": ([gene(NPM1), component("53037-8", CodedText(text="likely benign"))], "not-a-state"),
    "of no allele": ([gene(NPM1), component("81258-6", Amount("0.0", unit="1"))], "not-a-state"),
    "of unknown meaning": ([gene(NPM1), component("53037-8", coded("LA26333-7"))], "unconfirmed"),
}


@pytest.mark.parametrize("name", NOT_FOUND)
def test_what_is_no_finding_is_not_counted(library: Library, name: str) -> None:
    """It has an outcome that says why."""
    components, why = NOT_FOUND[name]
    found = gathered_from(library, variant("present", *components))
    assert (findings(found), facts(found), outcome(found)) == ([], {}, why)


def test_a_somatic_variant_counts(library: Library) -> None:
    """As does one of which no source is given."""
    somatic = variant("present", gene(NPM1), component("48002-0", coded("LA6684-0")))
    assert findings(gathered_from(library, somatic))


DENIED = {
    "a mutation, by its gene": ([gene(NPM1)], None, "npm1"),
    "a duplication, by the name of the test": ([gene(FLT3)], "FLT3-ITD mutation analysis", "flt3_itd"),
    "a duplication, by its type": (
        [gene(FLT3), change_type("internal tandem duplication")],
        None,
        "flt3_itd",
    ),
    "a point mutation, by the name of the test": ([gene(FLT3)], "D835 by PCR", "flt3_tkd"),
    "a rearrangement, by its type": (
        [gene(KMT2A), change_type("translocation")],
        None,
        "kmt2a_rearrangement",
    ),
    "a rearrangement, by the pair": ([gene(KMT2A), gene("AFF1")], None, "kmt2a_rearrangement"),
    "a rearrangement, by the name of the test": (
        [gene(KMT2A)],
        "KMT2A rearrangement, FISH",
        "kmt2a_rearrangement",
    ),
    "a partial duplication": ([gene(KMT2A)], "MLL-PTD", "kmt2a_ptd"),
    "a fusion": ([gene("BCR"), gene("ABL1")], None, "bcr_abl1"),
    "a rearrangement, beside the gene": ([gene("KMT2A rearrangement")], None, "kmt2a_rearrangement"),
    "a gene that the test alone names": ([], "FLT3 ITD", "flt3_itd"),
}


@pytest.mark.parametrize("name", DENIED)
def test_what_is_absent_is_denied_if_the_test_looked_for_it(library: Library, name: str) -> None:
    """It says so by its gene, its genes, or its words."""
    components, text, concept = DENIED[name]
    found = gathered_from(library, variant("absent", *components, text=text))
    assert findings(found) == [{"is": concept, "present": False, "date": "2026-10-06"}]


@pytest.mark.parametrize("named", [FLT3, KMT2A, "NUP98"])
def test_an_absent_gene_denies_no_kind_of_change_that_the_test_does_not_name(
    library: Library, named: str
) -> None:
    """A test that found no variant of a gene may not have looked for its duplications or its fusions."""
    found = gathered_from(library, variant("absent", gene(named)))
    assert (findings(found), outcome(found)) == ([], "not-a-state")


def test_a_test_of_the_germline_says_nothing_of_the_disease(library: Library) -> None:
    """Neither that a change is there nor that it is not."""
    germline = component("48002-0", coded("LA6683-2"))
    found = gathered_from(library, variant("absent", gene(NPM1), germline))
    assert (findings(found), outcome(found)) == ([], "not-a-state")


def test_a_test_may_name_fusions_of_other_genes(library: Library) -> None:
    """They are those of its panel: the result is of the gene that its component names."""
    name = "NPM1, BCR-ABL1, PML-RARA, KMT2A-AFF1"
    assert [
        each["is"] for each in findings(gathered_from(library, variant("present", gene(NPM1), text=name)))
    ] == ["npm1"]
    denied = findings(gathered_from(library, variant("absent", gene(KMT2A), text=name)))
    assert [each["is"] for each in denied] == ["kmt2a_rearrangement"]
    assert findings(gathered_from(library, variant("present", text=name))) == []


def test_the_order_of_codings_changes_nothing(library: Library) -> None:
    """One that no mapping names stands beside one that it does; two genes in one place are none."""
    listed, other = (
        Coding("http://www.genenames.org", NPM1),
        Coding("http://www.ncbi.nlm.nih.gov/gene", "4869", "x"),
    )
    for order in ((listed, other), (other, listed)):
        found = gathered_from(library, variant("present", component("48018-6", CodedText(order))))
        assert [each["is"] for each in findings(found)] == ["npm1"]
    two = CodedText((listed, Coding("http://www.genenames.org", FLT3)))
    assert findings(gathered_from(library, variant("present", component("48018-6", two)))) == []


def test_a_test_for_two_things_denies_both_and_finds_neither(library: Library) -> None:
    """Which of them was found is not said by its name."""
    both = "FLT3 ITD and TKD"
    denied = findings(gathered_from(library, variant("absent", gene(FLT3), text=both)))
    assert sorted(str(each["is"]) for each in denied) == ["flt3_itd", "flt3_tkd"]
    found = findings(gathered_from(library, variant("present", gene(FLT3), text=both)))
    assert [each["is"] for each in found] == ["flt3_mutation"]


def test_a_change_that_is_written_out_says_more_than_the_name_of_the_test(library: Library) -> None:
    """A point mutation found by a test for duplications is no duplication."""
    found = gathered_from(library, variant("present", gene(FLT3), protein("p.Asp835Tyr"), text="FLT3-ITD"))
    assert [each["is"] for each in findings(found)] == ["flt3_tkd_d835"]
    other = gathered_from(library, variant("present", gene(FLT3), protein("p.Asn676Lys"), text="FLT3-ITD"))
    assert [each["is"] for each in findings(other)] == ["flt3_mutation"]


def test_a_text_that_denies_a_change_does_not_find_it(library: Library) -> None:
    """Found is something else."""
    said = change_type("no internal tandem duplication")
    assert [
        each["is"] for each in findings(gathered_from(library, variant("present", gene(FLT3), said)))
    ] == ["flt3_mutation"]


@pytest.mark.parametrize("presence", ["no call", None])
def test_a_value_that_says_neither_says_nothing(library: Library, presence: str | None) -> None:
    """It is no absence."""
    found = gathered_from(library, variant(presence, gene(NPM1)))
    assert (findings(found), outcome(found)) == ([], "value")


def test_other_answers_of_presence_are_read(library: Library) -> None:
    """Positive and negative in another system; one that is still to be checked is not, nor two that differ."""
    for code, present in (("10828004", True), ("260385009", False), ("260415000", False)):
        value = CodedText((Coding("http://snomed.info/sct", code),))
        whole = variant(None, gene(NPM1))
        told = findings(gathered_from(library, _with_value(whole, value)))
        assert [each["present"] for each in told] == [present]
    for codings in (
        [Coding("http://snomed.info/sct", "260373001")],
        [*coded("LA9633-4").codings, *coded("LA9634-2").codings],
    ):
        assert (
            outcome(gathered_from(library, _with_value(variant(None, gene(NPM1)), CodedText(tuple(codings)))))
            == "value"
        )


def _with_value(statement: ResultStatement, value: CodedText) -> ResultStatement:
    return replace(statement, value=value)


def test_a_preliminary_variant_is_unconfirmed_and_a_mention(library: Library) -> None:
    """It is told under its variable, and is no fact."""
    found = gathered_from(library, variant("present", gene(NPM1), unconfirmed="status preliminary"))
    assert (findings(found), outcome(found)) == ([], "unconfirmed")
    (mention,) = found.mentions
    assert (mention.variables, mention.concepts, mention.unconfirmed) == ({"npm1_mutated"}, {"npm1"}, True)


def test_a_day_that_is_none_or_still_to_come_keeps_it_out(library: Library) -> None:
    """Without any day it counts."""
    assert outcome(gathered_from(library, variant("present", gene(NPM1), day="2026-11-21"))) == "after-as-of"
    faulty = replace(variant("present", gene(NPM1)), days=Faulty("no date"))
    assert outcome(gathered_from(library, faulty)) == "date"
    undated = findings(gathered_from(library, variant("present", gene(NPM1), day=None)))
    assert undated == [{"is": "npm1", "present": True}]


def test_what_was_found_stays_found(library: Library) -> None:
    """A later negative result loses its day, so that either may hold; an earlier one is superseded."""
    early, late = {"day": "2026-03-01", "at": 1}, {"day": "2026-10-06", "at": 2}
    undone = gathered_from(
        library, variant("present", gene(NPM1), **early), variant("absent", gene(NPM1), **late)
    )
    assert findings(undone) == [
        {"is": "npm1", "present": True, "date": "2026-03-01"},
        {"is": "npm1", "present": False},
    ]
    assert [(each.variable, each.kind) for each in undone.account.conflicts] == [
        ("npm1_mutated", "other-day")
    ]
    gained = gathered_from(
        library, variant("absent", gene(NPM1), **early), variant("present", gene(NPM1), **late)
    )
    assert findings(gained) == [{"is": "npm1", "present": True, "date": "2026-10-06"}]
    assert (outcome(gained, 1), outcome(gained, 2)) == ("superseded", "used")
    never = gathered_from(
        library, variant("absent", gene(NPM1), **early), variant("absent", gene(NPM1), **late)
    )
    assert findings(never) == [{"is": "npm1", "present": False, "date": "2026-10-06"}]


def test_found_again_after_a_negative_result_it_is_present(library: Library) -> None:
    """The negative one between them is superseded."""
    tests = [("present", "2026-03-01"), ("absent", "2026-06-01"), ("present", "2026-10-06")]
    found = gathered_from(
        library, *(variant(p, gene(NPM1), day=day, at=i) for i, (p, day) in enumerate(tests))
    )
    assert findings(found) == [{"is": "npm1", "present": True, "date": "2026-10-06"}]
    assert [outcome(found, i) for i in range(3)] == ["superseded", "superseded", "used"]


def test_a_negative_result_of_something_broader_does_not_undo_a_finding(library: Library) -> None:
    """A later test without any point mutation leaves open the one that was found."""
    found = gathered_from(
        library,
        variant("present", gene(FLT3), protein("p.D835Y"), day="2026-03-01", at=1),
        variant("absent", gene(FLT3), text="FLT3-TKD", day="2026-10-06", at=2),
    )
    assert [each.get("date") for each in findings(found)] == ["2026-03-01", None]


def test_an_undated_result_gives_way_to_a_dated_one(library: Library) -> None:
    """Nobody knows which is the later."""
    found = gathered_from(
        library, variant("present", gene(NPM1)), variant("absent", gene(NPM1), day=None, at=2)
    )
    assert findings(found) == [{"is": "npm1", "present": True, "date": "2026-10-06"}]
    assert outcome(found, 2) == "undated"


def test_results_of_one_day_that_differ_leave_it_open(library: Library) -> None:
    """Both keep their day."""
    found = gathered_from(library, variant("present", gene(NPM1)), variant("absent", gene(NPM1), at=2))
    assert [each["date"] for each in findings(found)] == ["2026-10-06"] * 2
    assert [each.kind for each in found.account.conflicts] == ["same-day"]


def test_equal_results_of_one_day_are_one_finding_of_both_sources(library: Library) -> None:
    """In the same order whichever comes first."""
    one, two = variant("present", gene(NPM1)), variant("present", gene(NPM1), at=2)
    found, turned = gathered_from(library, one, two), gathered_from(library, two, one)
    assert len(findings(found)) == 1
    assert found.events == turned.events
    assert [source.place.at for source in found.events[0].sources] == ["entry[1]", "entry[2]"]


FUSIONS = {"apl": (("PML", "RARA"),), "cbf_aml": (("RUNX1", "RUNX1T1"), ("CBFB", "MYH11"))}


@pytest.mark.parametrize(
    ("variable", "pair"), [(name, pair) for name, pairs in FUSIONS.items() for pair in pairs]
)
def test_a_fusion_is_a_fact_of_its_kind_of_disease(
    library: Library, variable: str, pair: tuple[str, str]
) -> None:
    """In any order of its genes."""
    for one, other in (pair, pair[::-1]):
        assert facts(gathered_from(library, variant("present", gene(one), gene(other)))) == {
            variable: {"value": True}
        }
        assert facts(gathered_from(library, variant("present", gene(f"{one}::{other}")))) == {
            variable: {"value": True}
        }


def test_what_two_fusions_may_be_is_denied_by_both_alone(library: Library) -> None:
    """One that is absent leaves the other; one that is present is enough."""
    one = variant("absent", gene("RUNX1"), gene("RUNX1T1"), at=1)
    other = variant("absent", gene("CBFB"), gene("MYH11"), at=2)
    alone = gathered_from(library, one)
    assert (facts(alone), outcome(alone)) == ({}, "not-a-state")
    assert facts(gathered_from(library, one, other)) == {"cbf_aml": {"value": False}}
    found = variant("present", gene("CBFB"), gene("MYH11"), at=2)
    assert facts(gathered_from(library, one, found)) == {"cbf_aml": {"value": True}}


def test_a_fusion_that_was_found_and_then_not_leaves_it_open(library: Library) -> None:
    """Both are told."""
    found = gathered_from(
        library,
        variant("present", gene("PML"), gene("RARA"), day="2026-03-01", at=1),
        variant("absent", gene("PML"), gene("RARA"), day="2026-10-06", at=2),
    )
    assert facts(found) == {"apl": {"one_of": [False, True]}}
    assert [each.variable for each in found.account.conflicts] == ["apl"]


def test_a_report_that_names_the_genes_studied_denies_mutations_alone(library: Library) -> None:
    """A rearrangement and a duplication need a test that says it looks for them."""
    found = gathered_from(library, panel(NPM1, FLT3, KMT2A, "TP53"), report("entry[3]"))
    assert findings(found) == [{"is": "npm1", "present": False, "date": "2026-10-06"}]
    assert outcome(found, 3) == "used"


@pytest.mark.parametrize(
    "others",
    [
        [],
        [report("entry[3]", final=False)],
        [report("entry[4]")],
        [variant("present", gene(NPM1), at=4), report("entry[3]", "entry[4]")],
        [variant("no call", gene(NPM1), at=4), report("entry[3]", "entry[4]")],
    ],
    ids=[
        "no report",
        "not final",
        "another report",
        "with a variant",
        "with a variant that nobody could call",
    ],
)
def test_a_panel_denies_nothing_without_a_final_report_that_has_no_variant(
    library: Library, others: list[ResultStatement]
) -> None:
    """Nor if it does not name the gene."""
    found = gathered_from(library, panel(NPM1), *others)
    assert [each for each in findings(found) if not each["present"]] == []
    assert outcome(found, 3) == "not-a-state"
    assert findings(gathered_from(library, panel("TP53"), report("entry[3]"))) == []


def stated_variant(somatic: bool | None) -> VariantStatement:
    """A variant as formats write it that say whether it is of the disease."""
    place = ResourcePlace("interpretations[0]", "interpretation")
    changes = (CodedText(text="NM_004119.3:c.1770_1793dup"),)
    return VariantStatement(
        place,
        CodedText(),
        "present",
        (CodedText((Coding("http://www.genenames.org", FLT3),)),),
        changes,
        somatic,
        days=days("2026-10-06"),
    )


def test_a_variant_must_be_said_to_be_of_the_disease(library: Library) -> None:
    """What may have been there from birth is no finding."""
    found = gathered_from(library, stated_variant(True))
    assert findings(found) == [{"is": "flt3_itd", "present": True, "date": "2026-10-06"}]
    for somatic in (False, None):
        left = gathered_from(library, stated_variant(somatic))
        assert findings(left) == []
        assert left.account.rows["interpretations[0]"].outcome == "not-a-state"


WORDS = st.sampled_from(
    [
        "",
        "::",
        "A::",
        "FLT3-",
        "NPM1",
        "A*02:01/",
        "|+",
        "46,",
        "t(;)(;)",
        "46,XX,t(9;)(;q)[1]",
        "/" * 9,
        "p.D835",
    ]
)
CODES = st.sampled_from(["69548-6", "53041-0", "81291-7", "57290-9"])
PARTS = st.sampled_from(
    ["48018-6", "48004-6", "48005-3", "48019-4", "48002-0", "81258-6", "53037-8", "81291-7"]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    WORDS,
    st.builds(Faulty, WORDS),
    st.builds(Amount, WORDS),
    st.builds(
        CodedText,
        st.tuples(st.builds(Coding, st.none() | WORDS, st.none() | WORDS, st.none() | WORDS)),
        st.none() | WORDS,
    ),
    st.just(coded("LA9633-4")),
    st.just(coded("LA9634-2")),
)
DAYS = st.sampled_from(
    [None, Faulty("no date"), PossibleDays(None, None), PossibleDays(None, 5), days("2026-03")]
)


@settings(max_examples=40)
@given(CODES, VALUES, st.lists(st.tuples(PARTS, VALUES), max_size=4), DAYS)
def test_whatever_a_result_says_it_has_an_outcome_and_the_record_is_one(
    library: Library,
    code: str,
    value: ResultValue,
    parts: list[tuple[str, ResultValue]],
    day: PossibleDays | Faulty | None,
) -> None:
    """Nothing in a result of genes can stop the reader."""
    statement = result(code, None, None, components=[component(part, each) for part, each in parts])
    found = read_export(library, replace(statement, value=value, days=day))
    record_of(found, library)
    assert outcomes(found)["entry[1]"] is not None
