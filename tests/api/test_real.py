"""The service with the matcher itself: the sample round, the dirty workbook, the example of the description."""

from __future__ import annotations

import gc
import io
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from api import create_app, engine
from api.openapi import description
from api.settings import MEGABYTE
from api.worker import Worker
from matcher.intake import write_round
from tests.api.conftest import BATCHES, upload
from tests.api.contract import ContractClient
from tests.report.real import crossing, reserves, staff

PATIENCE = 60.0
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture
def client(settings):
    app = create_app(replace(settings, engine="", max_upload_bytes=64 * MEGABYTE, check_at_once_bytes=2 * MEGABYTE, max_form_field_bytes=500_000))
    app.test_client_class = ContractClient
    service = app.extensions["service"]
    worker = Worker(service)
    worker.start()
    yield app.test_client()
    worker.stop()
    service.close()


def finished(client, place):
    """The batch, once it is finished."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        batch = client.get(place).get_json()
        if batch["finished"]:
            return batch
        time.sleep(0.1)
    raise AssertionError(batch)


def zipped(folder):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return content.getvalue()


def students():
    return len((SAMPLES / "small" / "students.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_the_sample_round_is_solved_proven_and_reported(client):
    place = client.post(BATCHES, data={"file": upload(zipped(SAMPLES / "small"), "small.zip"), "language": "en"}).headers["Location"]
    batch = finished(client, place)
    assert (batch["status"], batch["outcome"], batch["reason"]) == ("done", "solved", "optimal")
    assert all(tier["value"] == tier["bound"] for tier in batch["summary"]["tiers"])
    matches = client.get(f"{place}/matches").get_json()
    assert matches["total"] == batch["summary"]["placed"] + batch["summary"]["unplaced"] == students()
    student = matches["matches"][0]["student_id"]
    assert client.get(f"{place}/explanations/{student}").get_json()["explanations"][0]["sentence"].startswith("Placed")
    for name, link in batch["links"].items():
        assert client.get(link.replace("{student_id}", student)).status_code == 200, name
    assert "<!doctype html>" in client.get(f"{place}/report.html").text.lower()
    assert client.get(f"{place}/report.xlsx").data.startswith(b"PK")


def test_the_page_of_the_sample_round_tells_its_result_in_every_language(client):
    place = client.post("/sample").headers["Location"]
    finished(client, place.replace("/batches", BATCHES))
    for code in ("nl", "en", "fr"):
        page = client.get(place, headers={"Accept-Language": code})
        assert page.status_code == 200
        assert "✓" in page.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the test client leaves the spooled body of a large form to the collector
def test_the_dirty_workbook_is_rejected_with_every_problem_at_its_place_and_offered_back(client):
    place = client.post(BATCHES, data={"file": upload((SAMPLES / "college-dirty.xlsx").read_bytes(), "college.xlsx")}).headers["Location"]
    batch = finished(client, place)
    assert (batch["status"], batch["problems"]["error"] > 100) == ("rejected", True)
    problems = client.get(batch["links"]["problems"], headers={"Accept-Language": "nl"}).get_json()["problems"]
    assert len(problems) == sum(batch["problems"].values())
    assert all(problem["table"] and problem["detail"] and problem["do"] for problem in problems)
    assert client.get(batch["links"]["problems_workbook"]).data.startswith(b"PK")
    assert client.get(batch["links"]["page"]).status_code == 200
    gc.collect()


def test_tables_with_problems_are_answered_at_once(client):
    tables = {
        "students": "student_id;mode\nS1;raket\n",
        "placements": "placement_id;capacity\nP1;2 a 3\n",
        "preferences": "student_id;rank;target_id\nS9;1;P1\n",
    }
    answer = client.post(BATCHES, data={"file": [upload(text.encode(), f"{name}.csv") for name, text in tables.items()]})
    assert answer.status_code == 422
    assert {error["table"] for error in answer.get_json()["errors"]} == set(tables)


def test_the_example_of_the_description_is_a_round(client):
    (example,) = description()["components"]["schemas"]["Round"]["examples"]
    place = client.post(BATCHES, json=example).headers["Location"]
    batch = finished(client, place)
    assert (batch["summary"]["placed"], batch["error"]) == (2, None)


@pytest.mark.parametrize(("measure", "counts"), [("greedy", [2, 0, 1]), ("generous", [1, 2, 0])])
def test_a_profile_of_choices_is_one_goal_of_the_answer_and_of_the_page(client, measure, counts):
    lists = {"a": "pq", "b": "pqr", "c": "qsr"}
    example = {
        "students": [{"student_id": student} for student in lists],
        "placements": [{"placement_id": placement, "capacity": 1} for placement in "pqrs"],
        "preferences": [{"student_id": s, "rank": rank, "target_id": p} for s, listed in lists.items() for rank, p in enumerate(listed, start=1)],
        "settings": {"policy": {"rank_measure": measure}},
    }
    batch = finished(client, client.post(BATCHES, json=example).headers["Location"])
    assert {"name": "rank", "value": counts, "bound": counts, "gap": 0.0} in batch["summary"]["tiers"]
    page = client.get(batch["links"]["page"], headers={"Accept-Language": "en"}).text
    assert "Students by choice (1st, 2nd, ...)" in page
    assert " · ".join(map(str, counts)) in page
    assert f"({measure})" in page


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"students": 3}', b"\xff\xfe", b"[" * 5000])
def test_json_that_is_no_round_is_refused_with_a_sentence(client, body):
    answer = client.post(BATCHES, data=body, content_type="application/json")
    assert answer.status_code in (400, 415, 422)
    assert answer.get_json()["detail"]


def test_the_empty_workbook_is_offered_and_read_back(client, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(client.get("/template.xlsx").data)
    checked = engine.check(path)
    assert {issue.code for issue in checked.issues if issue.severity == "error"} == {"table_empty"}


def test_a_round_with_staff_and_reserves_hands_out_their_tables(client, tmp_path):
    write_round(crossing(staff=staff(), reserves=reserves()), tmp_path / "round")
    place = client.post(BATCHES, data={"file": upload(zipped(tmp_path / "round"), "crossing.zip")}).headers["Location"]
    batch = finished(client, place)
    assert batch["status"] == "done"
    assert {"staff", "reserves", "report"} <= set(batch["links"])
    assert "assessor" in client.get(batch["links"]["staff"]).text
    assert "used_without" in client.get(batch["links"]["reserves"]).text
    summary = client.get(batch["links"]["result"]).get_json()
    assert summary["staff"]["tiers"]["assessor"][0]["value"] == 5
    assert summary["reserves"]["proven"]
