"""The differential oracle: 20,000 generated requests, and proof that the oracle would see a broken configuration."""
import re

import pytest

from lab import Lab
from oracle import Oracle

REQUESTS = 20_000


@pytest.mark.parametrize("place,seed", [("port", 1), ("neighbour", 2)])
def test_A03_to_A28_generated_requests_leak_nothing(lab, place, seed):
    oracle = Oracle(lab, getattr(lab, place), seed).run(REQUESTS // 2)
    assert not oracle.faults, oracle.report()
    assert 0.3 < oracle.share() < 0.6, oracle.report()


def sabotaged(edits):
    """A lab whose rendered files are edited: file, pattern, replacement."""
    made = Lab()
    configure = made.configure

    def broken():
        configure()
        for file, pattern, replacement in edits:
            with open(f"{made.conf}/{file}") as opened:
                text = opened.read()
            changed = re.sub(pattern, replacement, text, flags=re.S)
            assert changed != text, file
            with open(f"{made.conf}/{file}", "w") as opened:
                opened.write(changed)
    made.configure = broken
    return made


@pytest.mark.parametrize("name,edits,fault", [
    ("A51: no ^~", [("locations/hls2.conf", r"location \^~ /hls2/", "location /hls2/")], "leak"),
    ("A51: no ^~ for the older paths", [("locations/older.conf", r"location \^~ /hls/", "location /hls/")], "refused what must be served"),
    ("A01: older paths in another directory", [("locations/older.conf", r"(alias [^;]*hls/);", r"\1u1/;")], "refused what must be served"),
    ("A53: no question", [("parts/media.conf", r"auth_request /_gate;", "")], "leak"),
    ("A03: set in the subrequest only", [("locations/hls2.conf", r"    set \$rg_uri \$uri;\n    set \$rg_args \"\";\n    include", "    include"),
                                         ("locations/gate.conf", r"internal;", "internal; set $rg_uri $uri;")], "refused what must be served"),
    ("A01: another directory", [("locations/hls2.conf", r"(alias [^;]*hls/);", r"\1t1/;")], "refused what must be served")])
def test_the_oracle_sees_sabotage(name, edits, fault):
    made = sabotaged(edits)
    try:
        oracle = Oracle(made.start(), made.neighbour, 3).run(3000)
        assert any(what.startswith(fault) for what, *_ in oracle.faults), oracle.report()
    finally:
        made.stop()
