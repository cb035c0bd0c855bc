"""The definition parser against the fuzzer's corpus, as it is and with members moved, doubled, dropped and replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.property.definitions import ACCEPTED, CORPUS, mutated, tried

REFUSED = {
    "automl.json": "step aml: the sandbox does not run steps of type AutoML",
    "cycle.json": "steps wait for each other: F -> G -> F",
    "deep.json": "nested too deep: more than 100 levels",
    "emr.json": "step emr: the sandbox does not run steps of type EMR",
    "get_of_a_list.json": "Get takes a path, not ['Parameters.P']",
    "half_pair.json": "half of a surrogate pair",
    "huge_float.json": "parameter P: DefaultValue is too large for a Float",
    "huge_index.json": "the path 'F.X[99999999999999999999]' cannot be read",
    "infinite.json": "1e999 is too large a number",
    "too_deep.json": "the pipeline definition is not JSON",
}
FILES = sorted(CORPUS.iterdir())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_corpus_is_accepted_or_refused_with_the_reason(file: Path) -> None:
    said = tried(file.read_text(encoding="utf-8"))
    if file.name in REFUSED:
        assert REFUSED[file.name] in said
    else:
        assert said == ACCEPTED


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_changed_document_is_accepted_or_refused(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    said = {tried(mutated(text, seed)) for seed in range(150)}
    assert len(said) > 1 or file.name == "too_deep.json"  # changes change something, or it is no document
