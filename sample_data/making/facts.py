"""Public facts that shape the sample data: regions with coordinates, programmes, sectors with their joint committees and activity codes.

Regions are the administrative arrondissements of the Flemish Region and Brussels, by NUTS 3 code; coordinates and postcode are those of the chief town
(from OpenStreetMap: (c) OpenStreetMap contributors, ODbL), inhabitants those of 2016 to 2018, rounded where no figure was at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

PROVINCES = {
    "BE10": "Brussels Hoofdstedelijk Gewest",
    "BE21": "Provincie Antwerpen",
    "BE22": "Provincie Limburg",
    "BE23": "Provincie Oost-Vlaanderen",
    "BE24": "Provincie Vlaams-Brabant",
    "BE25": "Provincie West-Vlaanderen",
}


@dataclass(frozen=True)
class Region:
    """An arrondissement: code, name, postcode and coordinates of its chief town, inhabitants."""

    code: str
    name: str
    postcode: str
    lat: float
    lon: float
    people: int

    @property
    def province(self) -> str:
        """The NUTS 2 code."""
        return self.code[:4]


REGIONS = (
    Region("BE100", "Brussel-Hoofdstad", "1000", 50.8466, 4.3517, 1_198_726),
    Region("BE211", "Antwerpen", "2000", 51.2211, 4.3997, 1_045_593),
    Region("BE212", "Mechelen", "2800", 51.0280, 4.4713, 342_945),
    Region("BE213", "Turnhout", "2300", 51.3234, 4.9485, 459_000),
    Region("BE223", "Tongeren", "3700", 50.7810, 5.4648, 203_000),
    Region("BE224", "Hasselt", "3500", 50.9304, 5.3368, 427_010),
    Region("BE225", "Maaseik", "3680", 51.0947, 5.7917, 240_511),
    Region("BE231", "Aalst", "9300", 50.9430, 4.0396, 289_175),
    Region("BE232", "Dendermonde", "9200", 51.0312, 4.0981, 200_307),
    Region("BE233", "Eeklo", "9900", 51.1845, 3.5666, 84_591),
    Region("BE234", "Gent", "9000", 51.0397, 3.7142, 556_916),
    Region("BE235", "Oudenaarde", "9700", 50.8443, 3.6048, 123_008),
    Region("BE236", "Sint-Niklaas", "9100", 51.1638, 4.1495, 246_234),
    Region("BE241", "Halle-Vilvoorde", "1500", 50.7361, 4.2374, 632_134),
    Region("BE242", "Leuven", "3000", 50.8813, 4.6930, 506_355),
    Region("BE251", "Brugge", "8000", 51.2147, 3.2074, 281_780),
    Region("BE252", "Diksmuide", "8600", 51.0333, 2.8647, 51_428),
    Region("BE253", "Ieper", "8900", 50.8518, 2.8915, 106_251),
    Region("BE254", "Kortrijk", "8500", 50.8179, 3.2784, 289_114),
    Region("BE255", "Oostende", "8400", 51.2303, 2.9203, 157_000),
    Region("BE256", "Roeselare", "8800", 50.9445, 3.1248, 152_000),
    Region("BE257", "Tielt", "8700", 51.0000, 3.3414, 93_000),
    Region("BE258", "Veurne", "8630", 51.0710, 2.6549, 61_000),
)

SECOND_TOWN = {"BE241": ("1800", 50.9281, 4.4329)}
"""Halle-Vilvoorde lies around Brussels; half of it is nearer to Vilvoorde (postcode, latitude, longitude)."""


@dataclass(frozen=True)
class Sector:
    """A sector: its joint committees (paritaire comites), NACE-BEL 2008 class, and how many students an establishment takes on average."""

    code: str
    name: str
    committees: str
    nace: str
    size: float
    word: str

    @property
    def parent(self) -> str:
        """The sector above."""
        return self.code.split("-")[0]


SECTOR_GROUPS = {
    "ZW": "Zorg en welzijn",
    "BOU": "Bouw",
    "IND": "Industrie",
    "DIE": "Diensten",
    "CUL": "Cultuur en media",
    "TRA": "Transport en logistiek",
    "HAN": "Handel en garages",
    "HOR": "Horeca",
    "OVH": "Overheid en onderwijs",
}

SECTORS = (
    Sector("ZW-ZIE", "Ziekenhuizen", "330", "86.10", 6.0, "Ziekenhuis"),
    Sector("ZW-OUD", "Ouderenzorg", "330", "87.30", 3.2, "Woonzorg"),
    Sector("ZW-GEH", "Ondersteuning van personen met een handicap", "319", "87.20", 3.2, "Zorghuis"),
    Sector("ZW-JEU", "Jeugdhulp", "319", "87.90", 2.4, "Jeugdhuis"),
    Sector("ZW-WEL", "Welzijnswerk", "331", "88.99", 2.2, "Welzijn"),
    Sector("BOU-RUW", "Ruwbouw en afwerking", "124", "41.20", 1.9, "Bouw"),
    Sector("BOU-TEC", "Verwarming, ventilatie en sanitair", "124", "43.22", 1.7, "Klimaat"),
    Sector("BOU-ELE", "Elektrotechniek", "149.01", "43.21", 1.7, "Elektro"),
    Sector("IND-MET", "Metaal en technologie", "111", "25.62", 2.8, "Metaal"),
    Sector("IND-VOE", "Voeding", "118|220", "10.71", 2.4, "Voeding"),
    Sector("IND-CHE", "Chemie en kunststof", "116|207", "22.29", 3.0, "Kunststof"),
    Sector("DIE-ICT", "Informatica", "200", "62.01", 2.2, "Software"),
    Sector("DIE-ACC", "Accountancy en belastingadvies", "336", "69.20", 1.8, "Kantoor"),
    Sector("DIE-MAR", "Marketing en communicatie", "200", "73.11", 1.8, "Studio"),
    Sector("DIE-VAS", "Vastgoed", "323", "68.32", 1.5, "Vastgoed"),
    Sector("CUL-AUD", "Audiovisuele sector", "227", "59.11", 1.8, "Beeld"),
    Sector("CUL-SOC", "Socio-cultureel werk", "329", "94.99", 2.2, "Vereniging"),
    Sector("TRA-WEG", "Wegvervoer en logistiek", "140.03", "49.41", 2.6, "Transport"),
    Sector("TRA-LOG", "Opslag en expeditie", "226", "52.29", 2.8, "Logistiek"),
    Sector("HAN-GAR", "Garages", "112", "45.20", 1.8, "Garage"),
    Sector("HAN-GRO", "Groothandel", "200", "46.90", 2.0, "Groothandel"),
    Sector("HOR-RES", "Restaurants en catering", "302", "56.10", 1.9, "Keuken"),
    Sector("HOR-HOT", "Hotels", "302", "55.10", 2.2, "Hotel"),
    Sector("OVH-LOK", "Lokale besturen", "none", "84.11", 3.0, "Dienst"),
    Sector("OVH-OND", "Onderwijs", "none", "85.32", 2.0, "School"),
)


@dataclass(frozen=True)
class Programme:
    """A graduaat: its students, how many more (or fewer) seats it has than students, in which sectors, on which campuses, and in what pattern of days."""

    code: str
    name: str
    students: int
    margin: float
    sectors: dict[str, float]
    campuses: dict[str, float]
    pattern: str
    shortage: bool = False
    competences: str = ""


CAMPUSES = {"ANT": "BE211", "MEC": "BE212", "GNT": "BE234", "KOR": "BE254", "HAS": "BE224"}
"""The campuses of a fictional college, and the regions they lie in."""

EVERYWHERE = {"ANT": 0.30, "MEC": 0.16, "GNT": 0.26, "KOR": 0.14, "HAS": 0.14}

PROGRAMMES = (
    Programme(
        "GR-ORB",
        "Orthopedagogische begeleiding",
        430,
        0.13,
        {"ZW-GEH": 0.40, "ZW-JEU": 0.25, "ZW-OUD": 0.13, "OVH-OND": 0.22, "ZW-WEL": 0},
        EVERYWHERE,
        "2d",
        shortage=True,
    ),
    Programme(
        "GR-MAW",
        "Maatschappelijk werk",
        260,
        0.10,
        {"ZW-WEL": 0.34, "ZW-ZIE": 0.24, "ZW-OUD": 0.16, "OVH-LOK": 0.26, "ZW-GEH": 0, "ZW-JEU": 0},
        {"ANT": 0.4, "GNT": 0.4, "HAS": 0.2},
        "2d",
    ),
    Programme("GR-SCW", "Sociaal-cultureel werk", 130, 0.03, {"CUL-SOC": 0.66, "ZW-WEL": 0.34, "ZW-JEU": 0, "OVH-LOK": 0}, {"ANT": 0.5, "GNT": 0.5}, "2d"),
    Programme("GR-PRO", "Programmeren", 330, -0.04, {"DIE-ICT": 0.84, "HAN-GRO": 0.16, "DIE-MAR": 0}, EVERYWHERE, "2d|block", shortage=True),
    Programme(
        "GR-SNB", "Systeem- en netwerkbeheer", 210, -0.06, {"DIE-ICT": 0.76, "OVH-LOK": 0.24}, {"ANT": 0.4, "GNT": 0.35, "KOR": 0.25}, "2d|block", shortage=True
    ),
    Programme("GR-IOT", "Internet of Things", 110, 0.03, {"DIE-ICT": 0.55, "IND-MET": 0.45, "BOU-ELE": 0}, {"MEC": 0.5, "KOR": 0.5}, "2d|block"),
    Programme("GR-ACA", "Accounting administration", 290, -0.01, {"DIE-ACC": 0.80, "HAN-GRO": 0.20, "OVH-LOK": 0}, EVERYWHERE, "2d|block", shortage=True),
    Programme(
        "GR-MCS",
        "Marketing- en communicatiesupport",
        260,
        0.01,
        {"DIE-MAR": 0.78, "HAN-GRO": 0.22, "CUL-SOC": 0, "CUL-AUD": 0},
        {"ANT": 0.35, "MEC": 0.25, "GNT": 0.4},
        "2d|block",
    ),
    Programme("GR-DVG", "Digitale vormgeving", 150, -0.03, {"CUL-AUD": 0.42, "DIE-MAR": 0.58, "DIE-ICT": 0}, {"ANT": 0.5, "KOR": 0.5}, "2d|block"),
    Programme(
        "GR-EMS",
        "Elektromechanische systemen",
        210,
        0.00,
        {"IND-MET": 0.56, "IND-VOE": 0.24, "IND-CHE": 0.20, "BOU-TEC": 0, "BOU-ELE": 0},
        {"ANT": 0.3, "GNT": 0.3, "HAS": 0.4},
        "2d|block",
        shortage=True,
    ),
    Programme("GR-HVA", "HVAC-systemen", 70, -0.02, {"BOU-TEC": 0.53, "IND-MET": 0.47, "BOU-ELE": 0}, {"GNT": 0.5, "HAS": 0.5}, "2d", shortage=True),
    Programme(
        "GR-HES", "Hernieuwbare energiesystemen", 70, 0.02, {"BOU-ELE": 0.51, "IND-MET": 0.49, "BOU-TEC": 0}, {"ANT": 0.5, "KOR": 0.5}, "2d", shortage=True
    ),
    Programme("GR-WEO", "Werforganisatie", 100, 0.04, {"BOU-RUW": 0.60, "DIE-VAS": 0.40}, {"ANT": 0.35, "GNT": 0.4, "HAS": 0.25}, "block", shortage=True),
    Programme(
        "GR-TLO",
        "Transport en logistiek",
        160,
        0.02,
        {"TRA-WEG": 0.46, "TRA-LOG": 0.54, "HAN-GRO": 0},
        {"ANT": 0.6, "GNT": 0.4},
        "block",
        shortage=True,
        competences="planning|magazijn",
    ),
    Programme("GR-VTT", "Voertuigtechnieken", 90, -0.03, {"HAN-GAR": 1.0}, {"MEC": 0.5, "KOR": 0.5}, "2d|block", shortage=True, competences="diagnose"),
    Programme("GR-REC", "Restaurant en catering", 130, 0.01, {"HOR-RES": 0.70, "HOR-HOT": 0.30}, {"ANT": 0.5, "GNT": 0.5}, "block", shortage=True),
)
