"""One pass over files of each format, whole and in parts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ropeway.drift import reading
from ropeway.drift.columns import as_numbers, read_columns
from ropeway.drift.faults import DriftError
from ropeway.drift.profiling import profile_arrays, profile_files
from ropeway.drift.reading import Format
from tests.unit.drift.tables import csv_of, normal, write


def test_csv_with_a_header(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "n,f,t,e,d\n1,1.5,x,,2026-01-01\n2,2,y,,2026-01-02\n,-3.5e2,x,,\n")
    found = profile_files([file])
    assert found.rows == 3
    assert {name: column.type for name, column in found.columns.items()} == {
        "n": "Integral",
        "f": "Fractional",
        "t": "String",
        "e": "Unknown",
        "d": "String",
    }
    assert found.columns["n"].missing == 1
    assert found.columns["f"].numbers.least == -350
    assert found.columns["t"].categories.counts == {"x": 2, "y": 1}
    assert found.columns["d"].categories.counts == {"2026-01-01": 1, "2026-01-02": 1}


def test_csv_without_a_header_has_numbered_columns(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "1,2\n3,4\n")
    found = profile_files([file], Format(header=False))
    assert list(found.columns) == ["_c0", "_c1"]
    assert found.rows == 2


def test_texts_among_numbers_are_counted_as_such(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "x\n" + "\n".join(["5", "?", "5.0", " 7 ", "1e3", "nan", "?"]) + "\n")
    column = profile_files([file]).columns["x"]
    assert (column.integral, column.fractional, column.text, column.missing) == (2, 2, 2, 1)
    assert column.matching("Integral") == pytest.approx(4 / 6)
    assert column.numbers.greatest == 1000
    told = profile_files([file], Format(missing=("", "nan", "?"))).columns["x"]
    assert (told.text, told.missing, told.type) == (0, 3, "Fractional")


def test_quoted_cells_may_hold_delimiters_and_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 64)
    rows = [f'{index},"a, ""b""\nc{index % 3}"' for index in range(200)]
    file = write(tmp_path / "a.csv", "i,t\n" + "\n".join(rows))
    found = profile_files([file])
    assert found.rows == 200
    assert len(found.columns["t"].categories.counts) == 3


@pytest.mark.parametrize("block", [50, 1000, 1 << 20])
def test_the_size_of_blocks_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(reading, "_BLOCK", block)
    values = normal(500).round(3)
    texts = [f"t{index % 4}" for index in range(500)]
    file = write(tmp_path / "a.csv", csv_of({"x": values, "t": texts}))
    found = profile_files([file])
    assert found.rows == 500
    assert found.columns["x"].numbers.mean == pytest.approx(values.mean())
    assert found.columns["x"].numbers.sketch.exact
    assert found.columns["t"].categories.counts == {f"t{index}": 125 for index in range(4)}


def test_json_lines_with_nested_fields(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"a": 1, "b": {"c": 2.5}, "l": [1]}\n{"a": null, "b": {"c": 3.5}}\n')
    found = profile_files([file])
    assert found.columns["a"].missing == 1
    assert found.columns["b.c"].numbers.mean == 3.0
    assert found.columns["l"].categories.counts == {"[1]": 1}


def test_parquet_by_row_groups(tmp_path: Path) -> None:
    values = normal(1000)
    file = tmp_path / "a.parquet"
    flags, texts = [True, False] * 500, ["x", None] * 500
    table = pa.table({"x": values, "b": flags, "t": pa.array(texts).dictionary_encode(), "i": range(1000)})
    parquet.write_table(table, file, row_group_size=300)
    found = profile_files([file])
    assert found.rows == 1000
    assert found.columns["x"].numbers.mean == pytest.approx(values.mean())
    assert found.columns["b"].categories.counts == {"true": 500, "false": 500}
    assert (found.columns["t"].missing, found.columns["i"].type) == (500, "Integral")


def test_wide_parquet_is_read_in_few_parts(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    columns = {f"c{index}": [index, index + 1.0] for index in range(200)}
    parquet.write_table(pa.table(columns), file, row_group_size=1)
    found = profile_files([file])
    assert (found.rows, list(found.columns)) == (2, list(columns))
    assert found.columns["c150"].numbers.sum == 301
    assert len(list(reading.parts([file], Format()))) == 100
    assert list(profile_files([file], ignored=list(columns)[1:]).columns) == ["c0"]


def test_columns_of_parquet_have_names_and_no_places(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"x": [1.0, 2.0], "y": [3.0, 4.0]}), tmp_path / "a.parquet")
    found = read_columns([tmp_path / "a.parquet"], Format(), ["y"])
    assert as_numbers("y", found["y"]).tolist() == [3.0, 4.0]
    with pytest.raises(DriftError, match="there is no column '0'"):
        read_columns([tmp_path / "a.parquet"], Format(), ["0"])


def test_a_folder_of_files_is_one_table(tmp_path: Path) -> None:
    write(tmp_path / "d/1.csv", "x\n1\n")
    write(tmp_path / "d/sub/2.csv", "x\n2\n")
    write(tmp_path / "d/_SUCCESS", "")
    write(tmp_path / "d/.hidden", "")
    assert profile_files([tmp_path / "d"]).columns["x"].numbers.sum == 3


def test_ignored_columns_are_left_out(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "x,y\n1,2\n")
    assert list(profile_files([file], ignored=["y"]).columns) == ["x"]


@pytest.fixture
def depth() -> Iterator[None]:
    """Python's own limit of recursion, whatever another library has set in this process."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "", "the file is empty"),
        ("a.csv", "x,y\n", "there are no rows"),
        ("a.csv", "x,y\n1,2\n3\n", "Expected 2 columns, got 1"),
        ("a.csv", "x,x\n1,2\n", "columns of the same name: x"),
        ("a.csv", "x\r1\r", "the first line is no CSV"),
        ("a.jsonl", '{"a": 1}\n{"a": \n', "line 2: JSON parse error"),
        ("a.json", '[{"a": 1}]\n', "line 1: this is no JSON object"),
        ("a.csv", 'x,y\n"1\n",2\n\n3\n', "line 5: CSV parse error"),
        ("a.csv", "\nx,y\n1,2\n", "the first line is empty"),
        ("a.jsonl", '{"a":' * 2000 + "1" + "}" * 2000 + "\n", "nested too deeply"),
        ("a.csv.gz", "", "compressed files are not read"),
        ("a.txt", "1\n", "its name does not tell"),
        ("a.parquet", "no parquet at all", "Parquet"),
    ],
)
def test_what_cannot_be_read_names_the_file(
    tmp_path: Path, depth: None, name: str, text: str, words: str
) -> None:
    file = write(tmp_path / name, text)
    with pytest.raises(DriftError) as caught:
        profile_files([file])
    assert words in str(caught.value)
    assert name in str(caught.value)


