"""`grade PATH`: the specification's names, else a style, else a draft."""

import pytest

from cnn_conformance import check, practice, watch
from cnn_conformance.adapt import automatic
from cnn_conformance.implementation import styles
from cnn_conformance.reports import gradescope, html, markdown, phrases
from tests import ROOT
from tests.adapt.drafting import FOREIGN
from tests.grade import grade, in_worker, printed
from tests.planted.batches import CRASHES

OTHER_CONV2D = """
import numpy as np

class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.W = np.random.standard_normal((out_channels, in_channels, kernel_size, kernel_size))

    def forward(self, x):
        return x
"""


@pytest.fixture(scope="module")
def through_a_draft(tmp_path_factory):
    place = tmp_path_factory.mktemp("result")
    made = automatic.adapted(in_worker(FOREIGN / "gradients_in_dicts.py"), place)
    return place, grade(made, "DENSE-1")


def test_code_without_the_names_is_graded_through_a_draft_that_is_kept(through_a_draft):
    place, graded = through_a_draft
    assert "class Dense(runtime.Dense):" in (place / "adapter.py").read_text("utf-8")
    assert graded.document["style"] == str(place / "adapter.py")
    assert not graded.not_passed


def test_a_draft_itself_is_graded_for_the_code_that_it_names(tmp_path):
    from cnn_conformance.adapt.command import main as adapt

    (tmp_path / "code").mkdir()
    code = tmp_path / "code" / "layers.py"
    code.write_text((FOREIGN / "gradients_in_dicts.py").read_text("utf-8"), "utf-8")
    assert adapt([str(code), "--out", str(tmp_path / "adapter.py")]) == 0
    assert not grade(in_worker(tmp_path / "adapter.py"), "DENSE-1").not_passed


def test_the_report_names_the_draft_and_lists_what_it_assumes(through_a_draft, monkeypatch):
    _, graded = through_a_draft
    assert (
        "Dense: class `Affine` of gradients_in_dicts.py, line 6, NI"
        in (graded.document["assumptions"])
    )
    monkeypatch.setenv("COLUMNS", "40")  # fewer than a path has characters, which stays whole
    assert f"Graded through\n{graded.document['style']}," in printed(graded.document)
    monkeypatch.setenv("COLUMNS", "100")
    assert (
        "  - Dense: class `Affine` of gradients_in_dicts.py, line 6, NI\n"
        in f"{printed(graded.document)}\n"
    )


def test_every_report_lists_what_a_draft_assumes(through_a_draft):
    _, graded = through_a_draft
    assert "\n- Dense: class \\`Affine\\`" in markdown.render(graded.document)
    assert "<li>Dense: class `Affine` of" in html.render(graded.document)
    assert "\\n- Dense: class" in gradescope.render(graded.document)


