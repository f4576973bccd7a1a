"""The package as a team gets it: built, installed in an empty folder, and its example run."""

import subprocess
import sys
import venv
import zipfile

import pytest
from support import ROOT

PROJECT = ROOT / "clients/python"


def run(*command, cwd):
    done = subprocess.run([str(each) for each in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment with the package, made as the README says."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", PROJECT, cwd=folder)
    return python


def test_the_wheel_is_small_typed_and_has_the_generated_code(tmp_path):
    run(sys.executable, "-m", "build", "--outdir", tmp_path, ".", cwd=PROJECT)
    [wheel] = tmp_path.glob("*.whl")
    assert len(list(tmp_path.glob("*.tar.gz"))) == 1
    assert wheel.stat().st_size < 200_000
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {"py.typed", "billing/v1/billing_service_pb2.py", "billing/v1/billing_service_pb2.pyi"}
    assert {f"tollgate/{name}" for name in expected} <= names
    assert all(name.startswith(("tollgate/", "tollgate_client-")) for name in names)


def test_the_example_runs_with_the_installed_package(server, installed, tmp_path):
    said = run(installed, ROOT / "examples/python/first_calls.py", server.address, cwd=tmp_path)
    shown = (ROOT / "examples/python/README.md").read_text()
    assert said.strip() in shown


def test_it_runs_without_a_warning(server, installed, tmp_path):
    """Such as of protobuf, about generated code that is older than it."""
    said = subprocess.run(
        [installed, "-W", "error", "-c", "import tollgate; print(tollgate.Tollgate('127.0.0.1:1'))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (said.stdout, said.stderr) == ("<Tollgate 127.0.0.1:1>\n", "")
