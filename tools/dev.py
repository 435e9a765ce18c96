"""The project's own commands: `python3 tools/dev.py demo|test|check|env NAME`.

Needs nothing but the standard library of a Python that has `venv`, and makes the environments it needs under
`.venvs/`, one for each Python version. An environment is made anew when what it installs has changed.

    demo        analyse the shipped example plan
    test        the gates, then the whole suite, then the suite beside Checkov and beside python-hcl2
    check       the gates only: format, lint, types, layers, docstrings
    env NAME    make one environment (demo, test, checkov or fix) and print its folder

The environment variable PYTHON names the interpreter to use instead of the one that runs this file.
"""

# NOTE: this file must still parse on Python 3.6: an old interpreter gets a sentence, not a SyntaxError.

import configparser
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".venvs"
OLDEST = (3, 10)
NEWEST_TRIED = (3, 13)

# The extras that each environment installs. `checkov` and `fix` must never be one: both bring `hcl2`.
EXTRAS = {"demo": "", "test": "dev", "checkov": "checkov,test", "fix": "fix,test"}
EXAMPLE = "examples/bastion-story/plan.json"
LINTED = ("eks_checks", "tests", "tools", "benchmarks", "examples", "setup.py")
GATE_TESTS = ("tests/test_layers.py", "tests/test_docstrings.py")
ALL_CORES = ("-n", "auto", "--dist", "loadgroup")
PYTEST = ("-m", "pytest", "--no-header")


class StopError(Exception):
    """Ends the run; the text says what is wrong and what to do."""


def main(arguments):
    """Run one command and return its exit code."""
    commands = {"demo": demo, "test": test, "check": check}
    try:
        if len(arguments) == 2 and arguments[0] == "env" and arguments[1] in EXTRAS:
            print(environment(arguments[1], find_python()).parent.parent)
            return 0
        if len(arguments) == 1 and arguments[0] in commands:
            return commands[arguments[0]](find_python())
    except StopError as stop:
        say(f"stopped: {stop}")
        return 2
    print(__doc__)
    return 2


# --- commands -------------------------------------------------------------------------------------


def demo(python):
    """Analyse the example plan. Findings are what it is for, so they are a success here."""
    inside = environment("demo", python)
    code = 0
    for command in ("reach", "scan"):
        say(f"eks-checks {command} {EXAMPLE}")
        code = subprocess.call([str(inside), "-m", "eks_checks", command, EXAMPLE], cwd=str(ROOT))
        if code not in (0, 1):
            raise StopError(f"the example could not be analysed (exit code {code})")
    meaning = "findings at or over --fail-on" if code else "nothing at or over --fail-on"
    say(f"done: eks-checks ended with exit code {code}, {meaning}")
    return 0


def test(python):
    """Run the gates and every leg of the suite; each leg runs whatever the others answered."""
    started = time.time()
    tally = Tally()
    inside = environment("test", python)
    run_gates(inside, tally)
    core = ["--ignore=tests/checkov", "--ignore=tests/hcl2", *ALL_CORES]
    run_suite("the whole suite, networkx {}", inside, core, tally)
    inside = environment("checkov", python)
    run_suite("Checkov", inside, ["tests/checkov"], tally)
    quick = [*core, "-m", "not long and not slow"]
    run_suite("the suite's quick part, networkx {}", inside, quick, tally, profile="quick")
    inside = environment("fix", python)
    run_suite("python-hcl2", inside, ["tests/hcl2"], tally)
    return tally.close(time.time() - started)


def check(python):
    """Run the gates alone."""
    started = time.time()
    tally = Tally()
    inside = environment("test", python)
    run_gates(inside, tally)
    run_suite("layers and docstrings", inside, GATE_TESTS, tally)
    return tally.close(time.time() - started)


# --- legs -----------------------------------------------------------------------------------------


class Tally:
    """What passed and what failed over all legs."""

    def __init__(self):
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.broken = []

    def count(self, line):
        """Add up what a closing line of pytest says."""
        for number, outcome in re.findall(r"(\d+) (passed|failed|skipped|error)", line):
            self.counts[outcome.replace("error", "failed")] += int(number)

    def close(self, seconds):
        """Print the closing lines and return the exit code."""
        print("total: {passed} passed, {failed} failed, {skipped} skipped".format(**self.counts))
        if self.broken:
            say("FAILED after {:.0f} s: {}".format(seconds, "; ".join(self.broken)))
            return 1
        say(f"all passed in {seconds:.0f} s")
        return 0


