"""Fixtures: `lab` is nginx and the gate over a tree made for tests; `demo` is the whole product as scripts/demo starts it."""
import os, shutil, subprocess, sys, tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lab import ROOT, Lab, free_port  # noqa: E402


def pytest_make_parametrize_id(val):
    """A token has another text each time it is made, and processes that share the tests must call them the same."""
    return "token" if isinstance(val, (str, bytes)) and ("eyJ" if isinstance(val, str) else b"eyJ") in val else None


@pytest.fixture(scope="session")
def lab():
    made = Lab()
    try:
        yield made.start()
        # After every trick of every test: no token in any log (E25).
        found = [line for line in made.log_text().splitlines() if "eyJ" in line or "token=" in line]
        assert not found, found[:5]
    finally:
        made.stop()


class Demo:
    """The demo's values, as it writes them to demo.env."""

    def __init__(self, data):
        self.data, self.values = data, {}
        with open(f"{data}/demo.env") as file:
            for line in file:
                name, equals, value = line.strip().removeprefix("export ").partition("=")
                if equals:
                    self.values[name] = value.strip("'\"")

    def __getitem__(self, name):
        return self.values[name]

    def get(self, name, default=None):
        return self.values.get(name, default)


@pytest.fixture(scope="session")
def demo():
    """Starts the product in a directory of its own and removes it at the end; REELGATE_E2E_DATA names one that runs."""
    yield from running_demo(os.environ.get("REELGATE_E2E_DATA"))


@pytest.fixture(scope="session")
def cmaf_demo():
    """As `demo`, but it makes fragmented MP4; REELGATE_E2E_CMAF_DATA names one that runs."""
    yield from running_demo(os.environ.get("REELGATE_E2E_CMAF_DATA"), PACKAGING="cmaf")


def running_demo(running, **settings):
    script = f"{ROOT}/scripts/demo"
    if running:
        yield Demo(running)
        return
    if not os.path.exists(script):
        pytest.skip("scripts/demo is not there")
    data = tempfile.mkdtemp(prefix="rd", dir="/tmp")
    environment = {**os.environ, "REELGATE_DATA": data, "REELGATE_PORT": str(free_port()), **settings}
    try:
        subprocess.run([script, "start"], env=environment, check=True, timeout=900)
        yield Demo(data)
    finally:
        for word in ("stop", "reset"):
            subprocess.run([script, word], env=environment, timeout=120)
        shutil.rmtree(data, ignore_errors=True)
