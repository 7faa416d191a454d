"""A round of 60 students to read by eye: most of it written by hand, the ordinary students drawn."""

from __future__ import annotations

import csv
from io import StringIO

import numpy as np

from making.dice import Dice
from making.facts import REGIONS
from making.land import AT, kilometres, settle
from making.tables import Sheet, sheet

SETTINGS = """\
# Een kleine ronde om met het oog te lezen; elke soort wens en regel komt er minstens een keer in voor.

[round]
id = "small-2027"
name = "Kleine voorbeeldronde"
seed = 7
language = "nl"
start_date = 2027-02-08

[rules]
unlisted = "no"          # niemand komt buiten de eigen wensen terecht ...
no_wishes = "any"        # ... behalve wie er geen gaf
languages = "soft"       # een taal die ontbreekt telt als minpunt, maar sluit niet uit

[policy]
tiers = ["placed_mandatory", "placed", "soft", "rank", "travel"]
"""

PROGRAMMES = """\
programme_id,name,form,workplace_share,competences_company,shortage
PB-VPK,Verpleegkunde,prof_bachelor,0.45,,true
GR-ORB,Orthopedagogische begeleiding,graduaat,0.34,,true
GR-PRO,Programmeren,graduaat,0.34,testen,true
GR-WEO,Werforganisatie,graduaat,0.34,,true
"""

SECTORS = """\
sector_id,name,parent_id
ZORG,Zorg en welzijn,
ZORG-ZIE,Ziekenhuizen en thuiszorg,ZORG
ZORG-OUD,Ouderenzorg,ZORG
ZORG-GEH,Ondersteuning van personen met een handicap,ZORG
BOUW,Bouw,
BOUW-RUW,Ruwbouw,BOUW
BOUW-TEC,Technieken,BOUW
ICT,Informatica,
ICT-SOF,Software,ICT
ICT-NET,Netwerken,ICT
"""

COMPANIES = """\
company_id,name,sector_id,region_id,nace,joint_committees,employees
C01,Ziekenhuis Quosabodax,ZORG-ZIE,BE234,86.10,330,850
C02,Woonzorg Trugedufon,ZORG-OUD,BE232,87.30,330,120
C03,Zorghuis Mirpanonop,ZORG-GEH,BE236,87.20,319,64
C04,Software Fnorifarax,ICT-SOF,BE234,62.01,200,38
C05,Netwerken Zilpuvitov,ICT-NET,BE234,62.02,200,15
C06,Bouw Vlorkepuzet,BOUW-RUW,BE234,41.20,124,47
C07,Bouw Dwelirawick,BOUW-RUW,BE231,41.20,124,22
C08,Technieken Wexelagopor,BOUW-TEC,BE232,43.22,124,9
"""

