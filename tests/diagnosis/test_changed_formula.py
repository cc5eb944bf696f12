"""One change of a formula that gives what came, of mistakes that nobody has written down."""

import math

import numpy as np

import reference
from cnn_conformance.mistakes import slips
from tests.grade import RIGHT, grade


def said_of(unit, wrong):
    return grade(RIGHT | {unit: wrong}, unit, profile="full").titles(unit)


def test_a_factor_that_is_missing_in_one_place_is_named():
    class GELU(reference.GELU):
        def forward(self, x):
            y = super().forward(x)
            if self.approximate == "tanh":
                root = math.sqrt(2 / math.pi)
                tanh = np.tanh(root * (x + 0.044715 * x**3))
                density = (1 - tanh**2) / 2 * root * (1 + 0.044715 * x**2)
                self._slope = (1 + tanh) / 2 + x * density
            return y

    (said,) = [each for each in said_of("GELU", GELU) if "what comes of" in each]
    assert said.startswith("dx is what comes of `0.044715` in place of `3 * 0.044715`")


def test_a_variable_that_is_made_later_may_stand_where_another_should():
    class SiLU(reference.SiLU):
        def forward(self, x):
            y = super().forward(x)
            share = 1 / (1 + np.exp(-x))
            self._slope = share + y * (1 - y)
            return y

    assert any("`y` in place of `s`" in each for each in said_of("SiLU", SiLU))


def test_nothing_is_said_where_no_single_change_gives_what_came():
    class SiLU(reference.SiLU):
        def backward(self, dout):
            return super().backward(dout) + 0.125 * np.sin(dout)

    assert not any("what comes of" in each for each in said_of("SiLU", SiLU))


def test_every_slip_defines_its_unit_and_leaves_the_source_as_it_was():
    before = [slip.was for slip in slips.slips("MSE")]
    for slip in slips.slips("MSE"):
        assert isinstance(slips.made("MSE", slip), type)
    assert [slip.was for slip in slips.slips("MSE")] == before
    assert len({(s.method, s.target, s.was, s.now) for s in slips.slips("MSE")}) > 20