def test_code_of_the_specification_that_cannot_be_imported_is_not_drafted(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    text = """
import nowhere

class Dense:
    def __init__(self, in_features, out_features, bias=True):
        self.params, self.grads = {"weight": None}, {}

    def forward(self, x):
        return x @ self.params["weight"].T
"""
    (folder / "dense.py").write_text(text, "utf-8")
    made = automatic.adapted(in_worker(folder), tmp_path)
    made.end()
    assert (made.style, made.assumptions) == ("", ())
    assert "nowhere" in made.problems[0]


def test_of_a_folder_of_folders_nothing_is_said_to_have_failed(tmp_path):
    folder = tmp_path / "course" / "net"
    folder.mkdir(parents=True)
    text = OTHER_CONV2D.replace("Conv2D", "ConvLayer")
    (folder / "layers.py").write_text(text, "utf-8")
    made = automatic.adapted(in_worker(tmp_path / "course"), tmp_path)
    made.end()
    assert made.assumptions
    assert not [each for each in made.assumptions if each.startswith("only definitions")]


def test_what_ends_at_its_import_is_not_drafted_by_its_definitions(tmp_path):
    file = tmp_path / "ended.py"
    file.write_text(CRASHES, "utf-8")
    code = in_worker(file)
    assert automatic.adapted(code, None) is code


def test_an_import_that_fails_is_among_the_assumptions(tmp_path):
    file = tmp_path / "layers.py"
    file.write_text("import nowhere\n" + OTHER_CONV2D.replace("Conv2D", "ConvLayer"), "utf-8")
    made = automatic.adapted(in_worker(file), tmp_path)
    made.end()
    (said,) = (each for each in made.assumptions if each.startswith("only definitions are loaded"))
    assert "No module named 'nowhere'" in said


def adapted(file, text):
    """Return what is graded of a file with some code, where the draft is kept beside it."""
    file.write_text(text, "utf-8")
    return automatic.adapted(in_worker(file), file.parent)


def test_what_a_draft_cannot_call_is_not_said_to_be_wrong(tmp_path):
    text = "class Dense:\n    def __init__(self, n_in, n_out):\n        self.plan = None\n"
    text += "    def forward(self, x):\n        return x @ self.plan.weight\n"
    made = adapted(tmp_path / "layers.py", text)
    titles = grade(made, "DENSE-1").titles("Dense")
    assert "the code may be right" in titles[0]
    assert "not computed in any case: AttributeError" in titles[1]


def test_what_answers_is_said_to_be_wrong_though_no_call_fits(tmp_path):
    text = "import numpy as np\n\nclass Linear:\n    def __init__(self, n_in, n_out):\n"
    text += "        self.W = np.ones((n_in, n_out))\n\n    def forward(self, x):\n"
    text += "        return (x @ self.W)[:, 1:]\n"
    made = adapted(tmp_path / "cut.py", text)
    assert "Dense" in made.guessed
    assert not any("may be right" in title for title in grade(made, "DENSE-1").titles("Dense"))


def test_an_optimizer_that_is_not_reached_is_not_said_to_be_wrong(tmp_path):
    text = "class SGD:\n    def __init__(self, lr=0.1):\n        self.lr = lr\n\n"
    text += "    def update(self, layer):\n        if hasattr(layer, 'trainable_table'):\n"
    text += "            layer.w -= self.lr * layer.dw\n"
    made = adapted(tmp_path / "descent.py", text)
    assert "SGD" in made.guessed
    assert "the code may be right" in grade(made, "SGD-1").titles("SGD")[0]


def test_the_names_of_the_specification_with_another_meaning_are_no_interface(tmp_path):
    file = tmp_path / "layers.py"
    file.write_text(OTHER_CONV2D, "utf-8")
    made = in_worker(file)
    assert automatic.is_foreign(made)
    made.end()


def test_a_name_of_the_specification_beside_layers_with_other_names_is_no_interface(tmp_path):
    activation = "class ReLU:\n    def forward(self, x): return x\n"
    (tmp_path / "layers.py").write_text(activation, "utf-8")
    for others, is_foreign in (("", False), (OTHER_CONV2D.replace("Conv2D", "ConvLayer"), True)):
        (tmp_path / "layers.py").write_text(activation + others, "utf-8")
        made = in_worker(tmp_path / "layers.py")
        assert made.units == {"ReLU"}
        assert automatic.is_foreign(made) == is_foreign
        made.end()


FOREIGN_SGD = """
class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = params, lr

    def update(self, grads):
        for key in self.params:
            self.params[key] -= self.lr * grads[key]

def predict(model, x):
    return model.forward(x)
"""


@pytest.mark.parametrize(
    ("text", "units", "is_foreign"),
    [
        (FOREIGN_SGD, {"SGD", "predict"}, True),
        (
            FOREIGN_SGD.replace("update(self, grads)", "step(self, params, grads)"),
            {"SGD", "predict"},
            False,
        ),
        (FOREIGN_SGD.replace("class SGD", "class GradientDescent"), {"predict"}, True),
        (OTHER_CONV2D + "        self.params, self.grads = {'W': self.W}, {}\n", {"Conv2D"}, True),
    ],
    ids=["another step", "the specification's step", "names that tell nothing", "other keys"],
)
def test_an_interface_is_told_by_what_classes_do(tmp_path, text, units, is_foreign):
    (tmp_path / "code.py").write_text(text, "utf-8")
    made = in_worker(tmp_path / "code.py")
    assert made.units == units
    assert automatic.is_foreign(made) == is_foreign
    made.end()


@pytest.mark.parametrize("options", [{"style": "none"}, {}], ids=["style", "own names"])
def test_code_that_has_an_interface_is_left_alone(tmp_path, options):
    file = tmp_path / "layers.py"
    text = OTHER_CONV2D + (
        "" if options else "        self.params, self.grads = {'weight': self.W}, {}\n"
    )
    file.write_text(text, "utf-8")
    made = in_worker(file, **options)
    assert automatic.adapted(made, tmp_path) is made
    made.end()


def test_a_draft_that_is_asked_for_is_made_whatever_the_code_exports(tmp_path):
    own = tmp_path / "layers.py"
    own.write_text(
        OTHER_CONV2D + "        self.params, self.grads = {'weight': self.W}, {}\n", "utf-8"
    )
    made = automatic.adapted(in_worker(own, style="layers"), tmp_path)
    assert made.style == str(tmp_path / "adapter.py")
    assert made.units == {"Conv2D"}
    made.end()


def test_a_draft_that_is_asked_for_and_not_found_leaves_no_unit_and_says_why(tmp_path):
    (tmp_path / "other.py").write_text("def fit(): pass\n", "utf-8")
    made = automatic.adapted(in_worker(tmp_path / "other.py", style="layers"), tmp_path)
    assert not made.units
    assert "no adapter could be drafted" in made.problems[-1]
    made.end()


def test_where_nothing_is_drafted_the_style_says_how_to():
    with pytest.raises(styles.NoStyle, match="cnn-conformance adapt PATH"):
        check({"ReLU": object}["ReLU"], unit="ReLU", style="layers")


def test_a_script_for_a_failure_is_made_through_the_draft(through_a_draft):
    _, graded = through_a_draft
    told = phrases.reproduction(graded.document, {"id": "DENSE-1"})
    assert f" --style={graded.document['style']}" in told


BESIDE = """

class DropoutLayer:
    def __init__(self, rate):
        self.rate, self.training = rate, True

    def forward(self, x):
        self.mask = np.ones(x.shape)
        if self.training:
            self.mask = (np.random.random(x.shape) >= self.rate) / (1 - self.rate)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class RMSProp:
    def step(self, this, cannot, be, called):
        pass
"""


def test_units_that_a_style_lacks_are_drafted_beside_it(tmp_path):
    code = tmp_path / "code.py"
    example = ROOT / "examples" / "styles" / "cs231n.py"
    code.write_text(example.read_text("utf-8") + BESIDE, "utf-8")
    own = in_worker(code)
    alone = own.units
    made = automatic.adapted(own, tmp_path)
    assert made.assumptions[0].endswith(": the style cs231n")
    assert made.units == alone | {"Dropout"}
    graded = grade(made, ["test_dropout.py::test_kept[rows]", "test_dense.py::test_y[square]"])
    assert not graded.not_passed
    asked = in_worker(code, style="cs231n")
    assert automatic.adapted(asked, tmp_path) is asked
    asked.end()


@pytest.fixture
def dense(tmp_path, monkeypatch):
    """Code with an interface of its own, and a place for drafts that nobody asks for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    file = tmp_path / "code" / "layers.py"
    file.parent.mkdir()
    file.write_text((FOREIGN / "gradients_in_dicts.py").read_text("utf-8"), "utf-8")
    return file


def test_a_draft_that_nobody_asks_for_has_one_place_for_each_code(dense, tmp_path):
    for _ in range(2):
        made = automatic.adapted(in_worker(dense), None)
        made.end()
    (kept,) = (tmp_path / "caches").rglob("*.py")
    assert kept.name == "adapter.py"
    assert made.style == str(kept)


def test_a_draft_is_made_where_nothing_can_be_kept(dense, tmp_path):
    (tmp_path / "caches").write_text("no folder", "utf-8")
    made = automatic.adapted(in_worker(dense), None)
    made.end()
    assert "Dense" in made.units


def test_practice_drafts_too(dense, capsys):
    result = check(str(dense), only="DENSE-1")
    assert result
    assert result.document["style"].endswith("adapter.py")
    assert practice.main([str(dense), "DENSE-1"]) == 0
    assert "a drafted adapter" in capsys.readouterr().out


def test_watch_drafts_too(dense):
    graded = watch.grade(str(dense), ["Dense"], watch.snapshot(dense), dense)
    assert graded["style"].endswith("adapter.py")
    assert {r["verdict"] for r in graded["requirements"] if r["id"] == "DENSE-1"} == {"passed"}
