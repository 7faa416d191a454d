"""README, docs and docstrings: every example runs, every rule, tier and verb is there, every link leads somewhere."""

from __future__ import annotations

import doctest
import importlib
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command

from benchmarks.page import PAGE, RESULTS, refreshed
from matcher.cli import app
from matcher.intake.settings_file import parse
from matcher.settings import ALWAYS_HARD, ELIGIBILITY_RULES, TIERS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = [file for folder in ("matcher", "api") for file in sorted((ROOT / folder).rglob("*.py")) if ">>> " in file.read_text(encoding="utf-8")]
NEVER_ENDING = {"serve", "worker"}
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(page, text[: found.start()].count("\n") + 2, found[1], found[2])


def name_of(file: object) -> str:
    """A short name for the test's id."""
    return str(file.relative_to(ROOT)) if isinstance(file, Path) else str(file)


@pytest.fixture
def beside_the_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the sample data in it, as the present folder: examples may write."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_python_examples_of_a_page_run(page: Path, beside_the_samples: Path) -> None:
    """From top to bottom, in one namespace."""
    names: dict[str, object] = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for block in blocks(page):
        if block.language == "python" and ">>> " in block.text:
            example = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line)
            runner.run(example, clear_globs=False)
            names.update(example.globs)
        elif block.language == "python":
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)  # our own pages
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_of_a_page_run(page: Path, beside_the_samples: Path) -> None:
    """From top to bottom, in one folder, each with the exit code that its comment names (`# exit code 3`), else 0."""
    for words, expected in commands(page):
        if words[1] in NEVER_ENDING:
            continue
        arguments = [*words[1:], "--no-serve"] if words[1] == "demo" else words[1:]
        done = subprocess.run([sys.executable, "-m", "matcher", *arguments], cwd=beside_the_samples, capture_output=True, text=True, check=False)
        assert done.returncode == expected, f"{shlex.join(words)}: {done.stdout}\n{done.stderr}"


def commands(page: Path) -> Iterator[tuple[list[str], int]]:
    """The lines of sh blocks that call the program, as words, with the exit code that is expected."""
    for block in blocks(page):
        if block.language != "sh":
            continue
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["matcher"]:
                assert not {"|", ">", "&&", ";"} & set(words), f"{page.name}: {line} needs a shell"
                said = re.search(r"# .*exit code (\d+)", line)
                yield words, int(said[1]) if said else 0


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_the_examples_of_a_module_run(file: Path, beside_the_samples: Path) -> None:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert tried
    assert not failed


def test_the_readme_begins_with_the_two_commands() -> None:
    """The first makes an environment and runs the demo, the second the tests; .ci/run calls the second as it stands."""
    first, second, *_ = (block.text.strip() for block in blocks(ROOT / "README.md") if block.language == "sh")
    assert first.endswith("matcher demo")
    assert second.endswith("-m pytest")
    assert "venv" in first
    assert "venv" in second


def test_every_rule_stands_in_the_rules_and_no_other() -> None:
    section = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").split("\n## 3.")[1].split("\n## ")[0]
    named = {rule for line in section.splitlines() if line.startswith("| `") for rule in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert named == {*ELIGIBILITY_RULES, *ALWAYS_HARD}


def test_every_tier_stands_in_the_rules_and_no_other() -> None:
    section = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").split("\n## 7.")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == set(TIERS)


def test_every_verb_is_documented() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    verbs = set(get_command(app).commands)  # type: ignore[attr-defined]  # an app with several commands is a group
    assert {verb for verb in verbs if not re.search(rf"\bmatcher {verb}\b", text)} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if not target.startswith(("https:", "http:", "mailto:", "#"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_page_of_measurements_shows_the_figures_that_are_kept() -> None:
    assert list(RESULTS.glob("*.json"))
    assert PAGE.read_text(encoding="utf-8") == refreshed(PAGE.read_text(encoding="utf-8"))


def test_the_page_of_the_format_is_what_the_code_says() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_format.py"))
    assert (ROOT / "docs" / "format.md").read_text(encoding="utf-8") == made["page"]()


def test_the_settings_on_the_page_are_understood() -> None:
    example = next(block for block in blocks(ROOT / "docs" / "format.md") if block.language == "toml")
    settings, issues = parse(example.text)
    assert issues == ()
    assert settings.rule_weights == {"competences": 2}
