from cnn_conformance.mistakes import catalogue, units_of
from tests.grade import checks_of, grade


def test_steps_that_end_in_nan_are_the_same_steps():
    (wrong,) = (
        each
        for each in catalogue()
        if (each.unit, each.name) == ("Adam", "one average for both, with its sign")
    )
    graded = grade(units_of(wrong), checks_of("Adam", "extended"), profile="extended")
    assert graded.titles("Adam")[0] == wrong.title
