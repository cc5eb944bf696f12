"""What a class consists of: every item is found, and none reaches out of its own folder."""

import bz2
import contextlib
import gzip
import lzma
import zipfile
from random import Random

import pytest

from cnn_conformance.batch import archives, submissions
from cnn_conformance.batch.submissions import BadSubmissions, Submission, find
from tests.planted import clumsy_class
from tests.planted.batches import RIGHT, WRONG, link, write, zipped

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


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("/etc/planted.py", "x", "an absolute path"),
        ("C:\\planted.py", "x", "an absolute path"),
        ("../planted.py", "x", "leads outside"),
        ("a/../../planted.py", "x", "leads outside"),
        ("..\\planted.py", "x", "leads outside"),
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


# --- what is no submission, and too much of one ---------------------------------------------------


def found(folder, tmp_path):
    return {s.name: s for s in find(folder, tmp_path / "work")}


def test_a_folder_with_too_many_files_or_bytes_is_a_problem_of_its_own(tmp_path, monkeypatch):
    source = write(tmp_path / "class", anna=RIGHT)
    write(source / "many", **{f"m{k}": RIGHT for k in range(4)})
    write(source / "large", relu=RIGHT, other=RIGHT * 4)
    monkeypatch.setattr(submissions, "MAX_FILES", 3)
    monkeypatch.setattr(submissions, "MAX_BYTES", 4 * len(RIGHT))
    came = found(source, tmp_path)
    assert came["anna"].problem == ""
    assert came["many"].problem == "more than 3 files"
    assert came["large"].problem.startswith("more than ")


def test_a_changed_file_or_link_changes_the_hash_and_a_cache_does_not(tmp_path):
    source = write(tmp_path / "class")
    write(source / "anna", relu=RIGHT)

    def digest():
        return found(source, tmp_path)["anna"].digest

    seen = [digest()]
    (source / "anna" / "__pycache__").mkdir()
    (source / "anna" / "__pycache__" / "relu.pyc").touch()
    assert digest() == seen[0]
    for change in (
        lambda: (source / "anna" / "new.py").touch(),
        lambda: (source / "anna" / "link.py").symlink_to("relu.py"),
        lambda: write(source / "anna", relu=WRONG),
    ):
        change()
        assert digest() not in seen
        seen.append(digest())


def test_a_class_that_lies_below_a_folder_with_an_ignored_name_is_found(tmp_path):
    source = tmp_path / ".git" / "class"
    source.mkdir(parents=True)
    write(source / "anna", relu=RIGHT)
    before = found(source, tmp_path)["anna"].digest
    write(source / "anna", relu=WRONG)
    assert found(source, tmp_path)["anna"].digest != before


@pytest.mark.parametrize("path", ["link/relu.py", "link", "anna.py"])
def test_no_link_below_a_table_is_followed(path, tmp_path):
    write(tmp_path / "real", relu=RIGHT)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "class" / "anna.py").symlink_to(tmp_path / "real" / "relu.py")
    (tmp_path / "class" / "class.csv").write_text(f"name,path\nanna,{path}\n", "utf-8")
    (anna,) = find(tmp_path / "class" / "class.csv", tmp_path / "work")
    assert "link" in (anna.problem or anna.not_graded)


def test_a_table_that_names_somebody_twice_is_refused_with_both_lines(tmp_path):
    listed = tmp_path / "class.csv"
    listed.write_text("name,path\nanna,a.py\nbert,b.py\nanna,c.py\n", "utf-8")
    with pytest.raises(BadSubmissions, match="line 4: the name 'anna' is in line 2 too"):
        find(listed, tmp_path / "work")


@pytest.mark.parametrize("path", ["x" * 5_000, "x/" * 2_000, "a\x1fb", "../nowhere", "/dev/zero"])
def test_a_path_of_a_table_may_be_anything(path, tmp_path):
    listed = tmp_path / "class.csv"
    listed.write_text(f"name,path\nanna,{path}\n", "utf-8")
    (anna,) = find(listed, tmp_path / "work")
    assert anna.error or anna.not_graded