def test_a_wrong_line_far_down_has_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 64)
    rows = write(tmp_path / "a.csv", "x,y\n" + "1,2\n" * 100 + "3\n" + "1,2\n" * 100)
    objects = write(tmp_path / "a.jsonl", '{"x": 1}\n' * 100 + "{\n" + '{"x": 1}\n' * 100)
    for file, line in ((rows, 102), (objects, 101)):
        with pytest.raises(DriftError, match=f"{file.name}, line {line}: "):
            profile_files([file])


def test_broken_files_are_told_and_no_surprise(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"t": "x"}\n{"t": "caf\xe9"}\n')
    with pytest.raises(DriftError, match="line 2: this is no UTF-8 text"):
        profile_files([tmp_path / "a.jsonl"])
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"x": range(1000)}), file)
    file.write_bytes(b"PAR1" + b"\0" * 200 + file.read_bytes()[204:])
    with pytest.raises(DriftError, match=r"a\.parquet: "):
        profile_files([file])
    half = write(tmp_path / "half.jsonl", '{"t": "\\ud800"}\n')
    assert profile_files([half]).columns["t"].categories.counts == {"?": 1}


@pytest.mark.parametrize("block", [40, 1 << 20])
def test_times_are_texts_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(reading, "_BLOCK", block)
    times = ["2026-01-01T00:00:00", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "12:30"]
    cells = [time for time in times for _ in range(5)]
    rows = write(tmp_path / "a.csv", "t,n\n" + "".join(f"{cell},7\n" for cell in cells))
    objects = write(
        tmp_path / "a.jsonl", "".join(f'{{"t": "{cell}", "o": {{"t": "{cell}"}}}}\n' for cell in cells)
    )
    for file, names in ((rows, ["t"]), (objects, ["t", "o.t"])):
        found = profile_files([file])
        assert [found.columns[name].categories.counts for name in names] == [dict.fromkeys(times, 5)] * len(
            names
        )


