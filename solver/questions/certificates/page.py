"""The pages of `match export` and `match verify`."""

from __future__ import annotations

from solver.questions.certificates.answer import ExportAnswer, Origin, VerifyAnswer
from solver.report.page import Page
from solver.text import clean

_ORIGIN: dict[Origin | None, str] = {
    None: "",
    "own": "",
    "differs": "; DIFFERS from what the record's export has under this name",
    "foreign": "; is NO CLAIM of the record",
}


def export_page(answer: ExportAnswer, folder: str, width: int) -> Page:
    """The claims that were written to a folder."""
    page = Page(width)
    page.text(f"{len(answer.claims)} claims written to {folder}: check them with match verify {folder}")
    if answer.cut:
        page.text(
            f"Not every conflict and deciding set was found within the budget, of {', '.join(answer.cut)}."
        )
    page.blank()
    for claim in answer.claims:
        page.text(f"{claim.file}: {claim.claim}", indent=2, lead="- ")
    return page


def verify_page(answer: VerifyAnswer, width: int) -> Page:
    """How many claims are confirmed, and each of them; those that are not come first."""
    page, whole = Page(width), len(answer.claims)
    page.text(f"{answer.confirmed} of {whole} claims confirmed by {answer.solver}", style="bold")
    if answer.disagrees:
        page.text(f"{answer.disagrees} CONTRADICTED: a claim is wrong, or a solver is", style="bold red")
    if answer.undecided:
        nothing = ": nothing could be decided" if answer.undecided == whole else ""
        page.text(f"{answer.undecided} undecided, and not confirmed{nothing}", style="bold")
    _add_comparison(page, answer)
    page.blank()
    for claim in sorted(answer.claims, key=lambda each: each.fine):
        said = {
            "confirmed": "confirmed",
            "disagrees": f"DISAGREES, it answers {claim.answer} and not {claim.status}",
            "undecided": f"undecided, it {claim.note}",
        }[claim.result]
        page.text(f"{claim.name}: {said}{_ORIGIN[claim.origin]}", lead="- ")
        if claim.claim:
            page.text(clean(claim.claim), indent=2, style="dim")
    return page


def _add_comparison(page: Page, answer: VerifyAnswer) -> None:
    """What is known of where the scripts come from."""
    record = answer.record
    if record is None:
        page.text(
            "Confirmed are the scripts alone. Whether they state the claims of a record: add --record PATIENT.json"
        )
        return
    patient = f"{clean(record.patient)}, as of {record.as_of}"
    page.text(f"{record.own} of {len(answer.claims)} are the claims of {patient}", style="bold")
    page.text(f"record {record.digest}", style="dim")
    if record.others:
        page.text(f"{record.others} NOT OF THIS RECORD: do not rely on what they say", style="bold red")
    if record.missing:
        page.text(f"{len(record.missing)} missing: {', '.join(record.missing)}")