PLACEMENTS = """\
placement_id,name,company_id,sector_id,region_id,capacity,programmes,pattern,checks_required,languages,competences,mentors,students_per_mentor,mentor_trained_until,recognised_until,insured,pay_month,remote_share,pool_id
P01,Heelkunde,C01,ZORG-ZIE,BE234,5,PB-VPK,week|weekend,medisch,nl,,3,2,2029-06-30,2030-06-30,true,0,,ZIEKENHUIS
P02,Geriatrie,C01,ZORG-ZIE,BE234,4,PB-VPK|GR-ORB,week,medisch,nl,,2,2,2029-06-30,2030-06-30,true,0,,ZIEKENHUIS
P03,Thuisverpleging,C01,ZORG-ZIE,BE236,4,PB-VPK,week|weekend,medisch,nl|fr,,2,2,2029-06-30,2030-06-30,true,0,,
P04,Woonzorg Dendermonde,C02,ZORG-OUD,BE232,5,PB-VPK|GR-ORB,week|weekend,,nl,,3,2,2028-12-31,2029-06-30,true,0,,
P05,Woonzorg Aalst,C02,ZORG-OUD,BE231,5,PB-VPK|GR-ORB,week,,nl,,3,2,2028-12-31,2029-06-30,true,0,,
P06,Leefgroep Sint-Niklaas,C03,ZORG-GEH,BE236,5,GR-ORB,week,strafregister,nl,,5,1,2028-12-31,2031-01-31,true,0,,
P07,Dagbesteding Gent,C03,ZORG-GEH,BE234,5,GR-ORB,week,strafregister,nl,,5,1,2028-12-31,2031-01-31,true,0,,
P08,Leefgroep Aalst,C03,ZORG-GEH,BE231,3,GR-ORB,week,strafregister,nl,,3,1,2028-12-31,2031-01-31,false,0,,
P09,Webteam,C04,ICT-SOF,BE234,5,GR-PRO,week,,nl|en,testen|analyse,5,1,2030-06-30,2030-06-30,true,150,0.4,
P10,Apps,C04,ICT-SOF,BE231,1,GR-PRO,week|weekend,,nl,testen,1,1,2030-06-30,2030-06-30,true,150,0.4,
P11,Testteam,C04,ICT-SOF,BE236,3,GR-PRO,week,,nl,testen,2,2,2030-06-30,2030-06-30,true,150,0.2,
P12,Beheer Gent,C05,ICT-NET,BE234,3,GR-PRO,week|weekend,,nl,testen,2,2,2028-06-30,2028-06-30,true,250,,
P13,Beheer Dendermonde,C05,ICT-NET,BE232,3,GR-PRO,week,,nl,testen,1,2,2028-06-30,2028-06-30,true,250,,
P14,Werf Gent,C06,BOUW-RUW,BE234,4,GR-WEO,week,,nl,,2,2,2029-01-31,2029-01-31,true,0,,
P15,Werf Sint-Niklaas,C06,BOUW-RUW,BE236,2,GR-WEO,week,,nl,,1,2,2029-01-31,2027-03-31,true,0,,
P16,Werf Aalst,C07,BOUW-RUW,BE231,3,GR-WEO,week|weekend,,nl,,2,2,2029-01-31,2029-01-31,true,200,,
P17,Werf Dendermonde,C07,BOUW-RUW,BE232,2,GR-WEO,week,,nl,,1,2,2027-01-31,2029-01-31,true,200,,
P18,Planning Dendermonde,C08,BOUW-TEC,BE232,3,GR-WEO,week,,nl,,2,2,2029-01-31,,true,,,
P19,Planning Gent,C08,BOUW-TEC,BE234,2,GR-WEO,week,,nl,,1,2,2029-01-31,,true,,,
P20,Nachtdienst Gent,C03,ZORG-GEH,BE234,2,GR-ORB,weekend,strafregister,nl,,2,1,2028-12-31,2031-01-31,true,0,,
"""

QUOTAS = """\
quota_id,students,placements,per,min,max,hard,source
Q-ZORG,,sector_id=ZORG,,24,,true,sectorakkoord
Q-BOUW,,sector_id=BOUW,,,10,true,sectorakkoord
Q-RUWBOUW,,sector_id=BOUW-RUW,,3,7,true,sectorakkoord
Q-BEDRIJF,,,programme_id|company_id,,10,true,raad van de opleidingen
"""

RESERVES = """\
reserve_id,order,students,placements,seats,weight
R-OUDEREN,1,programme_id=PB-VPK,sector_id=ZORG-OUD,7,1
R-OUDEREN,2,programme_id=GR-ORB,,,
"""

TEAMS = """\
team_id,student_id,kind
T-CARPOOL,S45,same_placement
T-CARPOOL,S50,same_placement
"""

