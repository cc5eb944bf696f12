"""Windows lacks much of what confines the code under test; the level `none` does without it.

Windows itself is not at hand. So a process forgets whatever it does not have of `os`, `signal` and
others: after the libraries are imported, which ask for the name of the system, and before the kit.
"""

import json
import os
import subprocess
import sys

import pytest

from tests import ROOT

FORGET = """\
import os, select, shutil, signal, socket, subprocess, sys, tempfile, time, warnings
import jinja2, numpy, pytest, scipy, tabulate, tqdm

for module in ("fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog"):
    sys.modules[module] = None
MISSING = {
    os: (
        "chown fchdir fchown fork forkpty fpathconf fstatvfs getegid geteuid getgid getpgid getuid "
        "initgroups killpg lchown memfd_create mkfifo mknod nice pathconf pidfd_open pipe2 "
        "posix_fadvise posix_spawn pread preadv pwrite register_at_fork sched_getaffinity "
        "sched_setaffinity sched_yield sendfile setpgid setsid statvfs sysconf uname wait wait4 "
        "waitid O_CLOEXEC O_DIRECTORY O_DSYNC O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC WNOHANG"
    ),
    signal: (
        "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 SIGXCPU alarm "
        "pthread_kill pthread_sigmask setitimer sigtimedwait sigwait"
    ),
    select: "epoll poll",
    socket: "AF_UNIX MSG_DONTWAIT MSG_WAITALL",
    time: "CLOCK_PROCESS_CPUTIME_ID clock_getcpuclockid clock_gettime pthread_getcpuclockid tzset",
}
for module, names in MISSING.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
for name in ("supports_dir_fd", "supports_fd", "supports_follow_symlinks"):
    setattr(os, name, set())


def no_dir_fd(function):
    def called(*args, dir_fd=None, **more):
        if dir_fd is not None:
            raise NotImplementedError("dir_fd unavailable on this platform")
        return function(*args, **more)
    return called


for name in ("open", "stat", "mkdir", "rmdir", "unlink", "chmod", "readlink"):
    setattr(os, name, no_dir_fd(getattr(os, name)))
shutil._use_fd_functions = False
warnings.simplefilter("error", EncodingWarning)
"""


def run(lines, folder, *words):
    """Run lines of Python where Windows' lacks are lacks, too."""
    code = FORGET + lines
    return subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", code, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # others' ask for the system
    )


def grade(folder, *words):
    code = "import pytest\nsys.exit(pytest.main(sys.argv[1:]))"
    given = (
        "-p",
        "cnn_conformance.plugin",
        "-p",
        "no:cacheprovider",
        str(ROOT / "conformance"),
        *words,
    )
    return run(code, folder, *given)


@pytest.mark.parametrize("profile", ["core", "extended"])
def test_the_reference_is_graded_at_level_none(tmp_path, profile):
    result = tmp_path / "result.json"
    words = f"--profile={profile}", "--isolation=none", f"--result={result}"
    done = grade(tmp_path, "--impl=reference", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    graded = json.loads(result.read_text("utf-8"))
    assert graded["points"] == graded["max_points"]
    assert "isolation: none" in done.stdout


def test_none_is_what_there_is(tmp_path):
    words = "--impl=reference", "-k", "test_relu and test_y"
    assert "isolation: none" in grade(tmp_path, *words).stdout


@pytest.mark.parametrize("option", ["--isolation", "--require-isolation"])
def test_a_process_is_refused_in_a_sentence(tmp_path, option):
    done = grade(tmp_path, "--impl=reference", f"{option}=process")
    assert done.returncode == 4
    assert "process needs Linux or macOS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_unit_is_diagnosed_and_reported(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "class ReLU:\n"
        "    def __init__(self):\n"
        "        self.params, self.grads, self.training = {}, {}, True\n"
        "    def forward(self, x):\n"
        "        self.x = x\n"
        "        return np.abs(x)\n"
        "    def backward(self, dout):\n"
        "        return dout * (self.x > 0)\n",
        "utf-8",
    )
    words = "--impl=mine.py", "--isolation=none", "--report=report", "-k", "test_relu"
    done = grade(tmp_path, *words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "RELU-1 failed" in done.stdout
    assert "the diagnosis failed" not in done.stdout
    assert "INTERNALERROR" not in done.stdout + done.stderr
    assert (tmp_path / "report" / "report.html").exists()


def test_a_notebook_s_check_grades(tmp_path):
    code = (
        "from cnn_conformance import check\n"
        "from cnn_conformance.reference import ReLU\n"
        "print(check(ReLU))"
    )
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "passed" in done.stdout


@pytest.mark.parametrize("command", ["watch", "batch", "reproduce"])
def test_what_needs_processes_says_so(tmp_path, command):
    code = "from cnn_conformance.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    done = run(code, tmp_path, command, "mine.py")
    assert (done.returncode, done.stderr) == (
        2,
        f"cnn-conformance {command} needs Linux or macOS\n",
    )
