"""A result folder: what stands in the files is checked, and whatever is wrong with them is a sentence, never a traceback."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.result import Cases, Outcome, Proof, Reason, Result
from matcher.verifier import verify
from matcher.words import LANGUAGES
from tests.verifier.test_mutations import PROVEN, RICH, codes, proven, rich


def write(result: Result, folder: Path, **changes: Any) -> Path:
    """A result folder by the names of docs/proof.md and the fixed column names; `changes` go into result.json."""
    folder.mkdir(exist_ok=True)
    said: dict[str, Any] = {
        "outcome": result.outcome.value,
        "reason": result.reason.value,
        "tiers": [{"name": tier.name, "value": tier.value, "bound": tier.bound, "gap": tier.gap} for tier in result.tiers],
        "placed": result.placed,
        "unplaced": result.unplaced,
        "rank_profile": result.rank_profile(),
        "seed": 0,
        "digest": result.digest,
        "engine": "referee",
    }
    (folder / "result.json").write_text(json.dumps(said | changes), encoding="utf-8")
    if result.outcome is Outcome.SOLVED:
        result.matches.to_csv(folder / "matches.csv", index=False)
    if result.proof is not None:
        write_proof(folder, result.proof)
    return folder


def write_proof(folder: Path, proof: Proof | Cases, **changes: Any) -> None:
    if isinstance(proof, Cases):
        arrays = {part.name: getattr(proof, part.name) for part in fields(proof)}
        texts = {name: np.array(arrays[name], dtype=str) for name in ("tiers", "kind", "id", "part")}
        np.savez(folder / "proof.npz", **{**arrays, **texts, "form": np.array("cases"), **changes})
        return
    arrays = {name: getattr(proof, name).astype(str) for name in ("kind", "id", "period")}
    np.savez(folder / "proof.npz", **{**arrays, "prices": proof.prices, "tiers": np.array(proof.tiers), "denominator": np.int64(proof.denominator), **changes})


def found(folder: Path) -> list[str]:
    """The codes of the violations of a folder of PROVEN; each must have its sentence."""
    violations = verify(PROVEN, folder).violations
    assert all(violation.message(language) for violation in violations for language in LANGUAGES)
    return [violation.code for violation in violations]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(proven(), tmp_path / "result")


def test_a_stored_result_is_as_good_as_one_in_memory(folder: Path):
    verification = verify(PROVEN, folder)
    assert verification.ok
    assert verification.proven_optimal
    assert verification.tiers == verify(PROVEN, proven()).tiers
    assert verify(PROVEN, str(folder)).ok


def test_a_stored_result_with_periods_and_without_proof_is_read_too(tmp_path: Path):
    assert verify(RICH, write(rich(), tmp_path / "rich")).ok


def test_results_without_an_answer_have_no_matches(tmp_path: Path):
    nobody = Result(Outcome.NO_ANSWER, Reason.CANCELLED, proven().matches[:0], digest=PROVEN.digest)
    assert found(write(nobody, tmp_path / "nobody")) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"placed": 5}, ["wrong_count"]),
        ({"unplaced": 0}, ["wrong_count"]),
        ({"rank_profile": [3, 1]}, ["wrong_profile"]),
        ({"rank_profile": [2, 1, 0]}, ["wrong_profile"]),
        ({"digest": "0"}, ["digest"]),
        ({"outcome": "infeasible", "reason": "proven_infeasible"}, ["answer_without_outcome", "proof_tiers", "proof_shape"]),
        ({"outcome": "splendid"}, ["result_malformed"]),
        ({"reason": None}, ["result_malformed"]),
        ({"tiers": {}}, ["result_malformed"]),
        ({"tiers": [{"name": "placed", "value": 1.5, "bound": None}]}, ["result_malformed"]),
        ({"tiers": [{"name": "placed", "value": True, "bound": None}]}, ["result_malformed"]),
        ({"tiers": [7]}, ["result_malformed"]),
        ({"placed": "four"}, ["result_malformed"]),
        ({"placed": float("nan")}, ["result_malformed"]),
        ({"rank_profile": "3"}, ["result_malformed"]),
        ({"rank_profile": [1.0]}, ["result_malformed"]),
        ({"digest": 7}, ["result_malformed"]),
        ({"outcome": 1, "reason": 2, "placed": None}, ["result_malformed"] * 3),
    ],
)
def test_every_field_of_result_json_is_checked(tmp_path: Path, changes: dict[str, Any], codes: list[str]):
    assert found(write(proven(), tmp_path / "result", **changes)) == codes


def test_a_gap_that_does_not_follow_from_value_and_bound_is_wrong(folder: Path):
    said = json.loads((folder / "result.json").read_text())
    said["tiers"][3]["gap"] = 0.5
    (folder / "result.json").write_text(json.dumps(said))
    assert found(folder) == ["wrong_gap"]


@pytest.mark.parametrize(
    ("file", "content", "codes"),
    [
        ("result.json", None, ["file_missing"]),
        ("result.json", b"", ["file_broken"]),
        ("result.json", b"[1]", ["file_broken"]),
        ("result.json", b"{\xff}", ["file_broken"]),
        ("result.json", b"[" * 100_000, ["file_broken"]),
        ("matches.csv", None, ["file_missing"]),
        ("matches.csv", b"", ["file_broken"]),
        ("matches.csv", b"student_id,rank\ns0,1\n", ["columns_missing"]),
        ("matches.csv", b"student_id,placement_id,period_id,rank,status,reason\ns0,p\n", ["file_broken"]),
        ("matches.csv", b"student_id,placement_id,period_id,rank,status,reason\n\xe9,p,,1,placed,x\n", ["file_broken"]),
        ("matches.csv", b"student_id,student_id,placement_id,period_id,rank,status,reason\ns0,s0,p,,1,placed,x\n", ["columns_twice"]),
        ("matches.csv", b"\x00\x01\x02" * 50, ["file_broken"]),
        ("proof.npz", b"", ["file_broken", "proof_missing"]),
        ("proof.npz", b"PK\x03\x04 not a zip", ["file_broken", "proof_missing"]),
        ("proof.npz", None, ["proof_missing"]),
    ],
)
def test_a_broken_file_is_named(folder: Path, file: str, content: bytes | None, codes: list[str]):
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    assert [code for code in found(folder) if not code.startswith("bound_unproven")] == codes


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    assert found(tmp_path / "nowhere") == ["folder_missing"]


@pytest.mark.parametrize(
    "change", [{"prices": np.zeros((6, 6))}, {"kind": np.array(["seat"] * 6, dtype=object)}, {"denominator": np.array([1, 2])}, {"tiers": np.array("x")}]
)
def test_a_proof_with_other_arrays_is_refused(folder: Path, change: dict[str, Any]):
    proof = proven().proof
    assert proof is not None
    write_proof(folder, proof, **change)
    assert set(found(folder)) & {"file_broken", "proof_not_whole", "proof_tiers"}


def test_a_proof_that_unfolds_to_too_much_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("matcher.verifier.stored.LARGEST_PROOF", 100)
    assert found(folder)[0] == "file_broken"


def test_a_proof_that_declares_an_endless_array_is_refused(folder: Path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<i8", "fortran_order": False, "shape": (10**13, 6)})  # type: ignore[arg-type]  # any mapping will do
    with zipfile.ZipFile(folder / "proof.npz", "a") as archive:
        names = [name for name in archive.namelist() if name != "prices.npy"]
        kept = {name: archive.read(name) for name in names}
    with zipfile.ZipFile(folder / "proof.npz", "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
        archive.writestr("prices.npy", header.getvalue())
    assert found(folder)[0] == "file_broken"


def test_semicolons_a_byte_order_mark_further_columns_and_guarded_texts_are_read(tmp_path: Path):
    text = (write(proven(), tmp_path / "result") / "matches.csv").read_text()
    lines = [
        f"{line},{'sentence' if number == 0 else 'een, twee'!r}" if number == 0 else line + ',"een\ntwee"' for number, line in enumerate(text.splitlines())
    ]
    (tmp_path / "result" / "matches.csv").write_text("\ufeff" + "\n".join(lines).replace("'sentence'", "sentence").replace(",", ";"), encoding="utf-8")
    assert found(tmp_path / "result") == []


def test_an_id_that_looks_like_a_formula_comes_back_as_it_was(tmp_path: Path):
    from tests.rounds import make_round
    from tests.verifier.answers import result_of

    round_ = make_round(None, students=[{"student_id": "=s"}, {"student_id": "'+t"}], placements=[{"placement_id": "-p", "capacity": 2}])
    result = result_of(round_, {("=s", None): ("-p", ""), ("'+t", None): ("-p", "")}, bounds=[None] * 5, reason="time_limit")
    guarded = result.matches.assign(student_id=["'=s", "''+t"] if result.matches["student_id"].iloc[0] == "=s" else ["''+t", "'=s"], placement_id="'-p")
    folder = write(replace(result, matches=guarded), tmp_path / "result")
    assert verify(round_, folder).ok


def test_no_damage_to_the_files_ever_raises(folder: Path):
    rng = random.Random(0)
    originals = {file: (folder / file).read_bytes() for file in ("result.json", "matches.csv", "proof.npz")}
    damages: list[Callable[[bytearray], bytes]] = [
        lambda data: bytes(data[: rng.randrange(len(data))]),
        lambda data: bytes(data[rng.randrange(len(data)) :]),
        lambda data: bytes(data.replace(b"1", b"-9", rng.randrange(4))),
    ]
    for _ in range(80):
        file = rng.choice(list(originals))
        data = bytearray(originals[file])
        if rng.random() < 0.6:
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            damaged = bytes(data)
        else:
            damaged = rng.choice(damages)(data)
        (folder / file).write_bytes(damaged)
        verification = verify(PROVEN, folder)
        assert all(violation.message() for violation in verification.violations)
        (folder / file).write_bytes(originals[file])
    assert codes(PROVEN, proven()) == []