STAFF = """\
staff_id,kind,max_students,regions,programmes,sectors,company_id
B1,coach,12,BE23,PB-VPK,,
B2,coach,10,BE234|BE236,GR-ORB|PB-VPK,,
B3,coach,12,BE23,GR-ORB,,
B4,coach,16,BE23,GR-PRO,,
B5,coach,10,BE23,GR-WEO,,
E1,assessor,20,BE234|BE236,,ZORG,C02
E2,assessor,18,BE23,,ZORG,
E3,assessor,12,BE23,,ICT,C05
E4,assessor,12,BE23,,ICT|BOUW,
E5,assessor,6,BE23,,BOUW,C07
"""

POOLS = """\
pool_id,capacity
ZIEKENHUIS,8
"""

PINS = """\
student_id,placement_id,kind,reason,by
S07,P16,pin,eigen werkgever,trajectbegeleider
S08,P12,pin,eigen werkgever,trajectbegeleider
S09,P09,forbid,belangenconflict,stagebureau
S24,P04,forbid,familie op de afdeling,stagebureau
"""

# Students with a story: id, programme, region, what differs from the usual, wishes (rank, kind, target).
SPECIAL: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
    ("S01", "PB-VPK", "BE234", {}, "1 placement P01; 1 placement P02; 2 placement P04"),
    ("S02", "GR-ORB", "BE232", {}, "1 placement P07; 2 sector ZORG-OUD"),
    ("S03", "GR-PRO", "BE234", {}, "1 company C04; 2 company C05"),
    ("S04", "GR-WEO", "BE231", {}, "1 region BE231; 2 region BE232"),
    ("S05", "GR-PRO", "BE236", {}, "1 placement P11; 2 any *"),
    ("S06", "GR-ORB", "BE236", {}, "1 placement P06; 2 region BE23; no company C02"),
    ("S07", "GR-WEO", "BE231", {"status": "working", "own_company_id": "C07"}, "1 placement P16"),
    ("S08", "GR-PRO", "BE234", {"status": "working", "own_company_id": "C05", "pattern": "weekend"}, ""),
    ("S09", "GR-PRO", "BE234", {}, "1 placement P12; 2 company C04"),
    ("S10", "GR-ORB", "BE231", {"mode": "foot", "max_minutes": "45", "groups": "no_car"}, "1 placement P06; 2 placement P07"),
    ("S11", "GR-WEO", "BE236", {}, "1 placement P15; 2 placement P17"),
    ("S12", "PB-VPK", "BE232", {}, "no placement P01; no company C02"),
    ("S13", "GR-ORB", "BE234", {"status": "jobseeker", "groups": "vdab"}, ""),
    ("S14", "PB-VPK", "BE231", {}, ""),
    ("S15", "GR-PRO", "BE231", {"mandatory": "false"}, "1 placement P10"),
    ("S16", "PB-VPK", "BE236", {"excluded_companies": "C02"}, "1 placement P03; 2 sector ZORG"),
    ("S17", "GR-PRO", "BE232", {"min_pay": "200"}, "1 placement P13; 2 placement P09; 3 placement P12"),
    ("S18", "GR-ORB", "BE234", {"pattern": "weekend", "status": "working"}, "1 placement P20; 2 placement P04"),
    ("S19", "GR-ORB", "BE236", {"checks": "none"}, "1 placement P06; 2 sector ZORG-OUD"),
    ("S20", "GR-WEO", "BE234", {"available_from": "2027-02-01", "available_to": "2027-06-30"}, "1 placement P14; 1 placement P19; 2 sector BOUW"),
    ("S21", "GR-PRO", "BE231", {}, "1 placement P10"),
)

DRAW = 31
ORDINARY = ("PB-VPK",) * 12 + ("GR-ORB",) * 11 + ("GR-PRO",) * 8 + ("GR-WEO",) * 8
STUDENTS = (
    "student_id",
    "programme_id",
    "region_id",
    "postcode",
    "lat",
    "lon",
    "mode",
    "max_minutes",
    "mandatory",
    "status",
    "own_company_id",
    "languages",
    "checks",
    "available_from",
    "available_to",
    "pattern",
    "excluded_companies",
    "min_pay",
    "groups",
)
HOMES = ("BE234", "BE232", "BE231", "BE236")


