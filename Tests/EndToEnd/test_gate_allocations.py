"""The allow path makes no allocation of ours: counted in the release build, which alone is what runs."""
import os

import pytest

from allocations import measure
from lab import programs


def test_the_allow_path_allocates_nothing_of_ours():
    if os.path.basename(programs()) != "release":
        pytest.skip("a debug build allocates as it likes: build with -c release")
    found = measure(1000)
    for transport in ("hls2", "mobile", "play", "rules", "cat"):
        counts = found[transport]
        assert counts["requests"] == 1000 and counts["ours"] == 0 and counts["libcrypto"] == 0, (transport, counts)
        # libfcgi takes its buffers anew for each request: this also says that the counter counts.
        assert counts["libfcgi"] >= 1000, (transport, counts)
    # A refusal writes its reason into a text of ours.
    assert found["refusal"]["ours"] >= 1000, found
