"""Sheets as people save them: encodings, broken rows named by line, files that are no sheets at all."""

from __future__ import annotations

import codecs

import pytest
from formloom.platform.errors import Invalid
from formloom.platform.records.transfer import RefusedRow, read_sheet, write_refused

CHINESE = "编号,名称,城市\n1,云栖书店,杭州\n2,落霞茶馆,苏州\n"
GERMAN = "number,name\n1,Königlich Essen\n2,Toms Spezialitäten\n"


@pytest.fixture
def sheet(tmp_path):
    def read(content, columns=(), name="sheet.csv"):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_sheet(file, columns)

    return read


def values(sheet):
    return [tuple(row.values.values()) for row in sheet.rows]


def broken(sheet):
    return [(row.line, row.broken) for row in sheet.rows if row.broken]


def refusal(read, content, *columns):
    with pytest.raises(Invalid) as caught:
        read(content, columns)
    return str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        CHINESE.encode(),
        codecs.BOM_UTF8 + CHINESE.encode(),
        CHINESE.encode("gb18030"),
        CHINESE.encode("utf-16"),
        CHINESE.replace("\n", "\r\n").encode("gb18030"),
    ],
)
def test_chinese_in_any_encoding(sheet, raw):
    assert values(sheet(raw, ["编号", "名称"])) == [("1", "云栖书店", "杭州"), ("2", "落霞茶馆", "苏州")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_german_in_any_encoding(sheet, encoding):
    assert values(sheet(GERMAN.encode(encoding))) == [("1", "Königlich Essen"), ("2", "Toms Spezialitäten")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter(sheet, delimiter):
    found = sheet(delimiter.join(["a", "b"]) + "\n" + delimiter.join(["1", '"x, y; z"']))
    assert values(found) == [("1", "x, y; z")]


def test_quoted_cells_over_several_lines(sheet):
    found = sheet('a,b\n1,"one\ntwo"\n2,"say ""hello"""\n')
    assert values(found) == [("1", "one\ntwo"), ("2", 'say "hello"')]
    assert [row.line for row in found.rows] == [2, 4]


def test_a_row_with_too_many_cells_is_named_and_the_rest_read(sheet):
    found = sheet("id,street,city\n1,Rua do Paço, 67,Rio\n2,Luisenstr. 48,Münster\n3,Gent\n")
    assert broken(found) == [
        (2, "it has 4 cells where the header has 3"),
        (4, "it has 2 cells where the header has 3"),
    ]
    assert values(found)[1] == ("2", "Luisenstr. 48", "Münster")


def test_an_unclosed_quote_costs_its_own_line_alone(sheet):
    found = sheet('a,b\n1,"open\n2,fine\n3,"good"\n4,end\n')
    assert broken(found) == [(2, "its quotes do not pair")]
    assert values(found) == [(), ("2", "fine"), ("3", "good"), ("4", "end")]


def test_a_spreadsheet_saves_every_row_as_wide_as_the_widest(sheet):
    found = sheet("a,b,,\n1,x,,\n2,y,z,\n")
    assert found.header == ("a", "b")
    assert broken(found) == [(3, "it has 3 cells where the header has 2")]


def test_what_is_no_sheet_is_refused_as_a_whole(sheet):
    assert "NUL in line 2" in refusal(sheet, b"a,b\n1,\x00\n")
    assert "workbook" in refusal(sheet, b"PK\x03\x04 and more")
    assert "cannot be told" in refusal(sheet, bytes(range(128, 256)) * 40)
    assert "Line 2 is too long" in refusal(sheet, "a,b\n" + "x" * 50_000_000)
    assert "There is no column “id”" in refusal(sheet, "a,b\n1,2\n", "id")
    assert "There is no column “id”" in refusal(sheet, "", "id")
    assert "is there twice" in refusal(sheet, "id,id\n1,2\n", "id")


def test_refused_rows_can_be_repaired_and_read_again(sheet, tmp_path):
    first = sheet("id,street,note\n1,Rua do Paço, 67,=1+1\n2,ok,'-x\n3,-5,+3\n")
    files = write_refused(tmp_path / "repair", {"sheet.csv": first}, [RefusedRow(r, "why") for r in first.rows])
    text = files[0].read_text("utf-8-sig")
    assert text.splitlines()[:2] == ["_line,_reason,id,street,note", "2,why,1,Rua do Paço, 67,'=1+1"]
    repaired = sheet(text.replace("Rua do Paço, 67", '"Rua do Paço, 67"'), ["id"], "repaired.csv")
    assert values(repaired) == [("1", "Rua do Paço, 67", "=1+1"), ("2", "ok", "'-x"), ("3", "-5", "+3")]
