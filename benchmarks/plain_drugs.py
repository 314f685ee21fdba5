"""The drug names of the clinical reading, 2b, class by class, for the plain matcher."""

from __future__ import annotations

import re

# fmt: off
# The names of a class are parted by bars.
CLASSES: dict[str, str] = {
    "cd123": """
        tagraxofusp | Elzonris | SL-401 | DT388IL3 | pivekimab sunirine | Decnupaz | IMGN632 | PVEK |
        flotetuzumab | MGD006 | S80880 | vibecotamab | XmAb14045 | SQZ622 | talacotuzumab | JNJ-56022473 |
        CSL362 | CSL360 | KHK2823 | mipletamig | APVO436 | JNJ-63709178 | MGD024 | SGN-CD123A | AFM28 |
        SAR440234 | SAR443579 | IPH6101 | UCART123 | UCART123v1.2 | CD123 CAR-T | anti-CD123 CAR-T | CART123 |
        CAR-T CD123 | MB-102 | UniCAR02-T-CD123 | AVC-101 | AVC-201 | CD123 CAR-NK
    """,
    "car_t": """
        UCART123 | UCART123v1.2 | CD123 CAR-T | anti-CD123 CAR-T | CART123 | CAR-T CD123 | MB-102 |
        UniCAR02-T-CD123 | AVC-101 | AVC-201 | tisagenlecleucel | Kymriah | CTL019 | tisa-cel | axicabtagene
        ciloleucel | Yescarta | KTE-C19 | axi-cel | brexucabtagene autoleucel | Tecartus | KTE-X19 | brexu-cel
        | lisocabtagene maraleucel | Breyanzi | JCAR017 | liso-cel | obecabtagene autoleucel | Aucatzyl |
        AUTO1 | obe-cel | relmacabtagene autoleucel | Carteyva | JWCAR029 | relma-cel | inaticabtagene
        autoleucel | CNCT19 | inati-cel | Yuanruida | talicabtagene autoleucel | NexCAR19 | HCAR19 | tali-cel
        | actalycabtagene autoleucel | varnimcabtagene autoleucel | ARI-0001 | var-cel | Qartemi |
        anbalcabtagene autoleucel | anbal-cel | CRC01 | idecabtagene vicleucel | Abecma | bb2121 | ide-cel |
        ciltacabtagene autoleucel | Carvykti | JNJ-68284528 | LCAR-B38M | cilta-cel | equecabtagene autoleucel
        | Fucaso | CT103A | eque-cel | zevorcabtagene autoleucel | CT053 | zevor-cel | cesnicabtagene
        autoleucel | ARI0002h | cesni-cel | anitocabtagene autoleucel | anito-cel | CART-ddBCMA |
        satricabtagene autoleucel | satri-cel | CT041 | zamtocabtagene autoleucel | zamto-cel | MB-CART2019.1
        | CD19 CAR-T | anti-CD19 CAR-T | CART19 | CAR-T CD19 | CD22 CAR-T | anti-CD22 CAR-T | CD33 CAR-T |
        anti-CD33 CAR-T | CD7 CAR-T | anti-CD7 CAR-T | BCMA CAR-T | anti-BCMA CAR-T | CLL1 CAR-T | CLEC12A
        CAR-T | anti-CLL1 CAR-T | CAR-T | CAR-T cells | chimeric antigen receptor T cells
    """,
    "cd123_car": """
        UCART123 | UCART123v1.2 | CD123 CAR-T | anti-CD123 CAR-T | CART123 | CAR-T CD123 | MB-102 |
        UniCAR02-T-CD123 | AVC-101 | AVC-201
    """,
    "car_nk": """
        CD123 CAR-NK | CD33 CAR-NK | anti-CD33 CAR-NK | SENTI-202 | NKX101 | CAR-NK | CAR-NK cells
    """,
    "cd20": """
        zamtocabtagene autoleucel | zamto-cel | MB-CART2019.1 | rituximab | Rituxan | MabThera | Rituxan
        Hycela | Truxima | CT-P10 | Ruxience | PF-05280586 | Riabni | ABP 798 | Rixathon | Riximyo | GP2013 |
        Blitzima | Ritemvia | Rituzena | obinutuzumab | Gazyva | Gazyvaro | GA101 | afutuzumab | ofatumumab |
        Arzerra | Kesimpta | OMB157 | HuMax-CD20 | ocrelizumab | Ocrevus | Ocrevus Zunovo | ublituximab |
        Briumvi | TG-1101 | veltuzumab | IMMU-106 | ibritumomab tiuxetan | Zevalin | tositumomab | Bexxar |
        mosunetuzumab | Lunsumio | RG7828 | BTCT4465A | glofitamab | Columvi | RG6026 | epcoritamab | Epkinly
        | Tepkinly | GEN3013 | odronextamab | Ordspono | REGN1979
    """,
    "cell": """
        afamitresgene autoleucel | Tecelra | afami-cel | lifileucel | Amtagvi | LN-144 | tabelecleucel |
        Ebvallo | ATA129 | tab-cel
    """,
    "menin": """
        revumenib | Revuforj | SNDX-5613 | ziftomenib | Komzifti | KO-539 | bleximenib | JNJ-75276617 |
        enzomenib | DSP-5336 | icovamenib | BMF-219 | DS-1594 | DS-1594b | BN104
    """,
    "hma": """
        azacitidine | Vidaza | Onureg | CC-486 | azacytidine | 5-azacytidine | decitabine | Dacogen |
        5-aza-2'-deoxycytidine | decitabine and cedazuridine | Inqovi | Inaqovi | ASTX727 |
        decitabine/cedazuridine | guadecitabine | SGI-110
    """,
    "ven": """
        venetoclax | Venclexta | Venclyxto | ABT-199 | GDC-0199
    """,
    "flt3": """
        midostaurin | Rydapt | PKC412 | gilteritinib | Xospata | ASP2215 | quizartinib | Vanflyta | AC220 |
        crenolanib | CP-868596 | sorafenib | Nexavar
    """,
}
NO_CLASS = """
    cytarabine | Ara-C | idarubicin | daunorubicin | CPX-351 | Vyxeos | mitoxantrone | doxorubicin | fludarabine
    | cladribine | clofarabine | etoposide | amsacrine | thioguanine | mercaptopurine | methotrexate |
    vincristine | vinblastine | asparaginase | pegaspargase | cyclophosphamide | ifosfamide | nelarabine |
    hydroxyurea | hydroxycarbamide | gemtuzumab ozogamicin | Mylotarg | inotuzumab ozogamicin | Besponsa |
    blinatumomab | Blincyto | ivosidenib | Tibsovo | enasidenib | Idhifa | olutasidenib | Rezlidhia | glasdegib
    | Daurismo | tretinoin | ATRA | arsenic trioxide | Trisenox | imatinib | dasatinib | nilotinib | bosutinib |
    ponatinib | asciminib | lenalidomide | luspatercept | imetelstat | magrolimab | sabatolimab | ruxolitinib |
    tacrolimus | ciclosporin | cyclosporine | sirolimus | mycophenolate mofetil | busulfan | treosulfan |
    thiotepa | melphalan | alemtuzumab | antithymocyte globulin | tocilizumab | prednisone | prednisolone |
    methylprednisolone | dexamethasone | hydrocortisone | filgrastim | eltrombopag | interferon alfa | 7+3 | 3+7
    | DA | FLAG | FLAG-Ida | FLAG-Ida-Ven | MEC | CLAG | CLAG-M | HAM | HiDAC | IDAC | LDAC | hyper-CVAD | donor
    lymphocytes | DLI | RO7283420
"""
# fmt: on