def test_an_unexpected_mistake_is_withheld_from_one_and_from_no_other(tmp_path, monkeypatch):
    source = write(tmp_path / "class", anna=RIGHT, bert=RIGHT)
    real = submissions._digest

    def digest(item):
        return 1 // 0 if item.name == "anna" else real(item)

    monkeypatch.setattr(submissions, "_digest", digest)
    came = found(source, tmp_path)
    assert "ZeroDivisionError" in came["anna"].error
    assert came["bert"] == Submission(
        "bert", came["bert"].target, came["bert"].digest, problem="", not_graded="", error=""
    )


def test_a_stray_file_renames_nobody(tmp_path):
    source = write(tmp_path / "class", anna=RIGHT)
    for name in ("anna.txt", "anna.docx"):
        (source / name).touch()
    assert list(found(source, tmp_path)) == ["anna", "anna.docx", "anna.txt"]


# --- archives of other kinds ---------------------------------------------------------------------


def test_a_tar_file_that_is_damaged_in_the_middle_is_not_taken_for_a_shorter_one(tmp_path):
    one = [clumsy_class.tarred(name=f"{name}.py")[:1536] for name in "abc"]
    path = tmp_path / "anna.tar"
    path.write_bytes(b"".join(one) + b"\0" * 1024)
    unpack(path, tmp_path / "whole")
    assert len(list((tmp_path / "whole").iterdir())) == 3
    damaged = bytearray(one[1])
    damaged[148:156] = b"\xff" * 8  # the sum over the second file's header
    path.write_bytes(one[0] + damaged + one[2] + b"\0" * 1024)
    with pytest.raises(archives.BadArchive, match="damaged"):
        unpack(path, tmp_path / "again")


@pytest.mark.parametrize(
    ("ending", "share"),
    [
        (ending, share)
        for ending in (".tar.gz", ".tar.bz2", ".tar.xz", ".py.gz", ".zip")
        for share in (0.0, 0.3, 0.7)
        if (ending, share) != (".py.gz", 0.0)  # which Python takes for one of nothing
    ],
)
def test_an_archive_that_was_cut_off_is_not_opened(ending, share, tmp_path):
    pack = {
        ".tar.gz": lambda: gzip.compress(clumsy_class.tarred()),
        ".tar.bz2": lambda: bz2.compress(clumsy_class.tarred()),
        ".tar.xz": lambda: lzma.compress(clumsy_class.tarred()),
        ".py.gz": lambda: gzip.compress(RIGHT.encode()),
        ".zip": lambda: clumsy_class._packed("relu.py", zipfile.ZIP_DEFLATED),
    }
    data = pack[ending]()
    path = tmp_path / f"anna{ending}"
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(archives.BadArchive, match="damaged"):
        unpack(path, tmp_path / "unpacked")


def test_any_damage_to_an_archive_is_said_of_it_alone(tmp_path):
    random = Random(0)
    packed = [clumsy_class._packed("relu.py", m) for m in (0, 8, 12, 14)]
    packed += [clumsy_class.tarred()[:2048]]
    for data in packed:
        path = tmp_path / ("a.tar" if data is packed[-1] else "a.zip")
        for number in range(60):
            damaged = bytearray(data)
            for _ in range(8):
                damaged[random.randrange(len(damaged))] = random.randrange(256)
            path.write_bytes(damaged)
            with contextlib.suppress(archives.BadArchive):
                unpack(path, tmp_path / f"{data[:9].hex()}-{len(data)}-{number}")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("n" * 256 + ".py", "too long"),
        ("/".join(["d"] * 70) + "/a.py", "too long"),
        ("/".join(["d" * 200] * 6) + "/a.py", "too long"),
    ],
)
def test_a_path_that_no_file_system_takes_is_the_archive_s_own_problem(name, why, tmp_path):
    with pytest.raises(archives.BadArchive, match=why):
        unpack(zipped(tmp_path / "a.zip", {name: ""}), tmp_path / "unpacked")


def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path):
    for place, members in enumerate(({"a": "", "A/b.py": ""}, {"a/b.py": "", "A": ""})):
        with pytest.raises(archives.BadArchive, match="same name"):
            unpack(zipped(tmp_path / "a.zip", members), tmp_path / str(place))


def test_a_table_of_contents_without_end_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1_000)
    path = zipped(tmp_path / "a.zip", {f"{k}.py": "" for k in range(30)})
    with pytest.raises(archives.BadArchive, match="table of contents"):
        unpack(path, tmp_path / "unpacked")
