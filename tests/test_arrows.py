"""The arrows of docs/rooms.md: the page's own table, held against every import in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rooms.md"
SHELLS = {"api", "cli", "__main__", "benchmarks"}
VOCABULARY = {"errors", "words", "progress", "schema", "settings"}
NO_PANDAS = {"solvers", "bound", "problem", "runner"}
HEAVY = {"ortools", "pyarrow", "xlsxwriter", "python_calamine", "rich", "jinja2", "networkx"}
AT_HOME = {
    "flask": {"api"},
    "werkzeug": {"api"},
    "sqlalchemy": {"api"},
    "huey": {"api"},
    "waitress": {"api"},
    "typer": {"cli", "console"},
    "ortools": {"solvers"},
}


@dataclass(frozen=True)
class Import:
    """One imported name: where it stands, what it names (dotted), and whether it costs something when the module loads."""

    file: Path
    line: int
    module: str
    names: tuple[str, ...]
    on_load: bool

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"

    @property
    def library(self) -> str:
        """The top-level package."""
        return self.module.split(".")[0]

    def rooms(self) -> Iterator[str]:
        """The rooms of this project that the import reaches into."""
        parts = self.module.split(".")
        if parts[0] in SHELLS:
            yield parts[0]
        elif parts[0] == "matcher" and len(parts) > 1:
            yield parts[1]
        elif parts[0] == "matcher":
            known = {room_of(file) for file in sources()}
            yield from (name if name in known else "matcher" for name in self.names or ("matcher",))


@cache
def table() -> dict[str, set[str]]:
    """Room -> rooms it may import, from the page."""
    found: dict[str, set[str]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            rooms, _, imports = (cell.strip() for cell in line.strip("|").split("|"))
            for room in named(rooms):
                found[room] = set(named(imports))
    return found


def named(cell: str) -> list[str]:
    """The names in backticks, without `.py` and `/`."""
    names = [name.removesuffix(".py").removesuffix("/") for name in re.findall(r"`([^`]+)`", cell)]
    return ["matcher" if name == "__init__" else name for name in names]


@cache
def sources() -> tuple[Path, ...]:
    """All modules of the project."""
    return tuple(sorted(file for folder in ("matcher", "api", "benchmarks") for file in (ROOT / folder).rglob("*.py")))


def room_of(file: Path) -> str:
    """The room that a module stands in."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] != "matcher" or parts[1] == "__init__" else parts[1]


@cache
def imports(file: Path) -> tuple[Import, ...]:
    """All imports of a module, those inside functions and for types as well."""
    found: list[Import] = []

    def visit(node: ast.AST, on_load: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend(Import(file, child.lineno, alias.name, (), on_load) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                found.append(Import(file, child.lineno, absolute(file, child), tuple(alias.name for alias in child.names), on_load))
            else:
                for_types = isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
                visit(child, on_load and not for_types and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    visit(tree(file), True)
    return tuple(found)


@cache
def tree(file: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def absolute(file: Path, node: ast.ImportFrom) -> str:
    """The full name of the module that an import names, also a relative one."""
    if not node.level:
        return node.module or ""
    package = file.relative_to(ROOT).with_suffix("").parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def test_the_page_names_every_room_and_no_other() -> None:
    assert set(table()) == {room_of(file) for file in sources()}


def test_no_arrow_points_back() -> None:
    order = list(table())
    for room, targets in table().items():
        for target in targets - {room}:
            assert order.index(target) < order.index(room) or {target, room} == {"cli", "__main__"}, f"{room} -> {target}"


def test_the_verifier_and_the_engines_share_nothing() -> None:
    engines = {"problem", "rules", "compile", "solvers", "bound", "runner", "explain"}
    assert not reach("verifier") & engines
    assert not reach("report") & engines


def reach(room: str) -> set[str]:
    """All rooms that a room can come to by arrows."""
    found, waiting = set(), [room]
    while waiting:
        fresh = table()[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_follow_the_arrows(file: Path) -> None:
    room = room_of(file)
    allowed = table().get(room, set()) | {room} | (set() if room in VOCABULARY else VOCABULARY)
    wrong = []
    for entry in imports(file):
        for target in entry.rooms():
            if target == "matcher" and target not in allowed and only_version(file):
                continue
            if target not in allowed:
                wrong.append(f"{entry.place}: {room} may not import {target}")
    assert not wrong, "\n".join(wrong)


def only_version(file: Path) -> bool:
    """Whether a module asks the package for its version only."""
    used = {node.attr for node in ast.walk(tree(file)) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "matcher"}
    return used <= {"__version__"}


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_libraries_stay_where_they_belong(file: Path) -> None:
    room = room_of(file)
    if room == "benchmarks":
        return
    wrong = [entry.place for entry in imports(file) if room not in AT_HOME.get(entry.library, {room})]
    if room in SHELLS | VOCABULARY | {"about", "console", "matcher"}:
        wrong += [entry.place for entry in imports(file) if entry.library in {"numpy", "pandas"}]
    if room in NO_PANDAS:
        wrong += [entry.place for entry in imports(file) if entry.library == "pandas"]
    wrong += [f"{entry.place} outside a function" for entry in imports(file) if entry.on_load and entry.library in HEAVY]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(ROOT)))
def test_private_names_stay_in_their_room(file: Path) -> None:
    room, wrong = room_of(file), []
    foreign = {}
    for entry in imports(file):
        if not set(entry.rooms()) - {room}:
            continue
        wrong += [f"{entry.place}.{name}" for name in entry.names if private(name)]
        wrong += [entry.place for part in entry.module.split(".") if private(part)]
        foreign.update(dict.fromkeys(entry.names or entry.module.split(".")[:1], entry.module))
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in foreign and private(node.attr):
            wrong.append(f"{file.relative_to(ROOT)}:{node.lineno} uses {node.value.id}.{node.attr}")
    assert not wrong, "\n".join(wrong)


def private(name: str) -> bool:
    """One leading underscore."""
    return name.startswith("_") and not name.startswith("__")


def test_no_star_imports() -> None:
    assert not [entry.place for file in sources() for entry in imports(file) if "*" in entry.names]
