"""Wrong units in the words of others: what the kit says of them, and whether it is so.

The catalogue is tested on mistakes that are written as its rows are. These are mistakes of the same
kinds, and of some others, in code that shares nothing with it. `wrong/` has the code and, beside
each file, a row for each unit: what is wrong with it, and what the sentences about it are worth.

    python -m tests.rewritten conv2d       what is said of these
    python -m tests.rewritten --changed    which sentences nobody has judged
    python -m tests.rewritten --report     how many are caught and named right

A sentence is "true" if it names the cause: who believes it looks at the right line. It is "vague"
if it is so, but does not say the cause; it is "false" if it is not so of this code, or only in some
of the cases it speaks of. Read the code to judge it, and not what fails.

A third of the units, drawn at random, is kept apart: whoever works on the diagnosis looks at the
others only, so that these can say whether it has learned more than the others' wording.
"""
