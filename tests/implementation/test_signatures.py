"""A constructor or a function with other arguments than the specification's: what is said of it."""

import textwrap

import pytest

import reference
from cnn_conformance import check, units
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import NotPassed
from tests.grade import grade, loaded, printed

CONV2D = "Conv2D(in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True)"
SAID = "the specification has "


def said(unit, thing, *args, **options):
    """Return what is said of making, or of calling, a thing as a unit."""
    made = Implementation("", [unit], "none", objects={unit: thing})
    made.begin(unit)
    call = made.function if unit in units.FUNCTIONS else lambda u, *a, **o: made.layer(u, a, o)
    with pytest.raises(NotPassed) as failure:
        call(unit, *args, **options)
    return failure.value.message


class Conv2D(reference.Conv2D):
    def __init__(self, filters, size):
        super().__init__(1, filters, size)


def test_every_unit_but_the_network_has_a_signature():
    assert specification.signature("Conv2D") == CONV2D
    assert specification.signature("fit").endswith("shuffle=True, rng=None)")
    without = [unit for unit in specification.units() if not specification.signature(unit)]
    assert without == [units.NETWORK]
    for unit, named in specification.arguments().items():
        assert set(named) >= {a for a in specification.signature(unit) if a in named}


@pytest.mark.parametrize(
    ("unit", "thing", "arguments"),
    [
        ("Conv2D", Conv2D, (2, 3, 3)),
        ("ReLU", type("ReLU", (), {"__init__": lambda self, slope: None}), ()),
        ("one_hot", lambda labels: labels, (1, 2)),
    ],
)
def test_what_refuses_the_arguments_is_told_the_specifications(unit, thing, arguments):
    error, line = said(unit, thing, *arguments).splitlines()
    assert error.startswith("TypeError: ")
    assert line == SAID + specification.signature(unit)


class Inside(reference.ReLU):
    def __init__(self):
        super().__init__()
        len(3)


class Elsewhere(reference.ReLU):
    def __init__(self):
        raise ValueError("takes 1 positional argument but 2 were given")


@pytest.mark.parametrize("thing", [Inside, Elsewhere])
def test_nothing_is_said_of_another_error_of_the_code(thing):
    assert SAID not in said("ReLU", thing)


def test_an_option_that_is_not_offered_is_no_wrong_signature():
    class Plain(reference.Conv2D):
        def __init__(self, in_channels, out_channels, kernel_size):
            super().__init__(in_channels, out_channels, kernel_size)

    text = said("Conv2D", Plain, 2, 3, 3, stride=2)
    assert text == "the argument stride is not supported"


def test_code_in_a_style_is_not_told_of_another_interface(tmp_path):
    file = tmp_path / "layers.py"
    file.write_text(
        textwrap.dedent("""
            class Relu:
                def __init__(self, slope):
                    pass
                def forward(self, x):
                    return x
                def backward(self, dout):
                    return dout
        """)
    )
    made = loaded(file, ["ReLU"], style="deep-learning-from-scratch")
    made.begin("ReLU")
    with pytest.raises(NotPassed) as failure:
        made.layer("ReLU", [], {})
    made.end()
    assert "TypeError" in failure.value.message
    assert SAID not in failure.value.message


def test_check_and_reports_say_it_with_the_failure():
    assert SAID + CONV2D in " ".join(str(check(Conv2D)).split())
    only = [id_ for id_, r in specification.requirements().items() if r.unit == "Conv2D"]
    assert SAID + CONV2D in " ".join(printed(grade({"Conv2D": Conv2D}, only=only).document).split())