# What a drug of a class makes true; hma, ven and flt3 make nothing true.
IMPLIED = {
    "cd123": "prior_anti_cd123",
    "car_t": "prior_car_t",
    "car_nk": "prior_car_nk",
    "cd123_car": "prior_cd123_car",
    "cell": "prior_cellular_therapy",
    "cd20": "anti_cd20_ever",
    "menin": "prior_menin_inhibitor",
}
# What a complete list denies where it has no drug of the class.
CLOSED = [variable for variable in IMPLIED.values() if variable != "prior_cellular_therapy"]


def plain_name(name: str) -> str:
    """A name without case, blanks, hyphens, dots, apostrophes, slashes and trade-mark signs."""
    return re.sub(r"[\s\-\u2010-\u2014_.'\u2019\u02bc`/\u00ae\u2122\u2120\u00a9]", "", name.casefold())


def names(text: str) -> set[str]:
    """The names that a text parts by bars, made plain."""
    return {plain_name(name) for name in text.split("|")}


NAMES = {known: names(text) for known, text in CLASSES.items()}
KNOWN = set().union(*NAMES.values()) | names(NO_CLASS)


def known_as(entry: str) -> str | None:
    """The plain name under which a drug is known, perhaps without its official suffix; None if it is not."""
    suffix = re.search(r"[-\u2010-\u2013][A-Za-z]{4}[\s\u00ae\u2122\u2120]*$", entry)
    forms = [entry, entry[: suffix.start()]] if suffix else [entry]
    return next((plain_name(form) for form in forms if plain_name(form) in KNOWN), None)


def implied(entries: list[str], *, complete: bool) -> dict[str, bool]:
    """What a list of drugs makes true, and false if it is complete and every name is known."""
    found = [known_as(entry) for entry in entries]
    true = {IMPLIED[c] for c, known in NAMES.items() if c in IMPLIED and known & set(found)}
    closes = complete and None not in found
    return dict.fromkeys(true, True) | {v: False for v in CLOSED if closes and v not in true}