def small(seed: int) -> tuple[dict[str, Sheet], str]:
    """All tables, and round.toml."""
    dice = Dice(seed, DRAW)
    offer = parsed(PLACEMENTS)
    at = settle(dice, np.array([AT[code] for code in offer.column("region_id")]), 4.0)[0]
    placements = sheet(
        (*offer.headers, "lat", "lon", "from", "to"), [(*row, lat, lon, "2027-02-08", "2027-06-18") for row, (lat, lon) in zip(offer.rows, at, strict=True)]
    )
    people, lines = _people(dice, offer, at)
    tables = {
        "students": people,
        "placements": placements,
        "preferences": sheet(("student_id", "rank", "target_type", "target_id"), lines),
        "programmes": parsed(PROGRAMMES),
        "companies": parsed(COMPANIES),
        "sectors": parsed(SECTORS),
        "regions": sheet(
            ("region_id", "name", "parent_id", "lat", "lon"),
            [("BE23", "Provincie Oost-Vlaanderen", "", "", ""), *((r.code, r.name, "BE23", r.lat, r.lon) for r in REGIONS if r.code in HOMES)],
        ),
        "quotas": parsed(QUOTAS),
        "reserves": parsed(RESERVES),
        "teams": parsed(TEAMS),
        "pools": parsed(POOLS),
        "pins": parsed(PINS),
        "staff": parsed(STAFF),
    }
    return tables, SETTINGS


def parsed(text: str) -> Sheet:
    """A table from its text."""
    rows = list(csv.reader(StringIO(text)))
    return sheet(rows[0], rows[1:])


def _people(dice: Dice, offer: Sheet, at: np.ndarray) -> tuple[Sheet, list[tuple[str, str, str, str]]]:
    """The students and their wishes: those with a story, then the ordinary ones."""
    n = len(SPECIAL)
    drawn = [(f"S{n + i + 1}", code, HOMES[home], {}, "") for i, (code, home) in enumerate(zip(ORDINARY, dice.pick((5, 2, 2, 2), len(ORDINARY)), strict=True))]
    people = [*SPECIAL, *drawn]
    home, postcode = settle(dice, np.array([AT[region] for _, _, region, _, _ in people]), 5.0)
    km = kilometres(home, at)
    rows, lines = [], []
    for i, (student, programme, region, other, wishes) in enumerate(people):
        usual = {
            "student_id": student,
            "programme_id": programme,
            "region_id": region,
            "postcode": str(postcode[i]),
            "lat": str(home[i, 0]),
            "lon": str(home[i, 1]),
            "mode": "car",
            "max_minutes": "60",
            "mandatory": "true",
            "status": "regular",
            "languages": str(dice.words({"nl|fr|en": 2, "nl|en": 2, "nl": 1}, 1)[0]),
            "checks": "strafregister|medisch" if programme in ("PB-VPK", "GR-ORB") else "",
            "pattern": "week",
        }
        rows.append([{**usual, **other}.get(column, "") for column in STUDENTS])
        lines += [(student, *wish.split()) for wish in wishes.split(";") if wish.strip()] if i < n else _wishes(dice, student, programme, offer, km[i])
    return sheet(STUDENTS, rows), lines


def _wishes(dice: Dice, student: str, programme: str, offer: Sheet, km: np.ndarray) -> list[tuple[str, str, str, str]]:
    """Three or four placements of the own programme, near ones first."""
    mine = np.array([programme in cell.split("|") for cell in offer.column("programmes")])
    liking = np.where(mine, dice.gumbel(len(km)) - km / 12.0, -np.inf)
    best = np.argsort(-liking, kind="stable")[: min(int(mine.sum()), 3 + int(dice.pick((1, 1), 1)[0]))]
    return [(student, str(rank + 1), "placement", offer.column("placement_id")[place]) for rank, place in enumerate(best)]
