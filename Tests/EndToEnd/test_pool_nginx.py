"""The pool's real gates behind real nginx: what viewers notice when processes die, roll, or get more than they can take."""
import os, random, signal, socket, time

import pytest

from gate import ask, token
from lab import Lab, wait_for
from pool import Load, PooledGates, steady
from tree import LESSON, PUBLICATION, SEGMENT
from wire import raw, request


@pytest.fixture(scope="module")
def pooled():
    made = Lab()
    made.gates = PooledGates(made)
    try:
        yield made.start()
    finally:
        made.stop()


def fetch(lab):
    """One protected segment; anything but the file itself is a failure."""
    good, content = token(), lab.tree.content[f"hls/{LESSON}/{SEGMENT}"]

    def one(*_):
        try:
            answer = ask(lab, "hls2", f"{LESSON}/{SEGMENT}", good)
        except OSError:
            return None
        return "file" if answer.status == 200 and answer.body == content else None
    return one


def test_C32_R01_viewers_do_not_notice_killed_gates(pooled):
    pool = pooled.gates.pool
    with Load(fetch(pooled), clients=8) as load:
        choose, kills = random.Random(2), 0
        while kills < 40:
            if victims := pool.pids():
                os.kill(choose.choice(victims), signal.SIGKILL)
                kills += 1
            time.sleep(0.1)
        steady(pool)
        load.pass_requests(50)
    assert load.bad == 0 and load.good > 100


def test_viewers_do_not_notice_a_roll(pooled):
    pool = pooled.gates.pool
    before, rolls = set(pool.pids()), len(pool.events("roll_ended"))
    with Load(fetch(pooled), clients=8) as load:
        for turn in range(6):
            pool.signal(signal.SIGHUP)
            wait_for(lambda: len(pool.events("roll_ended")) == rolls + turn + 1, 20)
            load.pass_requests(20)
    assert load.bad == 0
    wait_for(lambda: not before & set(pool.pids()))


def test_C30_more_connections_than_the_queue_holds(pooled):
    """1,500 silent clients fill the socket's queue: nginx answers with our problem, and all is well again once they go."""
    good, idle = fetch(pooled), []
    pool = pooled.gates.pool
    wait_for(lambda: len(pool.pids()) == 4)  # the last roll's old gates have left
    # The gates are held still, so that nobody empties the queue.
    held = pool.pids()
    for process in held:
        os.kill(process, signal.SIGSTOP)
    try:
        for _ in range(1500):
            connection = socket.socket(socket.AF_UNIX)
            connection.setblocking(False)
            try:
                connection.connect(pool.socket())
                idle.append(connection)
            except BlockingIOError:
                connection.close()
                break
        assert 1000 <= len(idle) < 1500
        answer = ask(pooled, "hls2", f"{LESSON}/{SEGMENT}", token())
        assert answer.status == 503 and b'"code":"gate_unavailable"' in answer.body
    finally:
        for connection in idle:
            connection.close()
        for process in held:
            os.kill(process, signal.SIGCONT)
    wait_for(lambda: good() == "file", 20)
    assert sorted(pool.pids()) == sorted(held)


def test_C38_memory_and_descriptors_of_a_gate_stay_the_same(pooled):
    pool = pooled.gates.pool
    steady(pool)

    def memory(process):
        for line in open(f"/proc/{process}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    with Load(fetch(pooled), clients=4) as load:
        load.pass_requests(2000, 60)
        before = {p: (memory(p), len(os.listdir(f"/proc/{p}/fd"))) for p in pool.pids()}
        load.pass_requests(6000, 120)
        after = {p: (memory(p), len(os.listdir(f"/proc/{p}/fd"))) for p in pool.pids()}
    assert load.bad == 0 and before.keys() == after.keys()
    for process, (resident, descriptors) in after.items():
        assert resident - before[process][0] < 2048
        assert abs(descriptors - before[process][1]) <= 1


def test_the_counters_are_for_this_host_alone(pooled):
    os.symlink("metrics-gate.sock", f"{pooled.run}/metrics.sock")  # a pool of one role names it so
    answer = raw(pooled.port, request("/metrics", "media.test"))
    assert answer.status == 200 and answer.header("content-type").startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in answer.body.decode().splitlines() if not line.startswith("#"))
    assert float(lines['reelgate_requests_total{role="gate"}']) > 0
    assert float(lines['reelgate_pool_children{role="gate",state="serving"}']) == 4
