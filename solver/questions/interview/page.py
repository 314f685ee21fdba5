"""The words of an interview in a terminal: who is asked about, a question with why it is asked, what an answer did, and how it ends."""

from __future__ import annotations

from solver.language.types import DateType, IntegerType, ListType, QuantityType
from solver.questions.interview.interview import Interview, choices
from solver.report import interview_words as words
from solver.report.head import FAINT, HEADING, ORDER, STYLES, site_rank
from solver.report.page import Page
from solver.report.words import Wording, listed

_CHOICES = 12
HELP = "Empty is unknown; back and stop are always there."
"""What stands at the beginning."""


def opening_page(interview: Interview, as_of: str, width: int) -> Page:
    """Who is asked about, what bears on safety, how the trials stand, and how to answer."""
    page, state, library = Page(width), interview.state, interview.library
    site = f" ({library.site.name})" if library.site else ""
    page.text(f"Patient {interview.record.id}, as of {as_of}{site}", style=HEADING)
    if state.headline:
        page.text(", ".join(state.headline))
    told = Wording.of_events(library, interview.record)
    for name in state.safety:
        page.text(told.stated(name), lead="Safety: ", lead_style=STYLES["withheld"])
    _write_trials(page, interview)
    left = f"{_capital(words.questions_left(state))}. " if state.consistent is True else ""
    page.text(f"{left}{HELP}", style=FAINT)
    return page


def question_page(interview: Interview, name: str, width: int) -> Page:
    """A question: its words, why it is asked, and how to answer it."""
    page, variable = Page(width), interview.variable(name)
    page.blank()
    page.text(f"{variable.label} [{name}]", style=HEADING)
    asked = next((each for each in interview.state.questions if each.variable == name), None)
    if asked is not None:
        page.text(words.why_asked(asked, interview.library), indent=2)
    values = choices(variable, interview.library)
    if values:
        more = len(values) - _CHOICES
        shown = values[:_CHOICES] if more > 1 else values
        page.text(", ".join(shown) + (f", +{more} more" if more > 1 else ""), indent=2, style=FAINT)
        return page
    match variable.type:
        case QuantityType() as kind:
            hint = "a number" if variable.bare else f"a number with its unit, as in {kind.unit.text}"
        case IntegerType():
            hint = "a whole number"
        case DateType():
            hint = "a date, YYYY-MM-DD, YYYY-MM or YYYY"
        case ListType():
            hint = "names, with commas between them"
        case _:
            hint = "a text"
    page.text(hint, indent=2, style=FAINT)
    return page


def end_page(interview: Interview, width: int) -> Page:
    """Why nothing more is asked, or which facts contradict one another, and what can be done."""
    page = Page(width)
    page.blank()
    if interview.state.consistent is True:
        page.text(words.nothing_left(interview.state), style=HEADING)
        page.text("back takes the last answer back; stop, or nothing, ends.", indent=2, style=FAINT)
        return page
    told = Wording.of_events(interview.library, interview.record)
    for facts in interview.state.contradictions:
        page.text(f"the record contradicts itself: {told.facts(facts)}", lead="Safety: ")
    page.text("back takes the last answer back, stop ends.", indent=2, style=FAINT)
    return page


def closing_page(interview: Interview, width: int) -> Page:
    """How the trials stand at the end, and why nothing more is asked."""
    page = Page(width)
    page.blank()
    _write_trials(page, interview)
    page.text("Decision support only: a clinician must review the basis of every answer.")
    return page


def _write_trials(page: Page, interview: Interview) -> None:
    standings = sorted(interview.state.trials, key=lambda each: (ORDER.index(each.verdict), site_rank(each)))
    for verdict in ORDER:
        found = [each for each in standings if each.verdict == verdict]
        for told in dict.fromkeys(words.verdict_words(each) for each in found):
            codes = [each.code for each in found if words.verdict_words(each) == told]
            page.text(listed(codes), lead=f"{told}: ", lead_style=STYLES[verdict])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
