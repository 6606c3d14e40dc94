"""The pool with stand-in children: what happens to requests and processes when something dies, hangs, rolls or ends."""
import os, random, resource, shutil, signal, socket, subprocess, time

import pytest

from lab import programs, wait_for
from pool import Load, PoolLab, alive, ask, children, receive, send, steady
from tokens import SECRET


def test_C32_R01_killed_children_come_back_and_only_their_own_requests_fail():
    with PoolLab() as lab, Load(lab.socket(), urls=("/", "/sleep/3")) as load:
        choose, kills = random.Random(1), 0
        while kills < 40:
            if victims := lab.pids():
                os.kill(choose.choice(victims), signal.SIGKILL)
                kills += 1
            time.sleep(0.05)
        steady(lab)
        load.pass_requests(50)
        assert load.bad <= kills
        assert lab.metrics()['reelgate_pool_restarts_total{role="gate"}'] == kills
        assert lab.metrics()['reelgate_pool_restarts_total{role="api"}'] == 0


def test_C35_rolls_refuse_no_request_and_replace_every_process():
    with PoolLab() as lab, Load(lab.socket(), urls=("/", "/sleep/5")) as load, Load(lab.socket("upload"), clients=2) as other:
        before = {p for group in children(lab.process.pid).values() for p in group}
        for turn in range(4):
            lab.signal(signal.SIGHUP)
            wait_for(lambda: len(lab.events("roll_ended")) == turn + 1, 30)
            load.pass_requests(20)
        assert (load.bad, other.bad) == (0, 0)
        wait_for(lambda: not before & {p for group in children(lab.process.pid).values() for p in group})
        steady(lab)
        assert lab.metrics()["reelgate_pool_rolls_total"] == 4


def test_a_roll_takes_a_new_program_and_an_upload_in_the_middle_outlives_it():
    with PoolLab() as lab:
        old = receive(send(lab.socket("upload"), "/"))
        opened = send(lab.socket("upload"), "/sleep/3000")
        time.sleep(0.2)
        os.rename(f"{lab.bin}/reelgate-api", f"{lab.bin}/old")
        shutil.copy(f"{lab.bin}/old", f"{lab.bin}/reelgate-api")
        lab.signal(signal.SIGHUP)
        wait_for(lambda: lab.events("roll_ended"), 20)
        assert receive(opened) is not None
        wait_for(lambda: not alive(int(old)))
        assert int(ask(lab.socket("upload"))) != int(old)
        wait_for(lambda: len(lab.pids("reelgate-api")) == 4)


def test_a_roll_to_a_broken_program_is_given_up():
    with PoolLab() as lab, Load(lab.socket()) as load:
        before = sorted(lab.pids())
        open(f"{lab.run}/fails", "w").close()
        lab.signal(signal.SIGHUP)
        wait_for(lambda: lab.events("roll_ended"), 20)
        assert {e["role"] for e in lab.events("roll_abandoned")} == {"gate", "api", "upload", "worker", "keeper"}
        assert all(e["level"] == "alert" for e in lab.events("roll_abandoned"))
        load.pass_requests(20)
        assert load.bad == 0 and sorted(lab.pids()) == before
        os.unlink(f"{lab.run}/fails")
        lab.signal(signal.SIGHUP)
        wait_for(lambda: len(lab.events("roll_ended")) == 2, 20)
        wait_for(lambda: not set(before) & set(lab.pids()))


def test_term_lets_the_open_request_finish_then_nothing_is_left():
    with PoolLab() as lab:
        known = [p for group in children(lab.process.pid).values() for p in group]
        helpers = [h for p in lab.pids("reelgate-worker") for group in children(p).values() for h in group]
        assert helpers
        opened = send(lab.socket("api"), "/sleep/1500")
        time.sleep(0.2)
        lab.signal(signal.SIGTERM)
        assert receive(opened) is not None
        assert lab.process.wait(20) == 0
        assert not [p for p in known + helpers if alive(p)]
        assert not [n for n in os.listdir(lab.run) if n.endswith((".sock", ".pid"))]


def test_term_kills_what_does_not_drain():
    with PoolLab(DRAIN_SECONDS="1") as lab:
        known = [p for group in children(lab.process.pid).values() for p in group]
        opened = send(lab.socket("upload"), "/sleep/100000")
        time.sleep(0.2)
        lab.signal(signal.SIGTERM)
        assert lab.process.wait(20) == 0
        assert receive(opened) is None
        assert not [p for p in known if alive(p)]
        assert [e["role"] for e in lab.events("child_overdue")] == ["upload"]


