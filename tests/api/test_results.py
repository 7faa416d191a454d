"""What came out of a batch."""

from __future__ import annotations

import pytest

from tests.api.conftest import BATCHES, document


@pytest.fixture
def place(client):
    return client.post(BATCHES, json=document("warnings")).headers["Location"]


def test_matches_come_as_json_with_null_for_what_is_missing(client, place):
    answer = client.get(f"{place}/matches").get_json()
    assert answer["total"] == 3
    assert answer["matches"][1] == {
        "student_id": "S2",
        "placement_id": None,
        "period_id": None,
        "rank": None,
        "status": "unplaced",
        "reason": "full",
        "sentence": "Alles is volzet.",
    }


def test_pages_of_matches_together_are_all_matches(client, place):
    link, seen = f"{place}/matches?limit=2", []
    while link:
        page = client.get(link).get_json()
        seen += [match["student_id"] for match in page["matches"]]
        link = page["next"]
    assert seen == ["S/1", "S2", "S3"]


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=100001", "offset=-1", "limit=²", "offset=99999999999999", "format=xml"])
def test_a_page_that_makes_no_sense_is_refused(client, place, query):
    answer = client.get(f"{place}/matches?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["column"] == query.split("=")[0]


@pytest.mark.parametrize(("query", "accept"), [("?format=csv", "application/json"), ("", "text/csv"), ("", "text/csv, application/json;q=0.5")])
def test_matches_come_as_csv_when_asked_for(client, place, query, accept):
    answer = client.get(f"{place}/matches{query}", headers={"Accept": accept})
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("student_id,placement_id")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_another_media_type_is_not_acceptable(client, place):
    assert client.get(f"{place}/matches", headers={"Accept": "image/png"}).status_code == 406


def test_the_explanation_of_a_student_is_found_also_when_the_id_has_a_slash(client, place):
    answer = client.get(f"{place}/explanations/S/1").get_json()
    assert answer["student_id"] == "S/1"
    assert [row["reason"] for row in answer["explanations"]] == ["placed_first"]


def test_an_unknown_student_is_not_found(client, place):
    assert client.get(f"{place}/explanations/S9").status_code == 404


def test_results_are_not_kept_by_caches(client, place):
    for path in ("matches", "matches?format=csv", "report.html", "report.xlsx"):
        assert client.get(f"{place}/{path}").headers["Cache-Control"] == "no-store"


def test_the_report_gets_no_scripts_and_no_origin(client, place):
    answer = client.get(f"{place}/report.html")
    assert answer.mimetype == "text/html"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_warnings_are_kept_with_a_result(client, place):
    answer = client.get(f"{place}/problems").get_json()
    assert answer["counts"] == {"error": 0, "warning": 1, "note": 0}
    assert answer["problems"][0]["row"] == 5


@pytest.mark.parametrize("path", ["matches", "placements", "quotas", "result", "proof", "report.html", "report.xlsx", "problems", "explanations/S1"])
def test_nothing_is_ready_while_a_batch_waits(held, path):
    place = held.post(BATCHES, json=document()).headers["Location"]
    answer = held.get(f"{place}/{path}")
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith(":not-ready")


def test_a_batch_that_failed_has_no_result(client):
    place = client.post(BATCHES, json=document("crash")).headers["Location"]
    answer = client.get(f"{place}/matches")
    assert (answer.status_code, answer.get_json()["type"].rsplit(":", 1)[1]) == (409, "no-result")


def test_staff_and_reserves_are_handed_out_where_there_are_any(client, place):
    staffed = client.post(BATCHES, json=document("staff")).headers["Location"]
    links = client.get(staffed).get_json()["links"]
    assert client.get(links["staff"]).mimetype == "text/csv"
    assert client.get(links["reserves"]).status_code == 200
    assert not {"staff", "reserves"} & set(client.get(place).get_json()["links"])
    assert client.get(f"{place}/staff").status_code == 409
