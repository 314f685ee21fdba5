"""What the elements of a Phenopacket say, as statements: diseases, features, measurements, actions, variants and samples.

diseases[0]  {"term": MONDO:0018874, "onset": ...}          a disease that began on these days
diseases[1]  {"term": MONDO:0008608, "excluded": true}      that this one is denied
interpretations[0], a variant of the person                 a germline variant, and no mark of the disease
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.statements import (
    ClinicalStatus,
    CodedText,
    ConditionStatement,
    Faulty,
    PossibleDays,
    ProcedureStatement,
    ResultStatement,
    ResultValue,
    SourceStatement,
    VariantStatement,
)
from solver.patient.readers.phenopacket.json_elements import (
    Element,
    ElementReader,
    element_of,
    elements_of,
    part,
    text_of,
)
from solver.patient.readers.phenopacket.treatments import read_treatment
from solver.text import quote

_SETTLED = ("SOLVED", "COMPLETED")
_UNSETTLED = {
    None: "of unknown progress",
    "UNKNOWN_PROGRESS": "of unknown progress",
    "IN_PROGRESS": "in progress",
}
_PRESENT = ("CAUSATIVE", "CONTRIBUTORY", "CANDIDATE")
_STATES: tuple[ClinicalStatus, ...] = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")


@dataclass(frozen=True, slots=True)
class SampleStatement:
    """A sample of the patient: whether it is of the tumour, when it was taken, and the tissue."""

    tumour: bool
    days: PossibleDays | Faulty | None
    tissue: CodedText


@dataclass(slots=True)
class PacketReader:
    """What reads the elements of one Phenopacket; what says nothing is noted in the account.

    `individual` is the id of the subject, and `samples` its samples by id.
    """

    elements: ElementReader
    account: Account
    individual: str | None
    samples: dict[str, SampleStatement] = field(default_factory=dict)

    def read(self, name: str, element: Element, place: ResourcePlace) -> list[SourceStatement]:
        """The statements of one element of a list."""
        match name:
            case "diseases":
                return [self._disease_statement(element, place)]
            case "phenotypicFeatures":
                return [self._feature_statement(element, place)]
            case "measurements":
                return [self.measurement(element, place)]
            case "medicalActions":
                return self._action_statements(element, place)
            case "interpretations":
                return self._variant_statements(element, place)
            case _:
                return self._sample_statements(element, place)

    def learn_samples(self, found: list[object]) -> None:
        """Note what samples there are, before anything is read that refers to them."""
        for element in found:
            identity = text_of(element, "id")
            if identity is not None and not self._of_another(element):
                self.samples[identity] = SampleStatement(
                    self._is_tumour(element),
                    self.elements.days(part(element, "timeOfCollection"), last=True),
                    self.elements.term(part(element, "sampledTissue")),
                )

    def measurement(
        self, element: Element, place: ResourcePlace, sample: SampleStatement | None = None
    ) -> ResultStatement:
        """A measurement, of the patient or of a sample."""
        read = self.elements
        value = part(element, "value")
        quantity, answer = part(value, "quantity"), part(value, "ontologyClass")
        found: ResultValue | Faulty | None = None
        if isinstance(quantity, dict):
            found = read.amount(quantity)
        elif isinstance(answer, dict):
            found = read.term(answer)
        elif value is not None:
            found = Faulty("has no value that is read")
        time = part(element, "timeObserved")
        days = read.days(
            part(element_of(element, "procedure"), "performed") if time is None else time, last=True
        )
        if days is None and sample is not None:
            days = sample.days
        complex_values = elements_of(element_of(element, "complexValue"), "typedQuantities")
        components = tuple(
            ResultStatement(
                place,
                read.term(part(each, "type")),
                read.amount(part(each, "quantity")),
                days,
                normal=read.normal(part(each, "quantity")),
            )
            for each in complex_values
        )
        return ResultStatement(
            place,
            read.term(part(element, "assay")),
            found,
            days,
            components=components,
            normal=read.normal(quantity),
            specimen=sample.tissue if sample else CodedText(),
            specimen_days=sample.days if sample and isinstance(sample.days, PossibleDays) else None,
        )

    def _disease_statement(self, element: Element, place: ResourcePlace) -> ConditionStatement:
        read = self.elements
        end = part(element, "resolution")
        return ConditionStatement(
            place,
            read.term(part(element, "term")),
            onset=read.days(part(element, "onset")),
            abatement=read.days(end),
            abated=end is not None,
            excluded=part(element, "excluded") is True,
        )

    def _feature_statement(self, element: Element, place: ResourcePlace) -> ConditionStatement:
        read = self.elements
        end = part(element, "resolution")
        return ConditionStatement(
            place,
            read.term(part(element, "type")),
            onset=read.days(part(element, "onset")),
            abatement=read.days(end),
            abated=end is not None,
            excluded=part(element, "excluded") is True,
            feature=True,
        )

    def _action_statements(self, element: Element, place: ResourcePlace) -> list[SourceStatement]:
        procedure, treatment = part(element, "procedure"), part(element, "treatment")
        if isinstance(procedure, dict):
            days = self.elements.days(part(procedure, "performed"), last=True)
            return [ProcedureStatement(place, self.elements.term(part(procedure, "code")), days)]
        if isinstance(treatment, dict):
            return [read_treatment(treatment, place, self.elements)]
        self.account.note(place, "not-read", "no fact is read from this kind of action")
        return []

    def _variant_statements(self, element: Element, place: ResourcePlace) -> list[SourceStatement]:
        progress = text_of(element, "progressStatus")
        if progress not in _SETTLED and progress not in _UNSETTLED:
            self.account.note(place, "status", f"the interpretation is {quote(progress or '')}")
            return []
        unsettled = None if progress in _SETTLED else f"an interpretation {_UNSETTLED[progress]}"
        found: list[SourceStatement] = []
        for each in elements_of(element_of(element, "diagnosis"), "genomicInterpretations"):
            statement = self._variant_statement(each, place, unsettled)
            if statement is not None:
                found.append(statement)
        if not found:
            self.account.note(place, "not-a-state", "names no variant that is said to be there")
        return found

    def _variant_statement(
        self, found: object, place: ResourcePlace, unsettled: str | None
    ) -> VariantStatement | None:
        """A variant. One that is rejected does not explain the disease, which is not to say that it is absent."""
        status = text_of(found, "interpretationStatus")
        call = element_of(found, "variantInterpretation")
        described = element_of(call, "variationDescriptor")
        gene = element_of(described, "geneContext") or element_of(found, "gene")
        if status == "REJECTED" or not (gene or described):
            return None
        if status not in _PRESENT:
            unsettled = unsettled or "a variant of unknown status"
        sample = self.samples.get(text_of(found, "subjectOrBiosampleId") or "")
        symbol, identity = text_of(gene, "symbol"), text_of(gene, "valueId")
        coding = (self.elements.coding(identity.strip(), symbol),) if identity else ()
        return VariantStatement(
            place,
            CodedText(),
            "present",
            genes=(CodedText(coding, symbol),) if coding or symbol else (),
            changes=tuple(self._change_texts(described)),
            somatic=self._is_somatic(described) or (sample is not None and sample.tumour),
            significance=self._significance(call),
            days=sample.days if sample else None,
            unconfirmed=unsettled,
        )

    def _change_texts(self, described: Element) -> list[CodedText]:
        texts = [text_of(each, "value") for each in elements_of(described, "expressions")]
        texts.append(text_of(described, "label"))
        texts += [each for each in elements_of(described, "alternateLabels") if isinstance(each, str)]
        kind = self.elements.term(part(described, "structuralType"))
        return [CodedText(text=text) for text in texts if text] + ([kind] if kind else [])

    def _is_somatic(self, described: Element) -> bool:
        """Whether the origin of an allele is said to be somatic."""
        said = [text_of(part(described, "allelicState"), "id")]
        for each in elements_of(described, "extensions"):
            value = part(each, "value")
            said.append(value if isinstance(value, str) else text_of(value, "id"))
        origins = {self.elements.map.origins.get(each.strip().lower()) for each in said if each}
        return "somatic" in origins and "germline" not in origins

    def _significance(self, call: Element) -> CodedText:
        said = text_of(call, "acmgPathogenicityClassification")
        return CodedText(text=said.replace("_", " ").lower()) if said else CodedText()

    def _sample_statements(self, element: Element, place: ResourcePlace) -> list[SourceStatement]:
        """What a sample was found to be, and what was measured in it, each in a place of its own."""
        if self._of_another(element):
            self.account.note(place, "other-patient", "the sample is of somebody else")
            return []
        sample = self.samples.get(text_of(element, "id") or "")
        found: list[SourceStatement] = []
        diagnosis = part(element, "histologicalDiagnosis")
        if isinstance(diagnosis, dict) and self._kind_of(diagnosis) != "normal":
            status = self._progression_status(element)
            days = sample.days if sample else self.elements.days(part(element, "timeOfCollection"), last=True)
            found.append(
                ConditionStatement(
                    place,
                    self.elements.term(diagnosis),
                    status,
                    recorded=days if isinstance(days, PossibleDays) else None,
                )
            )
        else:
            self.account.note(place, "not-a-state", "no diagnosis is made of the sample")
        for i, each in enumerate(elements_of(element, "measurements")):
            inner = ResourcePlace(f"{place.at}.measurements[{i}]", "measurements")
            self.account.row(inner)
            if isinstance(each, dict):
                found.append(self.measurement(each, inner, sample))
            else:
                self.account.note(inner, "error", "is no object")
        return found

    def _of_another(self, element: object) -> bool:
        of = text_of(element, "individualId")
        return of is not None and self.individual is not None and of != self.individual

    def _kind_of(self, term: object) -> Literal["tumour", "normal"] | None:
        kinds: Mapping[str, Literal["tumour", "normal"]] = self.elements.map.samples
        return kinds.get(text_of(term, "id") or "")

    def _is_tumour(self, element: object) -> bool:
        """Whether a sample is of tumour material: it is said to be, or has a diagnosis or a progression, and is not said to be normal."""
        kinds = {
            self._kind_of(part(element, key))
            for key in ("materialSample", "sampleType", "histologicalDiagnosis")
        }
        told = any(
            isinstance(part(element, key), dict) for key in ("histologicalDiagnosis", "tumorProgression")
        )
        return "normal" not in kinds and ("tumour" in kinds or told)

    def _progression_status(self, element: Element) -> ClinicalStatus | None:
        said = self.elements.map.progressions.get(text_of(part(element, "tumorProgression"), "id") or "")
        return next((each for each in _STATES if each == said), None)
