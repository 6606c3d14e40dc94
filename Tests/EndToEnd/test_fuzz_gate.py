"""The differential oracle: 20,000 generated requests, and proof that it would see each thing that could be broken."""
import pytest

from oracle import Oracle
from sabotage import SABOTAGES

REQUESTS = 20_000
ROWS = {"raw-path": "A03-A08", "no-caret": "A51", "rel-prefix": "A02-E13", "no-canonical": "A19", "set-misplaced": "A03", "no-question": "A53"}


@pytest.mark.parametrize("place,seed", [("port", 1), ("neighbour", 2)])
def test_A03_to_A28_generated_requests_leak_nothing(lab, place, seed):
    oracle = Oracle(lab, getattr(lab, place), seed).run(REQUESTS // 2)
    assert oracle.passed(), oracle.report()
    assert 0.3 < oracle.share() < 0.6, oracle.report()


@pytest.mark.parametrize("name", SABOTAGES, ids=[f"{ROWS.get(name, 'A01')}-{name}" for name in SABOTAGES])
def test_the_oracle_sees_sabotage(name):
    oracle, seen = SABOTAGES[name].run(3)
    assert seen, oracle.report()
