"""What a lesson looks like after the processes that made it were killed: scripts/chaos with a few kills, on the demo."""
import os, subprocess

import pytest

from lab import ROOT


@pytest.mark.parametrize("victims", ["gate,api,upload,worker,keeper,helper", "roll"])
def test_R01_R02_lessons_come_out_whole_whatever_dies(demo, victims):
    done = subprocess.run(
        [f"{ROOT}/scripts/chaos", "--kills", "12", "--every", "1", "--seed", "11", "--victims", victims], timeout=400,
        env={**os.environ, "REELGATE_DATA": demo.data}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "12 kills: every task done once, one version published, no frame lost" in done.stdout


def test_R02_R04_R20_clips_of_all_kinds_come_out_as_planned(demo):
    """Workers, helpers and PostgreSQL die while clips are made; the walker decrypts, decodes and compares every segment."""
    done = subprocess.run(
        [f"{ROOT}/scripts/chaos", "--films", "4", "--kills", "8", "--every", "0.3", "--seed", "7"], timeout=400,
        env={**os.environ, "REELGATE_DATA": demo.data}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "4 lessons, 8 kills" in done.stdout and "every lesson whole and once" in done.stdout


def test_C32_R16_gates_die_and_everything_rolls_under_the_eyes_of_viewers(demo):
    """A short form of `chaos --gates 60`."""
    done = subprocess.run([f"{ROOT}/scripts/chaos", "--gates", "8", "--rolls", "2", "--seed", "3"], timeout=400,
                          env={**os.environ, "REELGATE_DATA": demo.data}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "none failed" in done.stdout
