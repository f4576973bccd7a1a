"""The committed code is that of the contract."""

import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

import generate


def test_the_generated_code_is_that_of_the_contract(tmp_path):
    generate.generate(tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.py*"))
    assert made
    for path in made:
        committed = PROJECT / "src" / path
        assert committed.read_text() == (tmp_path / path).read_text(), f"{path}: run generate.py"
