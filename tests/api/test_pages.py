"""The pages, as a person without JavaScript uses them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from matcher.words import LANGUAGES, catalogue
from tests.api.conftest import BATCHES, document, upload

API = Path(__file__).resolve().parents[2] / "api"


def hand_in(client, behaviour="solve", **headers):
    return client.post("/batches", data={"file": upload(f"behave={behaviour}".encode())}, headers=headers).headers["Location"]


class Page(HTMLParser):
    """What a page holds that matters here."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.unclosed = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def every_page(client, held=None):
    yield client.get("/")
    yield client.get("/batches/none")
    for behaviour in ("solve", "warnings", "errors", "crash", "infeasible", "unsupported", "many"):
        yield client.get(hand_in(client, behaviour))
    yield client.get(hand_in(client) + "?student=S2")


def test_a_round_is_handed_in_and_its_result_is_shown(client):
    place = hand_in(client)
    page = client.get(place, headers={"Accept-Language": "nl"}).text
    assert "2 geplaatst, 1 zonder plaats" in page
    assert "Bewezen de best mogelijke" in page
    assert "Bewaar het adres" in page
    for link in re.findall(r'href="(/api/[^"]+)"', page):
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_pages_exist_in_every_language(client, code):
    client.get(f"/language/{code}")
    for answer in every_page(client):
        assert f'<html lang="{code}">' in answer.text
        assert answer.status_code in (200, 404)


def test_pages_load_nothing_from_elsewhere_and_have_nothing_inline(client):
    for answer in every_page(client):
        page = Page(answer.text)
        for tag, attrs in page.tags:
            assert tag != "style"
            assert "style" not in attrs
            assert not any(name.startswith("on") for name in attrs)
            for name in ("src", "href", "action"):
                assert not re.match(r"(https?:)?//", attrs.get(name) or ""), (tag, attrs)
        assert all("src" in script for script in page.all("script"))


def test_pages_have_one_headline_labelled_fields_and_ids_of_their_own(client):
    for answer in every_page(client):
        page = Page(answer.text)
        assert len(page.all("h1")) == 1
        assert len(page.all("main")) == 1
        ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
        assert len(ids) == len(set(ids))
        labelled = {label["for"] for label in page.all("label")}
        for field in page.all("input") + page.all("select"):
            assert field["id"] in labelled
        for _, attrs in page.tags:
            for name in ("aria-labelledby", "aria-describedby"):
                assert set((attrs.get(name) or "").split()) <= set(ids)


def test_problems_are_shown_with_their_place_what_to_do_and_the_proposal(client):
    page = client.get(hand_in(client, "errors"), headers={"Accept-Language": "nl"}).text
    for shown in ("placements", "rij 17", "capacity", "2 a 3", "Kies één getal", "<code>2</code>"):
        assert shown in page
    assert "problems.xlsx" in page


def test_what_stands_in_a_file_is_text_and_never_markup(client):
    page = client.get(hand_in(client, "errors")).text
    assert "<b>Gend</b>" not in page
    assert "&lt;b&gt;Gend&lt;/b&gt;" in page
    assert "<i>" not in client.get(hand_in(client) + "?student=<i>x").text


def test_of_a_kind_with_many_problems_some_are_shown_and_the_rest_is_counted(client):
    page = client.get(hand_in(client, "many"), headers={"Accept-Language": "en"}).text
    assert page.count("<td>students</td>") == 20
    assert "And 1,180 more" in page


def test_a_waiting_round_refreshes_by_itself_and_can_be_stopped(held):
    place = hand_in(held)
    page = held.get(place)
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert f'action="{place}/cancel"' in page.text
    assert held.post(f"{place}/cancel").headers["Location"] == place
    stopped = held.get(place).text
    assert "http-equiv" not in stopped
    assert f'action="{place}/delete"' in stopped


