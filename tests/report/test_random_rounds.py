"""Whatever the round, its result can be written, read back, shown and opened in a spreadsheet."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import matcher
from matcher.errors import MatcherError
from matcher.report import read_result, render, write_result
from matcher.report.figures import Figures
from matcher.result import Outcome
from tests.report.test_page import parsed
from tests.rounds import random_round


def test_every_small_round_has_a_sound_report(tmp_path: Path) -> None:
    seen = dict.fromkeys(Outcome, 0) | {"several periods": 0, "unplaced": 0}
    for seed in range(24):
        round_ = random_round(random.Random(seed)).with_settings(language=("nl", "en", "fr")[seed % 3])
        try:
            result = matcher.solve(round_, isolate=False)
        except MatcherError:  # a pin that cannot be kept, or a structure that no engine carries yet
            continue
        folder = tmp_path / str(seed)
        write_result(round_, result, folder, extras=("html", "xlsx"))
        pd.testing.assert_frame_equal(read_result(folder).matches, result.matches)
        html = (folder / "report.html").read_text(encoding="utf-8")
        assert html == render(round_, read_result(folder))
        words = " ".join(parsed(html).text)
        assert not any(word in words for word in ("nan", "<NA>", "None"))
        assert CalamineWorkbook.from_path(folder / "report.xlsx").sheet_names
        seen[result.outcome] += 1
        if result.outcome == Outcome.SOLVED:
            figures = Figures(round_, result)
            assert figures.placed == sum(figures.profile) + figures.unranked == figures.measures.fill["filled"].sum()
            seen["several periods"] += len(result.matches) > result.matches["student_id"].nunique()
            seen["unplaced"] += result.unplaced > 0
    assert seen[Outcome.SOLVED] >= 8
    assert seen["several periods"]
    assert seen["unplaced"]


@pytest.mark.parametrize("extras", [(), ("html", "xlsx")])
def test_a_round_without_students_can_be_written(tmp_path: Path, extras: tuple[str, ...]) -> None:
    round_ = random_round(random.Random(0))
    empty = {name: round_.table(name) if name in {"placements", "regions", "sectors", "companies"} else round_.table(name).iloc[:0] for name in round_.tables}
    bare = type(round_)({name: table for name, table in empty.items() if name != "quotas"}, round_.settings)
    result = matcher.solve(bare, isolate=False)
    write_result(bare, result, tmp_path, extras=extras)  # type: ignore[arg-type]  # the words are those of Kind
    assert read_result(tmp_path).placed == 0
