"""The picture of where the wrong elements are."""

import numpy as np

from cnn_conformance.oracle.comparison import compare, details
from cnn_conformance.outcomes import NotPassed
from cnn_conformance.reports.picture import HEAD, wrong_elements


def picture(wrong):
    expected = np.zeros(np.shape(wrong))
    try:
        compare(expected + np.array(wrong), expected, 1e-9, "dx")
    except NotPassed as failure:
        return wrong_elements(
            {
                k: list(v) if isinstance(v, tuple) else v
                for k, v in details(failure.finding.compared).items()
            }
        )
    raise AssertionError("nothing was wrong")


def test_rows_and_columns_of_each_slice_with_a_wrong_element():
    wrong = np.zeros((2, 2, 2, 3))
    wrong[0, 1, 0, 2] = wrong[0, 1, 1, 0] = wrong[1, 0, 0, 0] = 1
    assert picture(wrong).splitlines() == [
        HEAD,
        "[0, 1]   [1, 0]",
        "..#      #..",
        "#..      ...",
    ]


def test_a_matrix_and_a_vector_have_no_places():
    assert picture([[0, 1, 1], [0, 0, 0]]).splitlines() == [HEAD, ".##", "..."]
    assert picture([0, 1, 0, 1]).splitlines() == [HEAD, ".#.#"]


def test_slices_that_do_not_fit_are_counted():
    wrong = np.zeros((1, 12, 2, 9))
    wrong[:, :, 0, 0] = 1
    lines = picture(wrong).splitlines()
    assert lines[1].endswith("and 6 more")
    assert max(map(len, lines)) <= 85


def test_nothing_is_drawn_where_all_or_one_is_wrong_or_there_are_no_values():
    assert picture(np.ones((3, 4))) == ""
    assert picture([0, 1, 0]) == ""
    assert picture(np.eye(50)) == ""
    assert wrong_elements({}) == ""
    assert wrong_elements({"shape": [2, 2], "allowed": 1.0, "difference_values": "?"}) == ""