def run_gates(inside, tally):
    """Format, lint and types."""
    linted = [path for path in LINTED if (ROOT / path).exists()]
    gates = (
        ("format", ["ruff", "format", "--check", "--output-format", "concise", *linted], "run `make format`"),
        (
            "lint",
            ["ruff", "check", "--quiet", "--output-format", "concise", *linted],
            "`make format` mends some of it",
        ),
        ("types", ["mypy", "--no-error-summary", "eks_checks"], "see the lines above"),
    )
    for name, command, remedy in gates:
        say(f"gate: {name}")
        if subprocess.call([str(inside), "-m", *command], cwd=str(ROOT)):
            tally.broken.append(f"{name} ({remedy})")


def run_suite(title, inside, arguments, tally, profile="default"):
    """Run pytest, pass its output on, and count its closing line."""
    title = title.format(version_of("networkx", inside))
    say(f"tests: {title}")
    process = subprocess.Popen(
        [str(inside), *PYTEST, *arguments],
        cwd=str(ROOT),
        env=dict(os.environ, HYPOTHESIS_PROFILE=os.environ.get("HYPOTHESIS_PROFILE", profile)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    closing = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        closing = line if re.search(r"\d+ \w+.* in [\d.]+s", line) else closing
    tally.count(closing)
    if process.wait():
        tally.broken.append(title)


def version_of(distribution, inside):
    """The installed version of a library in an environment."""
    question = f"from importlib.metadata import version; print(version('{distribution}'))"
    return subprocess.check_output([str(inside), "-c", question], universal_newlines=True).strip()


# --- environments ---------------------------------------------------------------------------------


def find_python():
    """The interpreter to use: PYTHON, else this one, else a newer one on the path."""
    named = os.environ.get("PYTHON")
    newer = [f"python3.{minor}" for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1)]
    for candidate in [named] if named else [sys.executable, *newer]:
        found = shutil.which(candidate)
        if found and python_version(found)[:2] >= OLDEST:
            return found
    looked = f"{named} is not one" if named else "none was found"
    raise StopError(
        f"eks-checks needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and {looked}. "
        "Name one: PYTHON=/path/to/python3.11 python3 tools/dev.py ..."
    )


def python_version(python):
    """(major, minor, micro) of an interpreter; (0, 0, 0) if it does not run."""
    try:
        question = "import sys; print(*sys.version_info[:3])"
        answer = subprocess.check_output([python, "-c", question], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return (0, 0, 0)
    return tuple(int(part) for part in answer.split())


def environment(name, python):
    """The interpreter of environment `name`, which is made first unless it is there and up to date."""
    version = python_version(python)
    folder = VENVS / f"{name}-{version[0]}.{version[1]}"
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "made-from"
    wanted = fingerprint(name, python, version)
    if inside.exists() and stamp.exists() and stamp.read_text() == wanted:
        return inside
    say("making {} (Python {}.{}.{})".format(folder.relative_to(ROOT), *version))
    VENVS.mkdir(exist_ok=True)
    extras = f"[{EXTRAS[name]}]" if EXTRAS[name] else ""
    log = VENVS / (folder.name + ".log")
    with log.open("w") as output:
        run_logged(
            [python, "-m", "venv", "--clear", str(folder)],
            output,
            "Python's venv module (Debian: python3-venv)",
        )
        install = [
            str(inside),
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--editable",
            "." + extras,
        ]
        run_logged(install, output, "a network or a package index that pip can use")
    stamp.write_text(wanted)
    return inside


def run_logged(command, output, needs):
    """Run a command with its output in the log; on failure show the log's end."""
    if subprocess.call(command, cwd=str(ROOT), stdout=output, stderr=subprocess.STDOUT):
        output.flush()
        ending = Path(output.name).read_text(errors="replace").splitlines()[-15:]
        print("\n".join(ending))
        raise StopError(
            "`{}` failed; it needs {}. Log: {}".format(" ".join(command[1:4]), needs, output.name)
        )


def fingerprint(name, python, version):
    """What an environment was made from: interpreter, place, and everything that says what is installed."""
    settings = configparser.RawConfigParser()
    settings.read(str(ROOT / "setup.cfg"), encoding="utf-8")
    sections = [s for s in settings.sections() if s == "metadata" or s.startswith("options")]
    parts = [name, EXTRAS[name], str(ROOT), os.path.realpath(python), repr(version)]
    parts += [repr((section, settings.items(section))) for section in sections]
    parts += [(ROOT / path).read_text(encoding="utf-8") for path in ("setup.py", "eks_checks/__init__.py")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def say(line):
    """Print one progress line at once."""
    print(f"==> {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
