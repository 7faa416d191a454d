"""A client that holds every answer of the REST API against `/openapi.json`: the status, the media type and the shape must be described there."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.openapi import description

KINDS = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


class ContractClient(FlaskClient):
    """The test client, with the check."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **{**kwargs, "buffered": True})
        check_response(response)
        return response


def check_response(response: TestResponse) -> None:
    """The answer is one of those that the description promises; an error is a problem everywhere below /api."""
    path, method = response.request.path, response.request.method.lower()
    if not path.startswith(("/api/", "/openapi.json", "/metrics")):
        return
    if response.status_code >= 400:
        assert response.mimetype == "application/problem+json" or path == "/api/v1/health", (path, response.mimetype)
    operation = find_operation(path, method)
    if operation is None:
        assert response.status_code in (403, 404, 405, 400), (method, path, response.status_code)
        if method != "head":
            assert_shape(response.get_json(), {"$ref": "#/components/schemas/Problem"})
        return
    promised = operation["responses"].get(str(response.status_code))
    assert promised is not None, f"{method} {path} answered {response.status_code}, which is not described"
    if method == "head":
        return
    if "content" in promised:
        assert response.mimetype in promised["content"], (path, response.status_code, response.mimetype)
        if "json" in response.mimetype:
            assert_shape(response.get_json(), promised["content"][response.mimetype]["schema"])
    else:
        assert response.data == b""


def find_operation(path: str, method: str) -> dict[str, Any] | None:
    for template, item in description()["paths"].items():
        pattern = re.sub(r"\\{student_id\\}", "(.+)", re.escape(template))
        pattern = re.sub(r"\\{\w+\\}", "([^/]+)", pattern)
        if re.fullmatch(pattern, path):
            return item.get("get" if method == "head" else method)
    return None


def assert_shape(value: Any, schema: dict[str, Any], where: str = "$") -> None:
    """The part of JSON Schema that the description uses."""
    if "$ref" in schema:
        return assert_shape(value, description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], where)
    if "anyOf" in schema:
        return _assert_any(value, schema["anyOf"], where)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    assert any(isinstance(value, KINDS[kind]) and not (isinstance(value, bool) and kind != "boolean") for kind in kinds), f"{where}: {value!r} is no {kinds}"
    assert "enum" not in schema or value in schema["enum"], f"{where}: {value!r} is none of {schema['enum']}"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            assert name in value, f"{where}.{name} is missing"
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if inner:
                assert_shape(member, inner, f"{where}.{name}")
    if isinstance(value, list):
        for at, member in enumerate(value):
            assert_shape(member, schema.get("items", {"type": list(KINDS)}), f"{where}[{at}]")
    return None


def _assert_any(value: Any, schemas: list[dict[str, Any]], where: str) -> None:
    failures = []
    for schema in schemas:
        try:
            return assert_shape(value, schema, where)
        except AssertionError as failure:
            failures.append(str(failure))
    raise AssertionError("; ".join(failures))
