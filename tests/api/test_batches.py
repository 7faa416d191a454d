"""Hand in, follow, cancel, delete."""

from __future__ import annotations

import threading

import pytest

from tests.api.conftest import BATCHES, document, upload


def submit(client, behaviour="solve", **kwargs):
    return client.post(BATCHES, json=document(behaviour), **kwargs)


def test_a_json_round_is_accepted_solved_and_found_at_its_location(client):
    answer = submit(client)
    assert answer.status_code == 202
    batch = client.get(answer.headers["Location"]).get_json()
    assert batch["id"] == answer.get_json()["id"]
    assert (batch["status"], batch["outcome"], batch["reason"]) == ("done", "solved", "optimal")
    assert batch["summary"]["placed"] == 2
    assert batch["links"]["self"] == answer.headers["Location"]


def test_every_link_of_a_finished_batch_leads_somewhere(client):
    links = client.get(submit(client, "warnings").headers["Location"]).get_json()["links"]
    assert set(links) >= {"matches", "placements", "quotas", "report", "workbook", "proof", "result", "problems", "problems_workbook", "explanations", "page"}
    for name, link in links.items():
        assert client.get(link.replace("{student_id}", "S2")).status_code == 200, name


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ([upload(b"PK\x03\x04 workbook", "round.xlsx")], "round.xlsx"),
        ([upload(b"PK\x03\x04 tables", "round.zip")], "round.zip"),
        ([upload(b'{"students": []}', "round.json")], "round.json"),
        ([upload(name="students.csv"), upload(b"placement_id\nP1\n", "placements.csv")], "placements.csv + 1"),
    ],
)
def test_a_form_may_bring_a_workbook_a_zip_a_document_or_tables(client, files, name):
    answer = client.post(BATCHES, data={"file": files})
    assert answer.status_code == 202
    assert answer.get_json()["name"] == name


def test_a_file_gets_the_ending_that_belongs_to_its_content(client, service):
    answer = client.post(BATCHES, data={"file": upload(b"PK\x03\x04", "../../etc/ronde voorjaar")})
    batch = service.ledger.get(answer.get_json()["id"])
    assert service.files(batch).upload.name == "etc_ronde_voorjaar.zip"


def test_options_come_from_the_form_or_the_query_and_the_query_goes_first(held):
    answer = held.post(f"{BATCHES}?seconds=2.5", data={"file": upload(), "seconds": "9", "seed": "7", "language": "fr", "gap": "", "mechanism": "optimal"})
    assert answer.get_json()["options"] == {"mechanism": "optimal", "seconds": 2.5, "gap": None, "seed": 7, "language": "fr"}


def test_all_wrong_options_are_told_at_once(client):
    answer = client.post(f"{BATCHES}?seconds=-1&gap=nan&seed=1.5&language=de&mechanism=magic", json=document())
    problem = answer.get_json()
    assert answer.status_code == 400
    assert problem["type"].endswith(":options")
    assert [error["column"] for error in problem["errors"]] == ["mechanism", "seconds", "gap", "seed", "language"]


def test_the_problems_of_a_small_round_are_answered_at_once_and_nothing_is_kept(client, settings):
    answer = submit(client, "errors", headers={"Accept-Language": "nl-BE,nl;q=0.9"})
    problem = answer.get_json()
    assert answer.status_code == 422
    assert problem["total"] == 2
    first = problem["errors"][0]
    assert (first["table"], first["row"], first["column"], first["value"], first["fix"]["value"]) == ("placements", 17, "capacity", "2 a 3", "2")
    assert "rij 17" in first["detail"]
    assert first["do"].startswith("Kies één getal")
    assert list(settings.batches_folder.iterdir()) == []


def test_a_flood_of_problems_is_cut_and_counted(client):
    problem = submit(client, "many").get_json()
    assert (problem["total"], len(problem["errors"])) == (1200, 1000)


def test_the_problems_of_a_large_round_are_found_in_the_queue(client):
    answer = client.post(BATCHES, json=document("errors", padding="x" * 2000))
    assert answer.status_code == 202
    batch = client.get(answer.headers["Location"]).get_json()
    assert (batch["status"], batch["problems"]) == ("rejected", {"error": 2, "warning": 1, "note": 0})
    found = client.get(batch["links"]["problems"]).get_json()
    assert [problem["severity"] for problem in found["problems"]] == ["error", "error", "warning"]
    assert client.get(batch["links"]["problems_workbook"]).status_code == 200