def test_C34_a_request_that_hangs_costs_its_process_and_nothing_else():
    with PoolLab(GATE_SECONDS="1") as lab:
        opened = send(lab.socket(), "/sleep/100000")
        with Load(lab.socket()) as load:
            assert receive(opened) is None
            load.pass_requests(20)
        assert load.bad == 0
        stuck, = lab.events("request_stuck")
        assert (stuck["level"], stuck["role"], stuck["request"]) == ("alert", "gate", "test /sleep/100000")
        assert "state=" in stuck["where"] and stuck["milliseconds"] >= 1000
        steady(lab)
        values = lab.metrics()
        assert values['reelgate_pool_stuck_kills_total{role="gate"}'] == 1
        assert values['reelgate_requests_total{role="gate"}'] >= 20


def test_C33_a_crash_loop_alerts_and_leaves_the_others_alone():
    with PoolLab(API_PROCESSES="3") as lab, Load(lab.socket()) as load:
        gates = sorted(lab.pids())
        wait_for(lambda: ask(lab.socket("api"), "/crash") is None and lab.events("crash_loop"), 60)
        alert, = lab.events("crash_loop")
        assert (alert["level"], alert["role"]) == ("alert", "api") and alert["deaths_in_a_minute"] >= 10
        assert sorted(lab.pids()) == gates and load.bad == 0
        wait_for(lambda: ask(lab.socket("api")) is not None, 20)


def test_C35_a_child_is_replaced_after_its_share_without_a_gap():
    with PoolLab(MAX_REQUESTS="10", GATE_PROCESSES="2") as lab:
        with Load(lab.socket(), clients=3) as load:
            wait_for(lambda: lab.metrics()['reelgate_pool_recycled_total{role="gate"}'] > 10, 60)
        assert load.bad == 0 and len(load.seen) > 10
        # The last ones are counted just after they are answered.
        wait_for(lambda: lab.metrics()['reelgate_requests_total{role="gate"}'] == load.good)
        values = lab.metrics()
        assert values['reelgate_pool_restarts_total{role="gate"}'] == 0


def test_C36_the_supervisors_death_takes_everybody_along():
    with PoolLab() as lab:
        known = [p for group in children(lab.process.pid).values() for p in group]
        helpers = [h for p in lab.pids("reelgate-worker") for group in children(p).values() for h in group]
        opened = [send(lab.socket(role), "/sleep/100000") for role in ("gate", "api", "upload")]
        time.sleep(0.2)
        lab.process.kill()
        wait_for(lambda: not [p for p in known + helpers if alive(p)], 10)
        assert [receive(o) for o in opened] == [None] * 3
        # The next pool is not held up by what the old one left lying about.
        open(lab.log, "w").close()
        lab.process.wait(10)
        lab.start()
        assert ask(lab.socket()) is not None


def test_a_killed_workers_helper_goes_with_it():
    with PoolLab() as lab:
        worker, = lab.pids("reelgate-worker")
        helper, = [h for group in children(worker).values() for h in group]
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not alive(helper))
        wait_for(lambda: lab.pids("reelgate-worker") not in ([], [worker]))


@pytest.mark.parametrize("role", ["gate", "api", "upload"])
def test_C37_children_hold_their_own_descriptors_and_settings_only(role):
    with PoolLab(PATH="/usr/bin", AWS_SECRET_ACCESS_KEY="canary") as lab:
        opened = dict(line.split(" ", 1) for line in ask(lab.socket(role), "/descriptors").splitlines())
        kinds = {n: t.split(":")[0] for n, t in opened.items()}
        own = {n: k for n, k in kinds.items() if int(n) > 2}
        assert kinds["0"] == "socket"
        assert sorted(own.values(), key=str) == sorted(
            ["pipe", "pipe", "anon_inode", "anon_inode", "socket", f"/proc/{ask(lab.socket(role))}/fd"], key=str) or (
            sorted(v.split("/")[0] for v in own.values()) == ["", "anon_inode", "anon_inode", "pipe", "pipe", "socket"]), opened
        held = dict(line.split("=", 1) for line in ask(lab.socket(role), "/environment").splitlines())
        assert "canary" not in held.values() and "PATH" not in held and "AWS_SECRET_ACCESS_KEY" not in held
        assert (held["REELGATE_ROLE"], held["REELGATE_POOL"], held["SWIFT_BACKTRACE"]) == (role, "1", "enable=no")
        assert ("DATABASE_URL" in held) == (role != "gate") and ("JWT_SECRET" in held) == (role != "gate")
        assert 90_000 <= int(held["REELGATE_REQUEST_LIMIT"]) <= 110_000


