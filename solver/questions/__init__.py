"""The questions: a row for each verb of the command line, which names its folder and never loads it.

A question has a folder: `answer` is what it returns and the JSON, `ask` works it out, `page` lays it out for people, and `command` is the
verb, the only one of them that reads files and prints.
"""

from __future__ import annotations

from solver.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class QuestionVerb:
    """A verb: what follows it, what it tells, and the function that runs it, as `module:name` below `package`.

    `asks` is the function that answers it about one record, `(engine, record, trials) -> answer`, as `module:name` below this package;
    empty where the verb asks something else.
    """

    usage: str
    about: str
    home: str
    asks: str = ""
    package: str = "solver.questions"


TABLE = {
    "explain": QuestionVerb(
        "PATIENT.json TRIAL",
        "every clause, and what it rests on",
        "explain.command:explain",
        "explain.ask:explain",
    ),
    "when": QuestionVerb(
        "PATIENT.json", "from when until when, if only time passes", "when.command:when", "when.ask:when"
    ),
    "tests": QuestionVerb(
        "PATIENT.json",
        "what to order, and what does not matter",
        "workup.command:tests",
        "workup.ask:plan_tests",
    ),
    "what-if": QuestionVerb(
        "PATIENT.json X=Y", "the verdicts, were the record changed", "what_if.command:what_if"
    ),
    "sequence": QuestionVerb(
        "PATIENT.json",
        "what entering one trial does to the others",
        "sequence.command:sequence",
        "sequence.ask:sequence",
    ),
    "ask": QuestionVerb(
        "[PATIENT.json]", "the questions that still matter, in the terminal", "interview.command:ask"
    ),
    "report": QuestionVerb(
        "PATIENT.json... --out FILE", "one file to hand over, print and sign", "report.command:report"
    ),
    "convert": QuestionVerb("FILE...", "the record made of a hospital's export", "convert.command:convert"),
    "screen": QuestionVerb(
        "COHORT...",
        "a whole cohort against the trials, and whom each clause excludes",
        "screen.command:screen",
    ),
    "serve": QuestionVerb(
        "", "a page on your own machine that asks what matters", "command:serve", package="solver.serve"
    ),
    "relax": QuestionVerb(
        "TRIAL COHORT...",
        "what each clause of a trial costs a cohort, and what moving a limit gains",
        "relax.command:relax",
    ),
    "plan": QuestionVerb("COHORT...", "which test settles most of a cohort", "plan.command:plan"),
    "export": QuestionVerb(
        "PATIENT.json TRIAL",
        "every claim of the answer, for another solver to check",
        "certificates.command:export",
    ),
    "verify": QuestionVerb("FILE...", "whether another solver confirms them", "certificates.command:verify"),
    "diff": QuestionVerb("A B", "how two versions of a trial, or two trials, relate", "diff.command:diff"),
    "examples": QuestionVerb(
        "TRIAL", "patients just inside and just outside each clause", "examples.command:examples"
    ),
    "check": QuestionVerb(
        "[TRIAL|FILE...]", "whether trial files agree with themselves", "check.command:check"
    ),
    "trials": QuestionVerb("[TRIAL]", "what is encoded, from which sources", "catalogue.command:trials"),
    "vocabulary": QuestionVerb(
        "[WORDS]", "what to write for a thing, by any of its names", "vocabulary.command:vocabulary"
    ),
    "template": QuestionVerb("--trials TRIAL", "a record to fill in", "template.command:template"),
    "schema": QuestionVerb("record", "JSON Schemas, for editors", "schema.command:schema"),
}
"""The verbs in the order of the help; `match` is the one that may be left out."""

MATCH = QuestionVerb(
    "PATIENT.json...", "each trial's verdict, and why", "match.command:match", "match.ask:match"
)

ANSWERS = {
    "output": "match.answer:MatchAnswer",
    "what-if": "what_if.answer:WhatIfAnswer",
    "sequence": "sequence.answer:SequenceAnswer",
    "when": "when.answer:WhenAnswer",
    "tests": "workup.answer:TestsAnswer",
    "export": "certificates.answer:ExportAnswer",
    "verify": "certificates.answer:VerifyAnswer",
    "diff": "diff.answer:Comparison",
    "diff-log": "diff.answer:History",
    "examples": "examples.answer:Sheet",
    "examples-verify": "examples.answer:SheetRecheck",
    "check": "check.answer:CheckAnswer",
    "convert": "convert.answer:ConvertReport",
    "screen": "screen.answer:ScreenAnswer",
    "relax": "relax.answer:RelaxAnswer",
    "plan": "plan.answer:PlanAnswer",
    "vocabulary-answer": "vocabulary.answer:VocabularyAnswer",
}
"""The answer whose JSON each name of `match schema` describes, as `module:class` below this package."""

ANSWER_OF = {"match": "output", "explain": "output"}
"""Verbs whose answer has another name there than theirs, which `match schema` knows as well."""