def test_a_waiting_round_tells_when_nobody_works(held, service):
    place = hand_in(held)
    english = {"Accept-Language": "en"}
    assert "Nothing works on rounds" in held.get(place, headers=english).text
    service.ledger.greet("w1")
    assert "Your round is next" in held.get(place, headers=english).text
    assert "number 2 in the queue" in held.get(hand_in(held), headers=english).text


def test_a_running_round_shows_how_far_it_is(held, service):
    place = hand_in(held)
    batch_id = place.rsplit("/", 1)[1]
    claim = service.ledger.claim(batch_id)
    service.ledger.report(batch_id, claim, "solve", 0.25, "")
    page = held.get(place).text
    assert 'value="0.25"' in page
    assert page.count('class="past"') == 2
    assert page.count('aria-current="step"') == 1


def test_a_finished_round_is_deleted_by_its_button(client, settings):
    place = hand_in(client)
    answer = client.post(f"{place}/delete", headers={"Accept-Language": "en"})
    assert "deleted" in client.get(answer.headers["Location"], headers={"Accept-Language": "en"}).text
    assert client.get(place).status_code == 404
    assert list(settings.batches_folder.iterdir()) == []


def test_a_round_that_is_not_finished_is_not_deleted(held):
    place = hand_in(held)
    assert held.post(f"{place}/delete").headers["Location"] == place
    assert held.get(place).status_code == 200


def test_the_reason_of_a_student_is_looked_up(client):
    place = hand_in(client)
    assert "Alles is volzet." in client.get(f"{place}?student=S2").text
    assert "There is no student S9" in client.get(f"{place}?student=S9", headers={"Accept-Language": "en"}).text


def test_no_file_is_told_kindly(client):
    answer = client.post("/batches", data={"file": (upload(b"")[0], "")}, headers={"Accept-Language": "nl"})
    assert answer.status_code == 400
    assert "Er is geen bestand gekozen" in answer.text


def test_the_template_comes_in_the_language_of_the_page(client):
    client.get("/language/fr")
    answer = client.get("/template.xlsx")
    assert answer.data == b"PK template fr"
    assert "round-fr.xlsx" in answer.headers["Content-Disposition"]


def test_the_sample_round_is_offered_where_there_is_one(client, tmp_path, monkeypatch):
    assert "/sample" not in client.get("/").text
    assert client.post("/sample").status_code == 404
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "students.csv").write_text("student_id\nS1\n")
    (folder / "placements.csv").write_text("placement_id\nP1\n")
    monkeypatch.setenv("FAKE_SAMPLE", str(folder))
    assert 'action="/sample"' in client.get("/").text
    place = client.post("/sample").headers["Location"]
    assert client.get(place).status_code == 200


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nSet-Cookie: x=1", ""])
def test_choosing_a_language_never_leads_to_another_site(client, back):
    answer = client.get("/language/nl", query_string={"back": back})
    assert answer.headers["Location"] == "/"


def test_choosing_a_language_leads_back_to_the_page(client):
    place = hand_in(client)
    link = next(attrs["href"] for attrs in Page(client.get(place + "?student=S2").text).all("a") if attrs.get("lang") == "fr")
    assert client.get(link).headers["Location"] == place + "?student=S2"
    assert '<html lang="fr">' in client.get(place).text
    assert client.get("/language/de").status_code == 404


def test_every_sentence_of_the_templates_exists():
    for template in (API / "templates").glob("*.html"):
        for code in re.findall(r"tell\([\"']([\w.]+)[\"'][,)]", template.read_text(encoding="utf-8")):
            assert code in catalogue(), (template.name, code)


def test_every_sentence_of_the_code_exists():
    for module in API.glob("*.py"):
        for code in re.findall(r"\"(api\.[\w.]+)\"", module.read_text(encoding="utf-8")):
            assert code in catalogue(), (module.name, code)


def test_the_api_also_answers_about_batches_of_the_pages(client):
    place = hand_in(client)
    assert client.get(place.replace("/batches", BATCHES)).get_json()["status"] == "done"
    assert client.get(client.get(client.post(BATCHES, json=document()).headers["Location"]).get_json()["links"]["page"]).status_code == 200