def test_C38_descriptors_of_pool_and_children_stay_the_same():
    with PoolLab() as lab:
        steady(lab)
        before = len(os.listdir(f"/proc/{lab.process.pid}/fd"))
        child = len(ask(lab.socket(), "/descriptors").splitlines())
        for turn in range(5):
            os.kill(lab.pids()[0], signal.SIGKILL)
            lab.signal(signal.SIGHUP)
            lab.metrics()
            wait_for(lambda: len(lab.events("roll_ended")) == turn + 1, 20)
        steady(lab)
        wait_for(lambda: len(lab.pids("reelgate-api")) == 4)
        wait_for(lambda: len(os.listdir(f"/proc/{lab.process.pid}/fd")) == before)
        assert len(ask(lab.socket(), "/descriptors").splitlines()) == child


def test_two_pools_do_not_share_a_directory_but_two_roles_do():
    with PoolLab(["--role", "gate"]) as lab:
        assert set(children(lab.process.pid)) == {"reelgate-gate"}
        second = subprocess.run([f"{lab.bin}/reelgate-pool"], env=lab.environment, capture_output=True, text=True, timeout=20)
        assert second.returncode == 75 and "another pool already runs the role gate" in second.stderr
        assert ask(lab.socket()) is not None
        other = subprocess.Popen([f"{lab.bin}/reelgate-pool", "--role", "api"], env=lab.environment, stderr=subprocess.PIPE)
        wait_for(lambda: ask(lab.socket("api")) is not None)
        assert {"pool-gate.pid", "pool-api.pid", "metrics-gate.sock", "metrics-api.sock"} <= set(os.listdir(lab.run))
        other.terminate()
        assert other.wait(20) == 0
        assert ask(lab.socket()) is not None


