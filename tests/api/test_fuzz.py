"""Whatever is sent: never a server error, always one of the answers that are described (the client checks that)."""

from __future__ import annotations

import io

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.api.conftest import BATCHES

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
IDS = st.sampled_from(["none", "..", "%2e%2e%2f", "a" * 300, "\u00e9", "'; DROP TABLE batches; --"]) | st.text(max_size=10)
TAILS = st.sampled_from(["", "/", "/matches", "/problems", "/problems.xlsx", "/report.html", "/proof", "/explanations/", "/explanations/x", "/nothing"])
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
TYPES = st.sampled_from(["application/json", "application/json; charset=x", "multipart/form-data", "multipart/form-data; boundary=x"])
HEADERS = st.dictionaries(
    st.sampled_from(["Accept", "Accept-Language", "Content-Type", "Idempotency-Key", "If-None-Match", "Range"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
    | st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/csv;q=2"]),
    max_size=4,
)
QUERIES = st.dictionaries(st.sampled_from(["limit", "offset", "format", "seconds", "gap", "seed", "language", "mechanism"]), st.text(max_size=8), max_size=4)

fuzzed = hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzzed
@given(method=st.sampled_from(METHODS), batch_id=IDS, tail=TAILS, headers=HEADERS, query=QUERIES, body=st.binary(max_size=200))
def test_any_request_gets_a_described_answer(held, method, batch_id, tail, headers, query, body):
    path = f"{BATCHES}/{batch_id}{tail}".encode("utf-8", "replace").decode()
    answer = held.open(path.replace("?", "").replace("#", ""), method=method, headers=headers, query_string=query, data=body)
    assert answer.status_code < 500


@fuzzed
@given(
    body=st.binary(max_size=300),
    content_type=TYPES,
)
def test_any_body_gets_a_described_answer(client, body, content_type):
    assert client.post(BATCHES, data=body, content_type=content_type).status_code in (202, 400, 413, 415, 422)


@fuzzed
@given(name=st.text(max_size=40), start=st.sampled_from([b"", b"PK\x03\x04", b"{", b"PAR1", b"student_id\n"]), content=st.binary(max_size=100))
def test_any_file_is_taken_or_refused_and_stays_in_its_folder(client, settings, name, start, content):
    answer = client.post(BATCHES, data={"file": (io.BytesIO(start + content), name)})
    assert answer.status_code in (202, 400, 415)
    assert {path.name for path in settings.instance.iterdir()} <= {"batches", "service.sqlite", "service.sqlite-wal", "service.sqlite-shm"}
