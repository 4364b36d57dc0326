"""Files of records: what is taken, who may have them, that nothing is lost or left behind."""

from __future__ import annotations

import io
import os
import re
from datetime import timedelta

import sqlalchemy as sa
from every_field import PDF, PNG
from formloom.platform.backup import back_up, restore
from formloom.platform.formats import utc_now
from formloom.platform.records import attachments
from formloom.platform.records.attachments import MEGABYTE, attachment, bounds_of, purge
from formloom.platform.records.compiled import open_app
from formloom.platform.workflow.soundness import check
from house import BEN
from page import Page
from things import LIST


def upload(content: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def send(page: Page, **changed) -> Page:
    """The form as it stands, with files."""
    form = page.form()
    data = {**form.fields, **changed}
    return Page(page.client, page.client.post(form.action, data, content_type="multipart/form-data"))


def made(things, **changed) -> int:
    answer = send(things.page(things.ben), about="Thing", **changed)
    assert answer.status == 303, answer.text
    return int(answer.location.rpartition("/")[2])


def fetch(client, path: str, **headers):
    """A file as it is given out, wholly read."""
    answer = client.get(path, headers=headers)
    answer.get_data()
    answer.close()
    return answer


def links(page: Page) -> list[str]:
    return re.findall(r'href="([^"]+/files/[^"]+)"', page.html)


def kept(things) -> list:
    with things.workspace.reading() as connection:
        return connection.execute(sa.select(attachment).order_by(attachment.c.id)).all()


def contents(things) -> set[str]:
    return {file.name for file in things.workspace.files.rglob("*") if file.is_file()}


# putting files in and getting them out, without script


def test_files_come_with_the_form_and_go_out_as_downloads(things):
    number = made(things, files=[upload(PDF, "合同 1.pdf"), upload(b"a,b\n1,2\n", "list.csv")], pictures=upload(PNG, "front.png"))
    assert things.sees(number)["files"] == ("1/合同 1.pdf", "2/list.csv")
    page = things.page(things.ben, number)
    assert 'enctype="multipart/form-data"' in page.html
    pdf, csv, picture = sorted(set(links(page)), key=lambda link: re.search(r"files/(\d+)", link)[1])[:3]
    answer = fetch(things.ben, pdf)
    assert answer.data == PDF and answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers.getlist("Content-Security-Policy")[0]
    assert fetch(things.ben, csv + "?show=1").headers["Content-Disposition"].startswith("attachment;")
    shown = fetch(things.ben, picture + "?show=1")
    assert shown.mimetype == "image/png" and shown.headers["Content-Disposition"].startswith("inline")
    assert fetch(things.ben, pdf, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert check(things.workspace) == []


def test_files_are_kept_added_and_taken_out(things):
    number = made(things, files=upload(PDF, "a.pdf"), **{"lines-0-id": "", "lines-0-what": "Tofu", "lines-0-photo": upload(PNG, "tofu.png")})
    seen = things.sees(number)
    assert seen["lines"][0]["photo"] == ("2/tofu.png",)
    answer = send(things.page(things.ben, number), files=["1/a.pdf", upload(PDF, "b.pdf")])
    assert answer.status == 303 and things.sees(number)["files"] == ("1/a.pdf", "3/b.pdf")
    assert send(things.page(things.ben, number)).status == 303  # nothing touched, nothing lost
    assert things.sees(number)["files"] == ("1/a.pdf", "3/b.pdf")
    answer = send(things.page(things.ben, number), files=["", "3/b.pdf"])
    assert things.sees(number)["files"] == ("3/b.pdf",)
    assert fetch(things.ben, f"{LIST}{number}/files/1/a.pdf").status_code == 404
    assert "a.pdf" in things.page(things.ben, number).text  # as history tells


def test_an_upload_survives_a_mistake_elsewhere(things):
    page = send(things.page(things.ben), about="Thing", count="many", files=upload(PDF, "a.pdf"))
    assert page.status == 422 and "a.pdf" in page.text
    assert page.form().fields["files"] == "1/a.pdf"
    waiting = f"{LIST}files/1/a.pdf"
    assert waiting in page.html
    assert fetch(things.ben, waiting).data == PDF
    assert fetch(things.cleo, waiting).status_code == fetch(things.gil, waiting).status_code == 404
    answer = send(page, count="3")
    assert answer.status == 303
    number = int(answer.location.rpartition("/")[2])
    assert things.sees(number)["files"] == ("1/a.pdf",)
    assert fetch(things.ben, waiting).status_code == 404
    assert fetch(things.ben, f"{LIST}{number}/files/1/a.pdf").data == PDF


def test_a_question_takes_files_too(things):
    number = made(things)
    question = Page(things.ben, things.ben.get(f"{LIST}{number}/transitions/finish"))
    assert 'enctype="multipart/form-data"' in question.html
    form = question.form("question")
    answer = things.ben.post(form.action, {**form.fields, "files": upload(PDF, "proof.pdf")}, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert things.sees(number)["files"] == ("1/proof.pdf",)


REFUSED = (
    ("files", b"", "nothing.txt", "“nothing.txt” is empty."),
    ("files", b"MZ\x90\x00", "report.pdf", "“report.pdf” is a program; programs are not taken."),
    ("files", PDF, "report.exe", "“report.exe” is a program; programs are not taken."),
    ("files", PNG, "report.pdf", "“report.pdf” is not what its name says."),
    ("pictures", PDF, "front.png", "“front.png” is none of these: pictures (PNG, JPEG, GIF, WebP)."),
    ("pictures", b"<svg onload='alert(1)'/>", "front.svg", "“front.svg” is none of these: pictures (PNG, JPEG, GIF, WebP)."),
)


def test_what_is_not_taken_is_said_beside_its_field(things):
    for field, content, name, said in REFUSED:
        page = send(things.page(things.ben), about="Typed", **{field: upload(content, name)})
        assert page.status == 422
        assert re.search(rf'id="f-{field}-error">.*?{re.escape(said)}', page.html, re.S), said
        assert page.form().fields["about"] == "Typed"
        assert kept(things) == [] and contents(things) == set()


def test_a_file_beyond_the_bound_is_said_beside_its_field(things):
    """The bound of the installation here; that of the field where it is smaller."""
    config = things.house.app.extensions["formloom"]
    config.__dict__["max_file"] = 300_000
    page = send(things.page(things.ben), about="Typed", files=upload(b"x" * 300_001, "big.bin"))
    assert page.status == 422 and page.form().fields["about"] == "Typed"
    assert re.search('id="f-files-error">.*?“big.bin” is too large: at most 0.286 MB.', page.html, re.S)
    assert kept(things) == [] and contents(things) == set()
    with things.workspace.reading() as connection:
        form = open_app(things.workspace, connection, "things").form("every")
    assert bounds_of(form, "files", 20 * MEGABYTE).size == MEGABYTE


def test_too_many_files_are_all_still_there_to_choose_from(things):
    page = send(things.page(things.ben), about="x", files=[upload(PDF, f"{n}.pdf") for n in range(4)])
    assert page.status == 422 and "At most 3 files; these are 4." in page.text
    assert len(page.form().fields["files"]) == 4
    assert send(page, files=page.form().fields["files"][:3]).status == 303


def test_a_request_beyond_all_bounds_is_refused(things):
    page = things.page(things.ben)
    page.client.app.extensions["formloom"].__dict__["max_file"] = 1000
    page.client.app.extensions["formloom"].__dict__["max_body"] = 20_000
    answer = send(page, about="x", files=upload(b"x" * 100_000, "a.txt"))
    assert answer.status == 413 and contents(things) == set()


# who may have them


def test_a_file_is_seen_by_whoever_reads_its_field_at_the_present_step(things):
    number = made(things, files=upload(PDF, "a.pdf"), pictures=upload(PNG, "b.png"))
    file, picture = f"{LIST}{number}/files/1/a.pdf", f"{LIST}{number}/files/2/b.png"
    assert fetch(things.gil, file).status_code == 200
    assert fetch(things.cleo, picture).status_code == 200
    assert fetch(things.cleo, file).status_code == 404  # masked
    masked = things.page(things.cleo, number)
    assert "a.pdf" not in masked.html and "••••••" in masked.html
    things.do("ben").perform("every", number, "finish")
    assert fetch(things.gil, file).status_code == 404
    assert fetch(things.gil, picture).status_code == 404
    assert things.house.browser().get(file).status_code == 303  # to sign in


def test_no_other_address_gives_a_file(things):
    made(things, files=upload(PDF, "a.pdf"))
    made(things)
    for where in ("1/files/1/b.pdf", "2/files/1/a.pdf", "1/files/9/a.pdf", "1/files/1/..%2Fa.pdf", "files/1/a.pdf"):
        assert fetch(things.ben, LIST + where).status_code == 404, where


def test_nobody_names_a_file_that_is_not_theirs_to_give(things):
    first = made(things, files=upload(PDF, "a.pdf"))
    second = made(things)
    send(things.page(things.ben), about="x", count="many", files=upload(PDF, "waiting.pdf"))
    page = things.page(things.ben, second)
    for reference in ("1/a.pdf", "1/other.pdf", "2/other.pdf", "7/a.pdf"):
        assert send(page, files=reference).status == 422
    stolen = things.page(things.house.browser(BEN), second)
    with things.workspace.writing() as connection:
        connection.execute(sa.update(attachment).where(attachment.c.id == 2).values(uploaded_by=3))
    assert send(stolen, files="2/waiting.pdf").status == 422
    with things.workspace.writing() as connection:
        connection.execute(sa.update(attachment).where(attachment.c.id == 2).values(uploaded_by=2))
    assert send(page, pictures="2/waiting.pdf").status == 422  # for another field
    assert send(page, files="2/waiting.pdf").status == 303
    assert send(things.page(things.ben, first), files=["1/a.pdf", "2/waiting.pdf"]).status == 422  # used already


def test_files_for_a_field_that_is_not_open_are_not_even_kept(things):
    number = made(things)
    page = things.page(things.cleo, number)
    assert send(page, about="x", files=upload(PDF, "a.pdf")).status == 422
    assert send(page, about="x", nothing=upload(PDF, "a.pdf")).status == 422
    assert kept(things) == []


def test_one_person_cannot_fill_the_disk_with_what_is_never_saved(things, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_WAITING", 2)
    for _ in range(2):
        send(things.page(things.ben), about="x", count="many", files=upload(PDF, "a.pdf"))
    page = send(things.page(things.ben), about="x", files=upload(PDF, "a.pdf"))
    assert page.status == 422 and "Too many uploads wait to be saved" in page.text
    assert len(contents(things)) == 2


# what is left behind


def test_what_nobody_claims_goes_after_a_day(things):
    number = made(things, files=upload(PDF, "kept.pdf"))
    send(things.page(things.ben), about="x", count="many", files=upload(PDF, "left.pdf"))
    cut_off = things.workspace.files / "incoming" / "cutoff"
    cut_off.parent.mkdir(exist_ok=True)
    cut_off.write_bytes(b"half")
    assert purge(things.workspace, utc_now()) == 0 and len(contents(things)) == 3
    assert purge(things.workspace, utc_now() + timedelta(days=1, minutes=1)) == 2
    assert [row.name for row in kept(things)] == ["kept.pdf"]
    assert len(contents(things)) == 1
    assert fetch(things.ben, f"{LIST}{number}/files/1/kept.pdf").data == PDF


def test_a_content_that_was_not_moved_on_is_found_and_moved_later(things):
    number = made(things, files=upload(PDF, "a.pdf"))
    (row,) = kept(things)
    settled = things.workspace.files / row.content[:2] / row.content
    arrived = things.workspace.files / "incoming" / row.content
    settled.rename(arrived)
    assert fetch(things.ben, f"{LIST}{number}/files/1/a.pdf").data == PDF
    os.utime(arrived, (0, 0))
    assert purge(things.workspace, utc_now()) == 0
    assert settled.exists() and not arrived.exists()


def test_a_content_that_is_lost_or_other_is_told(things):
    number = made(things, files=[upload(PDF, "a.pdf"), upload(PDF, "b.pdf")])
    first, second = (things.workspace.files / row.content[:2] / row.content for row in kept(things))
    first.write_bytes(b"other")
    second.unlink()
    assert [re.sub(r"\d", "n", one) for one in check(things.workspace)] == [
        "file n (a.pdf) is not what was uploaded", "file n (b.pdf) has no content",
    ]  # fmt: skip
    assert fetch(things.ben, f"{LIST}{number}/files/2/b.pdf").status_code == 404


def test_a_backup_holds_the_files(things, tmp_path):
    number = made(things, files=upload(PDF, "a.pdf"), pictures=upload(PNG, "b.png"))
    with things.house.app.app_context():
        back_up("demo", tmp_path / "demo.backup")
        restore(tmp_path / "demo.backup", "again", "Again")
    again = things.house.app.extensions["workspaces"]["again"]
    assert check(again) == []
    assert {file.name for file in again.files.rglob("*") if file.is_file()} == contents(things)
    with again.reading() as connection:
        assert not sa.inspect(connection).has_table("backup_content")
        assert connection.scalar(sa.select(sa.func.count()).select_from(attachment)) == 2
    ben = things.house.browser(BEN)
    ben.post("/workspaces/again/choice")
    assert fetch(ben, f"{LIST}{number}/files/1/a.pdf").data == PDF
