"""What the status of a resource is worth: it counts, it is unconfirmed, or it says nothing; and which resources are not of FHIR R4.

Observation     final -> counts     preliminary -> unconfirmed     registered, and any text of no list -> never

Each list is that of the specification; a status of no list is never.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from solver.dataclass import dataclass
from solver.patient.readers.fhir.elements import codes, concept, given, word

Standing = Literal["counts", "unconfirmed", "never"]

VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"

MEDICATIONS = frozenset(
    {
        "MedicationAdministration",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationDispense",
        "MedicationUsage",
    }
)
ORDERS = frozenset({"MedicationRequest", "MedicationDispense"})
VERIFIED = frozenset({"Condition", "AllergyIntolerance"})

_RESULT = {"final", "amended", "corrected", "appended"}, {"preliminary", "partial"}
_STATUSES: Mapping[str, tuple[set[str], set[str]]] = {
    "Observation": _RESULT,
    "DiagnosticReport": _RESULT,
    "QuestionnaireResponse": ({"completed", "amended"}, set()),
    "Procedure": ({"completed"}, {"in-progress", "stopped", "unknown"}),
    "MedicationAdministration": ({"completed", "in-progress", "stopped"}, {"on-hold"}),
    "MedicationStatement": ({"active", "completed", "stopped", "on-hold"}, {"unknown"}),
    "MedicationUsage": ({"active", "completed", "stopped", "on-hold"}, {"unknown"}),
    "MedicationRequest": ({"active", "completed", "stopped", "on-hold"}, {"unknown"}),
    "MedicationDispense": ({"completed", "in-progress"}, {"unknown", "stopped", "on-hold"}),
    "Immunization": ({"completed"}, set()),
}
_INTENTS = {"order", "original-order", "reflex-order", "instance-order", "filler-order"}
_VERIFICATIONS: Mapping[str, Standing] = {
    "confirmed": "counts",
    "unconfirmed": "unconfirmed",
    "provisional": "unconfirmed",
    "differential": "unconfirmed",
    "refuted": "never",
    "entered-in-error": "never",
}
_PRESENT = frozenset({"active", "recurrence", "relapse"})


@dataclass(frozen=True, slots=True)
class StatusWorth:
    """What a status is worth, and the words for it where it does not count."""

    standing: Standing
    reason: str | None = None


COUNTS = StatusWorth("counts")


def worth(resource: dict[str, object], kind: str) -> StatusWorth:
    """What the status of a resource of this type is worth."""
    if kind in VERIFIED:
        system = VERIFICATION if kind == "Condition" else ALLERGY_VERIFICATION
        return _verification_worth(resource.get("verificationStatus"), system)
    if kind not in _STATUSES:
        return COUNTS
    found = _listed_worth(resource.get("status"), "status", *_STATUSES[kind])
    if kind == "MedicationRequest":
        if given(resource.get("doNotPerform")) and resource["doNotPerform"] is not False:
            return StatusWorth("never", "an order not to give it")
        found = _lesser_worth(found, _listed_worth(resource.get("intent"), "intent", _INTENTS, set()))
    return found


def _listed_worth(value: object, what: str, counts: set[str], doubtful: set[str]) -> StatusWorth:
    if value is None:
        return StatusWorth("unconfirmed", f"no {what}")
    if type(value) is str and value in counts:
        return COUNTS
    said = f"{what} {word(value) or 'of no list'}"
    return StatusWorth("unconfirmed" if type(value) is str and value in doubtful else "never", said)


def _lesser_worth(one: StatusWorth, other: StatusWorth) -> StatusWorth:
    order: tuple[Standing, ...] = ("never", "unconfirmed", "counts")
    return min(one, other, key=lambda each: order.index(each.standing))


def _verification_worth(value: object, system: str) -> StatusWorth:
    if not given(value):
        return COUNTS
    found = codes(value, system)
    if not found:
        if concept(value).text:
            return StatusWorth("unconfirmed", "a verification status without a code")
        return StatusWorth("never", "a verification status that cannot be read")
    worths = (
        StatusWorth(_VERIFICATIONS.get(code, "never"), f"verification status {word(code) or 'of no list'}")
        for code in sorted(found)
    )
    worst = COUNTS
    for each in worths:
        worst = _lesser_worth(worst, each)
    return COUNTS if worst.standing == "counts" else worst


def is_confirmed(resource: dict[str, object]) -> bool:
    """Whether the verification status is `confirmed` in so many words."""
    return codes(resource.get("verificationStatus"), VERIFICATION) == {"confirmed"}


def clinical_status(resource: dict[str, object]) -> str | None:
    """The clinical status of a Condition; None if there is none, or several that contradict each other."""
    found = codes(resource.get("clinicalStatus"), CLINICAL)
    for general, special in (("active", ("relapse", "recurrence")), ("inactive", ("remission", "resolved"))):
        if found and found <= {general, *special}:
            return next((each for each in special if each in found), general)
    return None


def foreign_form(resource: dict[str, object], kind: str) -> tuple[str, bool] | None:
    """What is not of R4 in a resource, and whether it is of R5; None where it is R4."""
    if kind == "MedicationUsage":
        return "MedicationUsage is of R5", True
    if kind in MEDICATIONS and isinstance(resource.get("medication"), dict):
        return "medication has the form of R5", True
    if kind in _OCCURRING and any(
        key.startswith(("occurrence", "occurence")) and given(resource[key]) for key in resource
    ):
        return "occurrence[x] is of R5", True
    if kind in VERIFIED:
        for name in ("clinicalStatus", "verificationStatus"):
            if type(resource.get(name)) is str:
                return f"{name} is a code, as in STU3", False
    if kind == "MedicationRequest" and resource.get("status") is None and given(resource.get("context")):
        return "context without a status, as in STU3", False
    for owner, name in _OF_STU3:
        if kind == owner and given(resource.get(name)):
            return f"{name} is of STU3", False
    return None


_OCCURRING = frozenset({"Procedure", "MedicationAdministration"})
_OF_STU3 = (
    ("Procedure", "notDone"),
    ("MedicationStatement", "taken"),
    ("MedicationAdministration", "notGiven"),
)