def test_codes_of_a_column_of_texts_keep_their_zeros(tmp_path: Path) -> None:
    form = Format(texts=frozenset({"code", "elsewhere"}))
    rows = write(tmp_path / "a.csv", "code,n\n007,1\n1.50,2\n,3\n")
    column = profile_files([rows], form).columns["code"]
    assert (column.categories.counts, column.missing, column.type) == ({"007": 1, "1.50": 1}, 1, "Fractional")
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"code": ["007", "A7"]}), file, row_group_size=1)
    assert profile_files([file]).columns["code"].categories.counts == {"007": 1, "A7": 1}
    (tmp_path / "b.csv").write_bytes(b"code\ncaf\xe9\n")
    assert profile_files([tmp_path / "b.csv"], form).columns["code"].categories.counts == {"caf\ufffd": 1}


def test_missing_texts_are_missing_in_every_format(tmp_path: Path) -> None:
    rows = write(tmp_path / "a.csv", 'x,y\n5,a\n?,\n"",b\n')
    objects = write(
        tmp_path / "a.jsonl", '{"x": "5", "y": "a"}\n{"x": "?", "y": null}\n{"x": "", "y": "b"}\n'
    )
    parquet.write_table(
        pa.table({"x": ["5", "?", ""], "y": pa.array(["a", None, "b"]).dictionary_encode()}),
        tmp_path / "a.parquet",
    )
    for file in (rows, objects, tmp_path / "a.parquet"):
        found = profile_files([file], Format(missing=("", "?"))).columns
        assert (found["x"].missing, found["x"].type, found["y"].missing) == (2, "Integral", 1)


def test_json_cells_that_change_their_type_are_texts(tmp_path: Path) -> None:
    lines = ['{"a": 1, "b": {"c": 1}}', '{"a": "x", "b": 5}', '{"a": null, "d": true}', '{"d": [1]}']
    found = profile_files([write(tmp_path / "a.jsonl", "\n".join(lines))])
    assert found.columns["a"].categories.counts == {"1": 1, "x": 1}
    assert (found.columns["a"].text, found.columns["a"].missing) == (1, 2)
    assert found.columns["b.c"].missing == 3
    assert found.columns["d"].categories.counts == {"true": 1, "[1]": 1}


def test_texts_that_are_no_utf8_are_read_as_far_as_they_can(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"t\ncaf\xe9\ncaf\xe9\n")
    assert profile_files([tmp_path / "a.csv"]).columns["t"].categories.counts == {"caf\ufffd": 2}


def test_numbers_too_large_for_statistics_are_missing(tmp_path: Path) -> None:
    column = profile_files([write(tmp_path / "a.csv", "x\n1e308\n2.5\n-1e400\n")]).columns["x"]
    assert (column.present, column.missing, column.numbers.greatest) == (1, 2, 2.5)


def test_a_quote_that_nothing_closes_does_not_gather_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 100)
    monkeypatch.setattr(reading, "_LONGEST", 400)
    file = write(tmp_path / "a.csv", "t,x\n" + '5" pipe,1\n' + "plain,2\n" * 500)
    sizes = [len(part.content) for part in reading.parts([file], Format()) if isinstance(part, reading.Block)]
    assert max(sizes) <= 600
    assert profile_files([file]).rows == 501


def test_an_empty_folder_has_no_data(tmp_path: Path) -> None:
    with pytest.raises(DriftError, match="there is no data"):
        profile_files([tmp_path])


def test_arrays_of_different_lengths_are_no_table() -> None:
    with pytest.raises(DriftError, match="different lengths"):
        profile_arrays({"a": np.zeros(2), "b": np.zeros(3)})
