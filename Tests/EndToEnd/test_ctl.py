"""The operator's commands against a real database and running processes."""
import os, re, signal, subprocess, time

import pytest

from lab import ROOT, programs
from test_uploads import END, IDS, clips, part  # noqa: F401
from uploadlab import Sender, UploadLab


@pytest.fixture(scope="module")
def lab():
    made = UploadLab(api=1, upload=1)
    try:
        yield made.start()
    finally:
        made.stop()


def run(lab, *words, text=None, **more):
    """Exit code, standard output, standard error."""
    done = subprocess.run([f"{programs()}/reelgate", *words], env={**lab.settings, **more}, input=text, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_keys(lab):
    code, out, _ = run(lab, "keys", "add", "--name", "A site", "--scopes", "upload")
    key = out.strip()
    assert code == 0 and re.fullmatch(r"rgk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", key)
    headers = {"X-API-Key": key}
    unknown = "/api/tasks/00000000-0000-4000-8000-000000000000"
    assert lab.call(unknown, headers=headers, key=False)[0] == 404
    assert lab.call("/api/get-video-token/v2", headers=headers, key=False)[2]["code"] == "scope"
    listed = run(lab, "keys", "list")[1]
    assert key.split("_")[1] in listed and key.split("_", 2)[2] not in listed
    assert key.split("_", 2)[2] not in str(lab.server.sql("select secret_hash, name from api_keys"))
    assert run(lab, "keys", "revoke", key.split("_")[1])[0] == 0
    assert lab.call(unknown, headers=headers, key=False)[2]["code"] == "credentials_invalid"
    assert run(lab, "keys", "revoke", key.split("_")[1])[0] == 1
    for words in (["--name", "x"], ["--name", "x", "--scopes", "root"], ["--name", "x", "--scopes", "upload,upload"], ["--name", "", "--scopes", "upload"]):
        assert run(lab, "keys", "add", *words)[0] == 2, words


def test_users(lab, tmp_path):
    person = ["--email", "ann@example.com", "--name", "Ann", "--role", "admin"]
    assert run(lab, "users", "add", *person, text="short\n")[0] == 1
    assert run(lab, "users", "add", *person, text="correct horse battery\n")[0] == 0
    assert lab.server.sql("select role, password_hash like '$argon2id$v=19$m=65536,t=3,p=1$%' from users") == ["admin|t"]
    assert run(lab, "users", "add", *person, text="correct horse battery\n")[0] == 1
    file = tmp_path / "password"
    file.write_text("another good password\n")
    assert run(lab, "users", "add", *person, "--if-missing", "--password-file", str(file))[0] == 0
    assert run(lab, "users", "add", *person, "--password", "on the command line")[0] == 2
    assert lab.server.sql("select count(*) from users") == ["1"]


def test_migrate_routes_version_help(lab):
    assert run(lab, "migrate", "--migrations", f"{ROOT}/migrations")[:2] == (0, "up to date\n")
    assert run(lab, "migrate")[:2] == (0, "up to date\n"), "found above the program"
    assert "POST   /upload/lesson " in run(lab, "routes")[1]
    assert run(lab, "version")[1].startswith("reelgate ")
    assert run(lab)[0] == 2 and run(lab, "help")[0] == 0 and run(lab, "nonsense")[0] == 2
    code, _, error = run(lab, "keys", "list", DATABASE_URL="")
    assert code == 1 and "DATABASE_URL is missing" in error


def test_doctor(lab):
    code, out, _ = run(lab, "doctor")
    assert code == 0, out
    assert "listened on" in out and "PostgreSQL" in out
    code, out, _ = run(lab, "doctor", RUN_DIR="/nonexistent")
    assert code == 1 and "wrong" in out
    code, out, _ = run(lab, "doctor", SECRET_KEY="changeme", JWT_SECRET="short", PUBLIC_BASE_URL="nonsense")
    assert code == 1 and all(name in out for name in ("SECRET_KEY", "JWT_SECRET", "PUBLIC_BASE_URL")) and "changeme" not in out


def test_jobs(lab, clips):  # noqa: F811
    task = lab.curl(clips["mp4"])[1]["task_id"]
    listed = run(lab, "jobs", "list", "--state", "queued")[1]
    job = next(line.split()[0] for line in listed.splitlines() if task in line)
    assert task in run(lab, "jobs", "show", job)[1]
    assert run(lab, "jobs", "cancel", job)[0] == 0 and run(lab, "jobs", "cancel", job)[0] == 1
    assert run(lab, "jobs", "retry", job)[0] == 0 and run(lab, "jobs", "retry", job)[0] == 1
    assert run(lab, "jobs", "show", "999999")[0] == 1 and run(lab, "jobs", "show", "07")[0] == 2 and run(lab, "jobs", "list", "--state", "odd")[0] == 2


def test_c35_sigterm_while_a_body_comes_in_lets_it_finish(lab, clips):  # noqa: F811
    with open(clips["mp4"], "rb") as film:
        body = IDS + part("video", film.read(), "a.mp4") + END
    sender = Sender(lab.upload.path, len(body), lab.key)
    sender.body(body[:5000])
    time.sleep(0.3)
    process = lab.upload.processes[0]
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert process.poll() is None
    sender.body(body[5000:])
    assert sender.finish() == 202
    assert process.wait(10) == 0


def test_programs_do_not_start_with_weak_or_missing_settings(lab):
    done = subprocess.run([f"{programs()}/reelgate-api"], env={**lab.settings, "SECRET_KEY": "changeme", "JWT_SECRET": ""},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    assert done.returncode == 78 and "SECRET_KEY is weak" in done.stderr and "JWT_SECRET is missing" in done.stderr
    assert "changeme" not in done.stderr
