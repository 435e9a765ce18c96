"""What is built, installed and declared: the distributions, the pages, the commands, the hook."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml

import eks_checks
from eks_checks.checks.pages import COMPANIONS, page
from tests.source_tree import ROOT

SAMPLE_ID = "EKS999"
SAMPLE_PAGE = "# EKS999 sample\n\nShips in the wheel — in UTF-8.\n"
BUILT_FROM = (
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built from, with one page more; building in the work tree would leave files there."""
    copy = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, copy / name)
    for folder in ("eks_checks", "docs", "examples"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    pages = copy / "docs" / "checks"
    pages.mkdir(parents=True, exist_ok=True)
    (pages / f"{SAMPLE_ID}.md").write_text(SAMPLE_PAGE, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by way of the source distribution: what the one lacks, the other cannot have."""
    built = tmp_path_factory.mktemp("built")
    build("build_sdist", source, built)
    [archive] = built.glob("*.tar.gz")
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    shutil.unpack_archive(archive, built, **safely)
    [unpacked] = [path for path in built.iterdir() if path.is_dir()]
    build("build_wheel", unpacked, built)
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed, without its dependencies."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", str(target)]
    run("-m", "pip", "install", *options, str(wheel), folder=target)
    return target


def build(step: str, source: Path, into: Path) -> None:
    """Call the build backend of this environment: nothing is fetched."""
    run("-c", f"from setuptools import build_meta; build_meta.{step}({str(into)!r})", folder=source)


def run_installed(installed: Path, *command: str) -> str:
    """Run an interpreter that sees the installed wheel before the work tree, from a folder of no meaning."""
    return run(*command, folder=installed.parent, PYTHONPATH=str(installed))


def run(*command: str, folder: Path, **variables: str) -> str:
    """What this interpreter prints when it runs `command` in `folder`."""
    environment = {**os.environ, **variables}
    finished = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    )
    assert finished.returncode == 0, f"{command}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_the_wheel_holds_every_module_and_page(wheel: Path, source: Path) -> None:
    held = {
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if not name.partition("/")[0].endswith(".dist-info")
    }
    modules = {path.relative_to(source).as_posix() for path in (source / "eks_checks").rglob("*.py")}
    pages = {f"eks_checks/pages/{path.name}" for path in (source / "docs" / "checks").glob("*.md")}
    pages |= {f"eks_checks/pages/{name}.md" for name in COMPANIONS.values()}
    assert f"eks_checks/pages/{SAMPLE_ID}.md" in pages
    expected = modules | pages | {"eks_checks/py.typed"}
    assert sorted(held ^ expected) == [], "is there a package without __init__.py?"


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_an_installed_wheel_knows_its_pages(installed: Path) -> None:
    code = f"from eks_checks.checks.pages import page; print(ascii(page({SAMPLE_ID!r})))"
    assert run_installed(installed, "-c", code).strip() == ascii(SAMPLE_PAGE)
    for check_id, companion in COMPANIONS.items():
        code = f"from eks_checks.checks.pages import page; print(ascii(page({check_id!r})))"
        below = (ROOT / "docs" / f"{companion}.md").read_text(encoding="utf-8")
        assert run_installed(installed, "-c", code).strip().endswith(ascii(below)[1:])


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_an_installed_wheel_runs(installed: Path) -> None:
    where = run_installed(installed, "-c", "import eks_checks; print(eks_checks.__file__)").strip()
    assert Path(where).is_relative_to(installed)
    assert eks_checks.__version__ in run_installed(installed, "-m", "eks_checks", "--version")
    script = installed / "bin" / "eks-checks"
    if script.exists():  # elsewhere on Windows
        assert eks_checks.__version__ in run_installed(installed, str(script), "--version")


def test_this_installation_knows_every_page() -> None:
    """This environment's own installation is an editable one: the pages are read where they are written."""
    for path in sorted((ROOT / "docs" / "checks").glob("*.md")):
        own = path.read_text(encoding="utf-8")
        companion = COMPANIONS.get(path.stem)
        below = f"\n{(ROOT / 'docs' / f'{companion}.md').read_text(encoding='utf-8')}" if companion else ""
        assert page(path.stem) == own + below
        assert companion is None or f"(../{companion}.md)" in own, "the page says what stands below it"


def test_the_version_is_said_once() -> None:
    assert distribution("eks-checks").version == eks_checks.__version__
    assert f"## [{eks_checks.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys; before = set(sys.modules); import eks_checks; print(*sorted(set(sys.modules) - before))"
    )
    assert run("-c", code, folder=ROOT).split() == ["eks_checks"]


def test_importing_the_command_loads_nothing_slow() -> None:
    code = "import sys, eks_checks.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    assert not {"networkx", "rich", "checkov", "hcl2", "numpy"} & set(run("-c", code, folder=ROOT).split())


@pytest.mark.parametrize("command", ["eks-checks", "eks-checks-hook"])
def test_commands_exist(command: str) -> None:
    [entry] = [e for e in distribution("eks-checks").entry_points if e.name == command]
    assert callable(entry.load())


def test_the_hook_calls_a_command_of_ours() -> None:
    commands = {entry.name for entry in distribution("eks-checks").entry_points}
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        assert hook["entry"].split()[0] in commands
        assert hook["require_serial"], "parallel processes would mix their reports"


def test_the_two_hcl2_packages_never_meet() -> None:
    settings = configparser.RawConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = dict(settings.items("options.extras_require"))
    for name, requirements in [*extras.items(), ("core", settings.get("options", "install_requires"))]:
        assert "python-hcl2" not in requirements or name == "fix"
        assert "checkov" not in requirements or name == "checkov"


def test_ci_runs_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("python3 tools/dev.py demo", "python3 tools/dev.py test"):
        assert f"{command}\n" in readme
    run = ROOT / ".ci" / "run"
    assert run.read_text(encoding="utf-8").endswith("exec python3 tools/dev.py test\n")
    assert os.access(run, os.X_OK)
