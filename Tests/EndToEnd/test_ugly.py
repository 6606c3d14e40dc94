"""H16 H17 H19 H21–H26 H30 H32 H34–H37 H04–H07 H09 H11: the ugly corpus, file by file, each with the result its table
announces; and some of it through the whole product."""
import subprocess

import pytest

import ugly
from client import Site, frame_hashes


def test_the_table_is_large():
    assert len(ugly.CASES) >= 40 and sum(not case.refused for case in ugly.CASES) >= 25
    assert len({case.file for case in ugly.CASES}) == len(ugly.CASES)


@pytest.fixture(scope="module")
def transcoder():
    return ugly.transcoder()


@pytest.mark.parametrize("case", ugly.CASES, ids=lambda case: case.file)
def test_file(case, transcoder):
    result, wrong = ugly.run(case, transcoder)
    assert not wrong, (case.note, wrong)


# What a client is told for the helper's words.
REFUSALS = {"truncated": "truncated", "content_encrypted": "encrypted"}
WHOLE = [case for case in ugly.CASES if case.file in ("turned90.mp4", "5.1.mkv", "two-sizes.ts", "half.mkv", "cenc.mp4")]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.file)
def test_through_the_product(case, demo, tmp_path):
    """H42: what the product publishes of a file is what the helper makes of it in the table."""
    site = Site(demo)
    path = f"{tmp_path}/{case.file}"
    case.make(str(tmp_path), path)
    status, body = site.upload(path, f"ugly/corpus/files/{WHOLE.index(case)}")
    if case.refused:
        if status == 202:
            body = site.wait(body["task_id"], lambda task: task["state"] == "failed", 60)["error"]
        assert body["code"] == REFUSALS[case.refused], body
        return
    assert status == 202, body
    assert site.wait(body["task_id"], lambda task: task["state"] in ("done", "failed"))["state"] == "done"
    viewer = site.viewer(f"ugly/corpus/files/{WHOLE.index(case)}")
    master = viewer.master()
    assert bool(master.audio) == case.sound
    top = max(master.variants, key=lambda variant: variant["height"])
    assert top["height"] == int(case.size.split("x")[1])
    assert len(frame_hashes(*viewer.ffmpeg_input(top["uri"]))) == case.frames


def test_h33_damaged_files_end_with_a_result_or_a_code(tmp_path):
    """A bounded part of what scripts/fuzz-media does for as long as one likes."""
    done = subprocess.run(
        [f"{ugly.ROOT}/scripts/fuzz-media", "80", "--seed", "suite", "--keep", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
