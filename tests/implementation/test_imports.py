"""What the source of an implementation is found to import."""

from cnn_conformance.implementation.imports import named


def write(folder, **texts):
    for path, text in texts.items():
        file = folder / f"{path.replace('__', '/')}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def test_modules_and_packages_beside_a_file_are_its_own(tmp_path):
    write(tmp_path, submission="import helper\nfrom parts import conv\n")
    write(tmp_path, helper="import numpy\n", parts__conv="x = 1\nimport scipy\n")
    found = dict(named(str(tmp_path / "submission.py")))
    assert found == {"numpy": "helper.py, line 1", "scipy": "parts/conv.py, line 2"}


def test_what_nothing_imports_is_not_looked_at(tmp_path):
    write(tmp_path, submission="import numpy\n", others__conv="import scipy\n")
    assert [module for module, _ in named(str(tmp_path / "submission.py"))] == ["numpy"]


def test_files_that_import_each_other_are_read_once(tmp_path):
    write(tmp_path, a="import b\nimport c.one\n", b="import a\n", c__one="import a\nimport torch\n")
    assert dict(named(str(tmp_path / "a.py"))) == {"torch": "c/one.py, line 2"}
