#!/bin/sh
# Grades what was submitted, in an image that has cnn-conformance {{ version }}.
exec python -m cnn_conformance.deploy.runner prairielearn "${GRADE_ROOT:-/grade}"