@pytest.mark.parametrize(("start", "status"), [(b"PK\x03\x04", 202), (b"PAR1", 202), (b"", 422)])
def test_what_may_unpack_to_far_more_is_left_to_the_queue(client, start, status):
    assert client.post(BATCHES, data={"file": upload(start + b"behave=errors" + b" " * 50, "round")}).status_code in (status, 415)
    assert client.post(BATCHES, data={"file": upload(start + b"behave=errors" + b" " * 50, "round.txt")}).status_code == status


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        ("unsupported", "rejected", "unsupported.mechanism"),
        ("wrong", "failed", "api.failed.verification"),
        ("crash", "failed", "api.failed.internal"),
        ("broken", "failed", "api.failed.engine"),
    ],
)
def test_a_batch_that_cannot_be_solved_says_why(client, behaviour, status, code):
    batch = client.get(submit(client, behaviour).headers["Location"]).get_json()
    assert (batch["status"], batch["error"]["code"]) == (status, code)
    assert "Peeters" not in batch["error"]["detail"]


def test_a_result_is_handed_out_also_when_its_report_fails(client):
    batch = client.get(submit(client, "no_report").headers["Location"]).get_json()
    assert (batch["status"], batch["outcome"], batch["error"]["code"]) == ("done", "solved", "api.failed.report")
    assert "matches" in batch["links"]
    assert "report" not in batch["links"]
    assert batch["error"]["detail"] in client.get(batch["links"]["page"]).text
    assert client.get(f"{batch['links']['self']}/report.html").status_code == 409


def test_problems_that_only_the_rules_know_reject_the_batch(client):
    batch = client.get(submit(client, "pins").headers["Location"]).get_json()
    assert (batch["status"], batch["problems"]["error"]) == ("rejected", 2)
    assert client.get(batch["links"]["problems"]).get_json()["total"] == 3
    assert client.get(batch["links"]["problems_workbook"]).data == b"PK en 3"


def test_an_infeasible_round_is_done_and_has_a_report_but_no_matches(client):
    batch = client.get(submit(client, "infeasible").headers["Location"]).get_json()
    assert (batch["status"], batch["outcome"]) == ("done", "infeasible")
    assert "report" in batch["links"]
    assert "matches" not in batch["links"]
    assert client.get(f"{batch['links']['self']}/matches").status_code == 409


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"", "students.csv", 400),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "round.xls", 415),
        (b"\x89PNG\r\n\x1a\n", "round.png", 415),
        (b"%PDF-1.7", "round.xlsx", 415),
        (b"MZ\x90", "round", 415),
    ],
)
def test_a_file_that_cannot_hold_a_round_is_refused_at_once(client, settings, content, name, status):
    answer = client.post(BATCHES, data={"file": upload(content, name)})
    assert answer.status_code == status
    assert answer.get_json()["type"].endswith(":file")
    assert list(settings.batches_folder.iterdir()) == []


def test_a_file_that_the_matcher_cannot_read_is_refused_with_its_status(client):
    assert submit(client, "unreadable").status_code == 415


def test_two_files_of_one_name_are_refused(client):
    answer = client.post(BATCHES, data={"file": [upload(), upload(b"student_id\nS2\n")]})
    assert answer.status_code == 400


def test_a_form_without_a_file_says_so_and_names_the_field(client):
    assert client.post(BATCHES, data={"seed": "1"}, content_type="multipart/form-data").status_code == 400
    answer = client.post(BATCHES, data={"round": upload()})
    assert answer.status_code == 400
    assert "round" in answer.get_json()["detail"]


@pytest.mark.parametrize("content_type", ["text/csv", "application/xml", "application/x-www-form-urlencoded", None])
def test_another_content_type_is_refused(client, content_type):
    assert client.post(BATCHES, data=b"student_id", content_type=content_type).status_code == 415


def test_an_empty_body_is_refused(client):
    assert client.post(BATCHES, data=b"", content_type="application/json").status_code == 400


