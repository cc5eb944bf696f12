"""The site as it is built: no warning, no dead link, nothing from elsewhere."""

import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from cnn_conformance import units
from cnn_conformance.mistakes.catalogue import catalogue
from cnn_conformance.oracle import specification
from cnn_conformance.site import command, field_guide
from tests import ROOT

LOADED = {"script": "src", "img": "src", "link": "href", "source": "src", "iframe": "src"}
MOST_BYTES = 400_000
"""Of a page of a unit: what a slow connection still carries."""


class Page(HTMLParser):
    """What a page links to, what it loads, and which places it has."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.places = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("id"):
            self.places.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        is_meta = tag == "link" and given.get("rel") in ("canonical", "next", "prev", "search")
        if tag in LOADED and given.get(LOADED[tag]) and not is_meta:
            self.loaded.add(given[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "cnn_conformance", "docs", "--out", str(folder), "--jobs", "2"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site):
    files = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {path: Page(path.read_text("utf-8")) for path in files}


@pytest.mark.sphinx
def test_every_link_leads_somewhere(site, pages):
    assert len(pages) > 90
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link == "#":
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            is_dead = not there.exists()
            if not is_dead and parts.fragment and there.suffix == ".html":
                is_dead = unquote(parts.fragment) not in pages[site.resolve() / there].places
            dead += [f"{path.name}: {link}"] * is_dead
    assert dead == []


@pytest.mark.sphinx
def test_nothing_is_loaded_from_elsewhere(site, pages):
    for path, page in pages.items():
        for address in page.loaded:
            assert not re.match(r"\w+:|//", address), f"{path.name}: {address}"
            assert (path.parent / urlsplit(address).path).exists(), f"{path.name}: {address}"
    for style in site.rglob("*.css"):
        text = style.read_text("utf-8")
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", text), style


@pytest.mark.sphinx
def test_every_unit_has_its_requirements_and_its_mistakes(site, pages):
    named = {path.name: page for path, page in pages.items() if path.parent.name == "units"}
    for requirement in specification.requirements().values():
        stem = units.of(requirement.unit).stem
        assert requirement.id in named[f"{stem}.html"].places
    for row in units.ROWS:
        path = site / "units" / f"{row.stem}.html"
        text = path.read_text("utf-8")
        assert len(text.encode()) < MOST_BYTES, path.name
        assert '<svg role="img"' in text
        assert "<math" in text or row.name == "Network"
        for mistake in catalogue():
            if mistake.unit == row.name:
                assert field_guide.html.text(mistake.title.split("`")[0]) in text, mistake.name


@pytest.mark.sphinx
def test_formulas_are_written_by_the_browser(site):
    text = (site / "units" / "batchnorm2d.html").read_text("utf-8")
    assert "<mfrac>" in text
    assert "$$" not in unescape(text)
    assert (site / "_static" / "STIXTwoMath-Regular.ttf").exists()


@pytest.mark.sphinx
def test_the_same_picture_is_drawn_twice():
    from cnn_conformance.site import pictures

    assert pictures.picture("conv2d") == pictures.picture("conv2d")
    for stem in ("sgd", "conv2d"):
        written = re.findall(r"<text[^>]*>", pictures.picture(stem)[1])
        assert written
        assert all("fill: " in text for text in written)  # black is not to be seen by night
    assert all(pictures.picture(stem)[0] for stem in ("relu", "training", "lstm"))


@pytest.mark.sphinx
def test_a_unit_without_a_picture_has_the_arrays_of_its_first_case():
    from cnn_conformance.site import pictures

    caption, drawn = pictures.example("conv1d")
    assert caption.endswith(
        "One channel, one filter, an asymmetric kernel: exposes a reversed kernel."
    )
    assert all(f">{name}</text>" in drawn for name in ("x[0]", "weight[0]", "y[0]", "dx[0]"))
    with pytest.raises(LookupError, match="he_normal: no function of that name"):
        pictures.example("he_normal")


@pytest.mark.sphinx
def test_a_diff_shows_what_a_mistake_changes():
    (mistake,) = (m for m in catalogue() if (m.unit, m.name) == ("ReLU", "derivative one at zero"))
    entry = field_guide._entry([mistake])
    assert "<del>" in entry
    assert "<ins>" in entry
    assert 'href="relu.html#RELU-22"' in entry


@pytest.mark.sphinx
@pytest.mark.parametrize(
    "wrong",
    [
        "[no page](nowhere.md)",
        "[no file](../nowhere.py)",
        "$$\n\\frac{1}{\n$$",
        "$\\nosuchcommand$",
        "# A\n\n### C",
    ],
)
def test_a_page_that_is_wrong_is_an_error(wrong, tmp_path):
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_text((ROOT / "docs" / "conf.py").read_text("utf-8"), "utf-8")
    (source / "_static").mkdir()
    (source / "_static" / "site.css").touch()
    (source / "index.md").write_text(f"# Title\n\n{wrong}\n", "utf-8")
    code = (
        "import pathlib, sys; from cnn_conformance.site import command; "
        "command.SOURCE = pathlib.Path(sys.argv[1]); sys.exit(command.main(sys.argv[2:]))"
    )
    words = [sys.executable, "-c", code, str(source), "--out", str(tmp_path / "out")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.search(r"index(\.md)?\b.*: WARNING", done.stderr), done.stderr


# --- the command ---------------------------------------------------------------------------------


def test_without_sphinx_the_command_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "NEEDED", ("numpy", "no_such_module"))
    assert command.main(["--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "docs needs no_such_module: pip install" in said
    assert "myst-parser" in said


@pytest.mark.sphinx
def test_a_file_is_no_folder(tmp_path, capsys):
    file = tmp_path / "taken"
    file.touch()
    assert command.main(["--out", str(file)]) == 2
    assert "is a file, expected a folder" in capsys.readouterr().err
