"""Raises errors and prints lines that control a terminal, a browser or a CI runner."""

import wrong

EVIL = (
    "\x1b[2J\x1b]0;all passed\x07\x1b]52;c;cm0gLXJm\x07\x9b1A\r\x08\x00\x7f"
    "\u202egnissap\u2066\ufeff\ud800 <script>alert(1)</script><img src=x onerror=alert(1)> ]]> "
    "&lt; \n::error::forged\n##[error]forged\n```\n# total 100\n</pre>|a|b| "
    "[x](javascript:alert(1)) {{7*7}} =HYPERLINK(1) %s %(x)s {0}"
)


class Dense(wrong.Dense):
    def forward(self, x):
        print("reached")
        print(EVIL.encode("utf-8", "surrogatepass"))
        print(EVIL.replace("\ud800", ""), flush=True)
        raise type(EVIL.replace("\x00", "").replace("\ud800", ""), (ValueError,), {})(EVIL)


class Evil:
    pass


Evil.__qualname__ = Evil.__module__ = EVIL


class ReLU(wrong.ReLU):
    def forward(self, x):
        return Evil()
