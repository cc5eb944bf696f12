"""What a class consists of: every item is found, and none reaches out of its own folder."""

import zipfile

import pytest
from planted.batches import RIGHT, write, zipped

from cnn_conformance.batch import archives
from cnn_conformance.batch.submissions import BadSubmissions, find

# --- what is found -------------------------------------------------------------------------------


def test_folders_files_and_archives_are_found_by_name(tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    write(source / "bert", relu=RIGHT)
    zipped(source / "carl.zip", {"carl/work/relu.py": RIGHT, "__MACOSX/carl/._relu.py": "x"})
    found = {s.name: s for s in find(source, tmp_path / "work")}
    assert list(found) == ["anna", "bert", "carl"]
    assert found["carl"].target.name == "work"
    assert [p.name for p in found["anna"].target.parent.iterdir()] == ["anna.py"]
    assert len({s.digest for s in found.values()}) == 3


def test_a_table_names_submissions(tmp_path):
    write(tmp_path / "files", one=RIGHT)
    listed = tmp_path / "class.csv"
    listed.write_text("name,path\nAnna A.,files/one.py\nBert,files/two.py\n", "utf-8")
    anna, bert = find(listed, tmp_path / "work")
    assert (anna.name, anna.problem, anna.error) == ("Anna A.", "", "")
    assert bert.error == f"{tmp_path}/files/two.py: there is no such file or folder"


@pytest.mark.parametrize("text", ["who,where\na,b\n", "name,path\nanna,\n"])
def test_a_table_without_its_columns_is_refused(text, tmp_path):
    listed = tmp_path / "class.csv"
    listed.write_text(text, "utf-8")
    with pytest.raises(BadSubmissions, match="expected a name and a path"):
        find(listed, tmp_path / "work")


def test_nothing_to_grade_is_said(tmp_path):
    with pytest.raises(BadSubmissions, match="found nothing"):
        find(tmp_path, tmp_path / "work")
    with pytest.raises(BadSubmissions, match="no such folder"):
        find(tmp_path / "nowhere", tmp_path / "work")


def test_files_and_folders_of_one_name_are_told_apart(tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    write(source / "anna", relu=RIGHT)
    assert [s.name for s in find(source, tmp_path / "work")] == ["anna", "anna.py"]


def unpack(path, folder):
    with path.open("rb") as file:
        archives.unpack(file, path.name, folder)


# --- archives ------------------------------------------------------------------------------------


def link(target):
    member = zipfile.ZipInfo("link.py")
    member.external_attr = 0o120777 << 16
    return member, target


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("/etc/planted.py", "x", "an absolute path"),
        ("C:\\planted.py", "x", "an absolute path"),
        ("../planted.py", "x", "leads out of it"),
        ("a/../../planted.py", "x", "leads out of it"),
        ("..\\planted.py", "x", "leads out of it"),
        (*link("/etc/passwd"), "a link"),
    ],
)
def test_an_archive_that_reaches_out_is_not_opened(name, text, why, tmp_path):
    archive = zipped(tmp_path / "evil.zip", {name: text})
    with pytest.raises(archives.BadArchive, match=why):
        unpack(archive, tmp_path / "inside" / "unpacked")
    assert not list(tmp_path.rglob("planted.py"))


def test_a_bomb_is_stopped_by_what_comes_out_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1 << 20)
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros.py", b"\0" * (4 << 20))
    data = archive.read_bytes()
    small = (10).to_bytes(4, "little")
    archive.write_bytes(data.replace((4 << 20).to_bytes(4, "little"), small))  # a header that lies
    with pytest.raises(archives.BadArchive):
        unpack(archive, tmp_path / "unpacked")
    archive.write_bytes(data)
    with pytest.raises(archives.BadArchive, match="more than 1 MiB"):
        unpack(archive, tmp_path / "again")


def test_too_many_files_and_two_of_one_name_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_FILES", 3)
    many = zipped(tmp_path / "many.zip", {f"{i}.py": "" for i in range(4)})
    with pytest.raises(archives.BadArchive, match="more than 3 files"):
        unpack(many, tmp_path / "unpacked")
    twice = zipped(tmp_path / "twice.zip", {"relu.py": "1", "ReLU.py": "2"})
    with pytest.raises(archives.BadArchive, match="same name"):
        unpack(twice, tmp_path / "unpacked")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_archive_is_a_problem_of_one_submission(data, tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    (source / "bert.zip").write_bytes(data)
    anna, bert = find(source, tmp_path / "work")
    assert not anna.problem
    assert "not opened" in bert.problem
