"""Loading code for its definitions: scripts do not run, and what is absent is missed when used."""

import sys

import pytest

from cnn_conformance.implementation import definitions


@pytest.fixture
def load(tmp_path):
    """Write files into a folder and load what they define; the interpreter is as before then."""
    modules, path = set(sys.modules), list(sys.path)

    def load(target="", **texts):
        folder = tmp_path / "course"
        for name, text in texts.items():
            file = folder / f"{name.replace('__init__', '<>').replace('__', '/')}.py"
            file = file.with_name(file.name.replace("<>", "__init__"))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return definitions.load(folder / target)

    yield load
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    sys.path[:] = path


SCRIPT = """
import numpy as np
RATE = np.exp(0.0)
DATA = load_data()
rows = DATA.shape
if RATE > 0:
    SMALL = float(RATE)
if open("x").read():
    EVIL = 1
class Layer:
    size = [n for n in range(3)]
def train():
    return RATE
for epoch in range(10):
    train()
print(undefined)
sys.exit(3)
"""


def test_of_a_script_only_definitions_run(load):
    names = load(script=SCRIPT).names
    assert {"RATE", "SMALL", "Layer", "train"} <= set(names)
    assert not {"DATA", "rows", "EVIL", "epoch"} & set(names)
    assert names["train"]() == 1.0


def test_a_file_that_defines_runs_whole_and_so_does_a_package(load):
    registry = "names = {}\ndef add(name):\n    names[name] = 1\n"
    names = load(registry=registry, __init__="from .registry import add\nadd('conv')\n").names
    assert names["names"] == {"conv": 1}
    assert load("made.py", made="size = dict(rows=3)\n").names["size"] == {"rows": 3}


def test_neighbours_can_be_imported_by_any_of_their_names(load):
    users = "from .parts import one\nfrom course.parts import two\nfrom parts import three\n"
    parts = "one, two, three = 1, 2, 3\nraise_if_run = [print][0]\n"
    found = load("users.py", users=users, parts=parts)
    assert [found.names[name] for name in ("one", "two", "three")] == [1, 2, 3]
    assert not found.problems


def test_files_import_what_lies_beside_them_as_if_run_there(load):
    users = "from sizes import size\nfrom kit import name\ndef {0}(): return size, name\n"
    found = load(
        slow__layers=users.format("slow"),
        slow__sizes="size = 1\n",
        slow__kit____init__="from kit.names import name\n",
        slow__kit__names="name = 'slow'\n",
        fast__layers=users.format("fast"),
        fast__sizes="size = 2\n",
        fast__kit____init__="from .names import name\n",
        fast__kit__names="name = 'fast'\n",
    )
    assert not found.problems
    assert found.names["slow"]() == (1, "slow")
    assert found.names["fast"]() == (2, "fast")


def test_an_import_of_a_script_beside_it_does_not_run_that_either(load):
    found = load(
        "layers.py", layers="from train import width\n", train="width = 3\n1 / 0\nprint(9)"
    )
    assert found.names["width"] == 3


def test_what_is_absent_raises_when_it_is_used(load):
    text = "from nowhere import jit, plot\nimport no.such as n\n@jit\ndef f(x): return x\n"
    names = load(code=f"{text}class Net(n.Module):\n    pass\ndef show(): return plot(1)\n").names
    assert names["f"](3) == 3
    assert names["Net"]()
    with pytest.raises(
        ImportError, match=r"nowhere\.plot cannot be used: No module named 'nowhere'"
    ):
        names["show"]()


def test_an_alternative_to_what_is_absent_is_taken(load):
    text = "try:\n    from nowhere import fast\nexcept ImportError:\n    fast = None\n"
    assert load(code=text).names["fast"] is None


TEMPLATE = '''
def conv_forward(x):
    """Convolve."""
    out, cache = None, None
    pass
    return out, cache
'''


def test_a_function_that_is_still_to_be_written_gives_way_to_one_that_is(load):
    more = "def relu(x): return x\n\ndef pool(x): return 2\n"
    written = "def conv_forward(x):\n    return x, None\n"
    found = load(assignment_1=TEMPLATE + more, assignment_2=written + "def relu(x): return 3\n")
    assert found.names["conv_forward"](1) == (1, None)
    assert found.names["relu"](1) == 1


def test_a_file_that_cannot_be_loaded_is_a_problem_and_others_are_loaded(load):
    found = load(old="print 3\n", wrong="x = 1 / 0\n", right="def relu(x): pass\n")
    assert "relu" in found.names
    assert any("old.py, line 1: SyntaxError" in problem for problem in found.problems)
    assert any("wrong.py, line 1: ZeroDivisionError" in problem for problem in found.problems)


def test_everything_is_imported_as_usual_afterwards(load):
    load(layers="def relu(x): pass\nprint(3)\n")
    assert not any(hook.__qualname__.startswith("_only") for hook in sys.path_hooks)


def test_what_plots_is_not_imported(load):
    found = load(net="import matplotlib.pyplot as plt\nfrom seaborn import heatmap\nSIZE = 3\n")
    assert (found.names["SIZE"], found.problems) == (3, [])
    with pytest.raises(ImportError, match="nothing is plotted here"):
        found.names["plt"].plot([1, 2])
    assert str(found.names["heatmap"]._name) == "seaborn.heatmap"