def test_it_names_every_wrong_setting_and_every_missing_program():
    lab = PoolLab(GATE_PROCESSES="many", SECRET_KEY="short")
    done = subprocess.run([f"{lab.bin}/reelgate-pool"], env=lab.environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 78 and "GATE_PROCESSES" in done.stderr and "SECRET_KEY" in done.stderr and "short" not in done.stderr
    del lab.environment["GATE_PROCESSES"]
    lab.environment.update(SECRET_KEY=SECRET)
    os.unlink(f"{lab.bin}/reelgate-keeper")
    done = subprocess.run([f"{lab.bin}/reelgate-pool"], env=lab.environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 71 and "reelgate-keeper is missing" in done.stderr
    assert subprocess.run([f"{lab.bin}/reelgate-pool", "--role", "cook"], capture_output=True, timeout=20).returncode == 64
    shutil.rmtree(lab.base)


def test_systemd_is_told_and_may_hand_down_sockets():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        lab = PoolLab(["--role", "gate"], WATCHDOG_USEC="1500000")
        manager.bind(f"{lab.base}/notify")
        manager.settimeout(20)
        lab.environment["NOTIFY_SOCKET"] = f"{lab.base}/notify"
        heard = []

        def hear(prefix):
            while not any(h.startswith(prefix) for h in heard):
                heard.append(manager.recv(4096).decode())
            found = [h for h in heard if h.startswith(prefix)]
            heard.clear()
            return found[-1]
        with lab:
            hear("READY=1")
            assert "gate 4/4" in hear("STATUS=")
            hear("WATCHDOG=1")
            lab.signal(signal.SIGHUP)
            assert "\nMONOTONIC_USEC=" in hear("RELOADING=1")
            hear("READY=1")
            lab.signal(signal.SIGTERM)
            hear("STOPPING=1")
            assert lab.process.wait(20) == 0


def test_sockets_from_systemd_are_used_and_left():
    lab = PoolLab(["--role", "gate"])
    with socket.socket(socket.AF_UNIX) as given:
        given.bind(f"{lab.base}/given.sock")
        given.listen(64)
        start = ("import os,sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
                 " os.execv(sys.argv[2], sys.argv[2:])")
        lab.environment.update(LISTEN_FDS="1", LISTEN_FDNAMES="gate.socket")
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", start, str(given.fileno()), f"{lab.bin}/reelgate-pool", "--role", "gate"],
            env=lab.environment, pass_fds=[given.fileno()], stderr=subprocess.DEVNULL)
        wait_for(lambda: ask(f"{lab.base}/given.sock") is not None)
        assert not os.path.exists(lab.socket())
        process.terminate()
        assert process.wait(20) == 0 and os.path.exists(f"{lab.base}/given.sock")
    shutil.rmtree(lab.base)


def test_it_drops_descriptors_that_were_handed_down_by_accident():
    lab = PoolLab()
    with open(f"{lab.base}/lock", "w") as lock:
        lab.process = subprocess.Popen([f"{lab.bin}/reelgate", "serve"], env=lab.environment, pass_fds=[lock.fileno()],
                                       stdin=subprocess.DEVNULL, stderr=open(lab.log, "ab"))
        wait_for(lambda: lab.events("ready"), 20)
        held = [os.readlink(f"/proc/{lab.process.pid}/fd/{n}") for n in os.listdir(f"/proc/{lab.process.pid}/fd")]
        assert f"{lab.base}/lock" not in held
    lab.__exit__()


# What each real responder answers without a pool, a database or nginx: the gate refuses, the API says what is missing.
ALONE = [("poolchild", {}, ""), ("reelgate-gate", {"RG_KIND": "f", "RG_URI": "/", "RG_RAW": "/", "RG_METHOD": "GET"}, ""),
         ("reelgate-api", {"REQUEST_URI": "/health", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1"}, '"database"')]


@pytest.mark.skipif(not shutil.which("spawn-fcgi"), reason="spawn-fcgi is not installed")
@pytest.mark.parametrize("program,parameters,answer", ALONE, ids=[a[0] for a in ALONE])
def test_C29_a_responder_runs_under_spawn_fcgi_and_outlives_clients_that_leave(program, parameters, answer):
    lab = PoolLab()
    path = f"{lab.base}/s.sock"
    environment = {**lab.environment, "PATH": os.environ["PATH"], "REELGATE_ROLE": "api"}
    subprocess.run(["spawn-fcgi", "-s", path, "-P", f"{lab.base}/pid", "--", f"{programs()}/{program}"], check=True,
                   env=environment, capture_output=True, timeout=20)
    process = int(open(f"{lab.base}/pid").read())
    try:
        for _ in range(20):
            text = receive(send(path, "/", **parameters))
            assert text is not None and answer in text
            send(path, "/", **parameters).close()  # nobody reads the answer
        assert alive(process)
        if program == "poolchild":
            opened = send(path, "/sleep/300")
            time.sleep(0.1)
            os.kill(process, signal.SIGTERM)
            assert receive(opened) is not None
        else:
            os.kill(process, signal.SIGTERM)
        wait_for(lambda: not alive(process))
    finally:
        if alive(process):
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(lab.base)


def test_C31_descriptors_above_1024_work():
    lab = PoolLab()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{lab.base}/s.sock")
    listener.listen(16)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1200)]
    parameters = {"RG_KIND": "f", "RG_URI": "/", "RG_RAW": "/", "RG_METHOD": "GET"}
    process = subprocess.Popen([f"{programs()}/reelgate-gate"], stdin=listener, env=lab.environment, pass_fds=held,
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(20):
            assert ask(f"{lab.base}/s.sock", "/", **parameters) is not None
        assert max(int(n) for n in os.listdir(f"/proc/{process.pid}/fd")) > 1024
    finally:
        process.kill()
        process.wait(10)
        for number in held:
            os.close(number)
        shutil.rmtree(lab.base)


def test_metrics_do_not_wait_for_slow_or_silent_clients():
    with PoolLab() as lab:
        idle = []
        for _ in range(20):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(f"{lab.run}/metrics.sock")
            connection.sendall(b"GET /met")
            idle.append(connection)
        lab.signal(signal.SIGHUP)
        wait_for(lambda: lab.events("roll_ended"), 20)
        for connection in idle:
            try:
                connection.settimeout(20)
                assert connection.recv(100) == b""
            except ConnectionError:
                pass
        assert lab.metrics()["reelgate_pool_rolls_total"] == 1
