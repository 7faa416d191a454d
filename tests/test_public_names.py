"""`import matcher`: its public names, and that it costs nothing until something is used."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import matcher

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("numpy", "pandas", "ortools", "pyarrow", "networkx", "jinja2", "xlsxwriter", "rich", "flask", "sqlalchemy")


def loaded_after(program: str) -> set[str]:
    """Top-level modules in a fresh interpreter after the program."""
    tail = "\nimport json, sys\nsys.stderr.write(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", program + tail], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_list_of_names_is_the_table_of_names() -> None:
    assert matcher.__all__ == sorted(matcher.__all__)
    assert set(matcher.__all__) == set(matcher._HOME)
    assert set(dir(matcher)) >= set(matcher.__all__) | {"__version__"}


@pytest.fixture(scope="module")
def everything_loaded() -> None:
    """Loading `matcher.x` sets the attribute `x` of the package, which must not hide a public name."""
    for module in pkgutil.walk_packages(matcher.__path__, "matcher."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


@pytest.mark.usefixtures("everything_loaded")
@pytest.mark.parametrize("name", matcher.__all__)
def test_every_name_is_still_itself_when_all_modules_are_loaded(name: str) -> None:
    found = getattr(matcher, name)
    assert not isinstance(found, ModuleType)
    assert found is getattr(matcher, name)
    assert found.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = matcher.no_such_name


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert matcher.__version__ == version("placement-matcher")


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_after("import matcher") & set(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["solve", "--help"], ["serve", "--help"]], ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import sys
sys.argv = ["matcher", *{arguments!r}]
from matcher.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
"""
    assert not loaded_after(program) & set(HEAVY)


def test_a_wrong_option_loads_nothing_heavy() -> None:
    program = "import sys; sys.argv = ['matcher', 'solve', '--no-such-option']\nfrom matcher.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    assert not loaded_after(program) & set(HEAVY)
