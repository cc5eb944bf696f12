"""LSTM and GRU, one step a method call; what a step needs later is kept in a dict.

Unlike the others, these were written by someone who had read most of the known mistakes of both:
that they are named says less.
"""

import numpy as np

from tests.rewritten.scaffold_full import Gated


def sig(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


class Unrolled(Gated):
    is_right = True

    def compute(self, x, U, V, a, b):
        N, T, _ = x.shape
        carried = [np.zeros((N, V.shape[1]))] * self.kept
        trace, outputs = [], []
        for t in range(T):
            notes = {"x": x[:, t], "before": carried}
            carried = self.step(notes, x[:, t] @ U.T + a, carried[0] @ V.T + b)
            trace.append(notes)
            outputs.append(carried[0])

        def back(d):
            dU, dV, da, db = (np.zeros(p.shape) for p in (U, V, a, b))
            dx, later = np.zeros(x.shape), [0.0] * self.kept
            for t in reversed(range(T)):
                notes = trace[t]
                of_x, of_h, later = self.unstep(notes, [later[0] + d[:, t], *later[1:]])
                later[0] = later[0] + of_h @ V
                dU += of_x.T @ notes["x"]
                dV += of_h.T @ notes["before"][0]
                da += of_x.sum(axis=0)
                db += of_h.sum(axis=0)
                dx[:, t] = of_x @ U
            return dx, dU, dV, da, db

        return np.stack(outputs, axis=1), back


class Cells(Unrolled):
    unit, gates, kept = "LSTM", 4, 2
    is_right = True

    def step(self, notes, of_x, of_h):
        i, f, g, o = self.four(of_x, of_h)
        c = self.cell(i, f, g, notes["before"][1])
        notes |= {"i": i, "f": f, "g": g, "o": o, "c": c}
        return [self.shown(o, c), c]

    def four(self, of_x, of_h):
        i, f, g, o = np.hsplit(of_x + of_h, 4)
        return sig(i), sig(f), np.tanh(g), sig(o)

    def cell(self, i, f, g, c):
        return f * c + i * g

    def shown(self, o, c):
        return o * np.tanh(c)

    def unstep(self, notes, later):
        i, f, g, o, c = (notes[k] for k in "ifgoc")
        dh, dc = later
        dc = self.into_cell(dh, dc, o, c)
        do = self.through_output(dh, c) * o * (1 - o)
        dz = [dc * g * i * (1 - i), dc * notes["before"][1] * f * (1 - f), dc * i * (1 - g * g), do]
        dz = np.hstack(dz)
        return dz, dz, [0.0, self.to_earlier(dc, f)]

    def into_cell(self, dh, dc, o, c):
        return dc + dh * o * (1 - np.tanh(c) ** 2)

    def through_output(self, dh, c):
        return dh * np.tanh(c)

    def to_earlier(self, dc, f):
        return dc * f


class GatesInReverse(Cells):
    def four(self, of_x, of_h):
        return super().four(of_x[:, ::-1], of_h[:, ::-1])


class InputGateOnTheCell(Cells):
    """The forget gate lets in, and the input gate keeps."""

    def cell(self, i, f, g, c):
        return i * c + f * g


class CellLeaksWhole(Cells):
    def to_earlier(self, dc, f):
        return dc


class OutputGateIsAConstant(Cells):
    """No gradient goes into the output gate."""

    def through_output(self, dh, c):
        return np.zeros(c.shape)


class CellOnlyFromItsOwnStep(Cells):
    def into_cell(self, dh, dc, o, c):
        return dh * o * (1 - np.tanh(c) ** 2)


class SecondBiasUnused(Cells):
    def four(self, of_x, of_h):
        return super().four(of_x, of_h - self.params["bias_hh_l0"])


class Resets(Unrolled):
    unit, gates, kept = "GRU", 3, 1
    is_right = True

    def step(self, notes, of_x, of_h):
        (r0, z0, n0), (r1, z1, n1) = np.hsplit(of_x, 3), np.hsplit(of_h, 3)
        r, z = sig(r0 + r1), self.update(z0 + z1)
        n = np.tanh(n0 + r * n1)
        notes |= {"r": r, "z": z, "n": n, "inner": n1}
        return [self.mixed(z, n, notes["before"][0])]

    def update(self, z):
        return sig(z)

    def mixed(self, z, n, h):
        return n + z * (h - n)

    def unstep(self, notes, later):
        r, z, n, inner = (notes[k] for k in ("r", "z", "n", "inner"))
        (dh,) = later
        dn = self.slope(dh * (1 - z), n)
        dr = dn * inner * r * (1 - r)
        dz = dh * (notes["before"][0] - n) * z * (1 - z)
        return np.hstack([dr, dz, dn]), np.hstack([dr, dz, self.inside(dn, r)]), [dh * z]

    def slope(self, d, n):
        return d * (1 - n * n)

    def inside(self, dn, r):
        return dn * r


class KeepsWhatItShouldReplace(Resets):
    def mixed(self, z, n, h):
        return h + z * (n - h)


class CandidateGradientNotReset(Resets):
    def inside(self, dn, r):
        return dn


class UpdateOpenByOne(Resets):
    """1 is added to what the update gate is made of."""

    def update(self, z):
        return sig(z + 1)


class NoSlopeOfTheCandidate(Resets):
    def slope(self, d, n):
        return d