def test_a_file_may_be_as_large_as_the_request(held):
    assert held.post(BATCHES, data={"file": upload(b"x" * 190_000)}).status_code == 202


@pytest.mark.parametrize("kind", ["json", "form"])
def test_a_request_that_is_too_large_is_refused_and_leaves_nothing(client, settings, kind):
    large = b"x" * (settings.max_upload_bytes + 1)
    body = {"data": large, "content_type": "application/json"} if kind == "json" else {"data": {"file": upload(large)}}
    answer = client.post(BATCHES, **body)
    assert answer.status_code == 413
    assert list(settings.batches_folder.iterdir()) == []


def test_a_full_queue_says_when_to_come_back(held, settings):
    for _ in range(settings.max_queue):
        assert submit(held).status_code == 202
    answer = submit(held)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert len(list(settings.batches_folder.iterdir())) == settings.max_queue


def test_batches_wait_in_the_order_in_which_they_came(held):
    places = [submit(held).get_json()["place"] for _ in range(3)]
    assert places == [1, 2, 3]


# ---------------------------------------------------------------- idempotency


def test_the_same_key_and_round_give_the_same_batch(client, settings):
    first = submit(client, headers={"Idempotency-Key": "k1"})
    second = submit(client, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.get_json()["id"] == second.get_json()["id"]
    assert second.headers["Location"] == first.headers["Location"]
    assert len(list(settings.batches_folder.iterdir())) == 1


def test_the_same_key_with_another_round_or_other_options_is_refused(client):
    submit(client, headers={"Idempotency-Key": "k1"})
    for path, behaviour in ((BATCHES, "warnings"), (f"{BATCHES}?seed=3", "solve")):
        answer = client.post(path, json=document(behaviour), headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 422
        assert answer.get_json()["type"].endswith(":key-reused")


def test_a_known_round_is_found_also_when_the_queue_is_full(held, settings):
    first = submit(held, headers={"Idempotency-Key": "k1"})
    while submit(held).status_code == 202:
        pass
    assert submit(held, headers={"Idempotency-Key": "k1"}).get_json()["id"] == first.get_json()["id"]


def test_without_a_key_the_same_round_is_a_new_batch(client):
    assert submit(client).get_json()["id"] != submit(client).get_json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_makes_no_sense_is_refused(client, key):
    assert submit(client, headers={"Idempotency-Key": key}).status_code == 400


def test_ten_requests_at_once_with_one_key_are_one_batch(held_app, settings):
    answers = []

    def send():
        with held_app.test_client() as client:
            answers.append(submit(client, headers={"Idempotency-Key": "same"}))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len(list(settings.batches_folder.iterdir())) == 1


def test_a_key_may_be_used_anew_once_its_batch_is_deleted(client):
    first = submit(client, headers={"Idempotency-Key": "k1"})
    client.delete(first.headers["Location"])
    assert submit(client, headers={"Idempotency-Key": "k1"}).status_code == 202


# ---------------------------------------------------------------- cancel and delete


def test_deleting_a_waiting_batch_cancels_it_and_deleting_it_again_removes_it(held, settings):
    place = submit(held).headers["Location"]
    answer = held.delete(place)
    assert (answer.status_code, answer.get_json()["status"]) == (202, "cancelled")
    assert held.delete(place).status_code == 204
    assert held.get(place).status_code == 404
    assert list(settings.batches_folder.iterdir()) == []


def test_deleting_a_running_batch_asks_it_to_stop(held, service):
    answer = submit(held)
    service.ledger.claim(answer.get_json()["id"])
    stopped = held.delete(answer.headers["Location"])
    assert (stopped.status_code, stopped.get_json()["status"], stopped.get_json()["cancelling"]) == (202, "running", True)


def test_a_deleted_batch_is_gone_with_its_files(client, settings):
    place = submit(client).headers["Location"]
    assert client.delete(place).status_code == 204
    assert list(settings.batches_folder.iterdir()) == []
    for path in ("", "/matches", "/report.html", "/problems", "/explanations/S2"):
        assert client.get(place + path).status_code == 404
    assert client.delete(place).status_code == 404


def test_batches_cannot_be_listed(client):
    submit(client)
    assert client.get(BATCHES).status_code == 405
