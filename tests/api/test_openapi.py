"""The description is whole: every route is in it, and everything it names exists."""

from __future__ import annotations

import json
import re

from api.openapi import description
from matcher.schema import TABLES


def test_every_route_for_programs_is_described_with_its_methods(app):
    routes = {
        (re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") or rule.rule in ("/openapi.json", "/metrics")
    }
    described = {(path, method) for path, item in description()["paths"].items() for method in item if method != "parameters"}
    assert described == routes


def test_every_reference_leads_to_a_schema():
    text = json.dumps(description())
    names = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert names <= set(description()["components"]["schemas"])


def test_every_parameter_of_a_path_is_declared():
    for path, item in description()["paths"].items():
        declared = {parameter["name"] for parameter in item.get("parameters", [])}
        for method, operation in item.items():
            if method != "parameters":
                names = declared | {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
                assert set(re.findall(r"{(\w+)}", path)) == names


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for item in description()["paths"].values() for method, operation in item.items() if method != "parameters"]
    assert len(names) == len(set(names))


def test_errors_are_described_as_problems():
    for path, item in description()["paths"].items():
        for method, operation in item.items():
            for status, answer in operation["responses"].items() if method != "parameters" else ():
                if status >= "400" and (path, status) != ("/api/v1/health", "503"):
                    assert list(answer["content"]) == ["application/problem+json"]


def test_the_round_is_described_by_the_schema_that_checks_it():
    tables = description()["components"]["schemas"]["Round"]["properties"]
    for name, table in TABLES.items():
        assert set(tables[name]["anyOf"][0]["items"]["properties"]) == {column.name for column in table.columns}


def test_the_description_is_served(client):
    assert client.get("/openapi.json").get_json()["openapi"] == "3.1.0"
