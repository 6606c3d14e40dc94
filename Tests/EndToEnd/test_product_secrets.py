"""Attack catalogue, section K: where the product's secrets are, and where they must not be."""
import base64, glob, os, re, subprocess

import pytest

from fcgi import begin, exchange, pair, record, said
from test_product_gate import RELS, is_problem, product  # noqa: F401  (the fixture)

SECRETS = ("SECRET_KEY", "JWT_SECRET", "MEDIA_MASTER_KEY", "CALLBACK_SECRET", "CALLBACK_BEARER", "API_KEY", "ADMIN_PASSWORD")


def secrets(demo):
    """Every secret's value; of the master key the part that is one."""
    values = {}
    for name in SECRETS:
        with open(f"{demo.data}/secrets/{name}") as file:
            values[name] = file.read().strip().split(":")[-1]
        assert len(values[name]) >= 16
    return values


def pool_and_children(demo):
    with open(f"{demo.data}/run/pool.pid") as file:
        pool = int(file.read())
    found = [pool]
    for entry in glob.glob("/proc/[0-9]*"):
        try:
            with open(f"{entry}/stat") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == pool:
                    found.append(int(entry[6:]))
        except (OSError, ValueError):
            pass
    return found


def stranger(*command):
    """A command as another local user."""
    return subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", *command],
                          capture_output=True, text=True, cwd="/")


as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")


def test_K01_secrets_are_their_owners_alone(demo):
    assert os.stat(f"{demo.data}/secrets").st_mode & 0o077 == 0
    names = os.listdir(f"{demo.data}/secrets")
    assert set(SECRETS) <= set(names)
    for name in names:
        assert os.stat(f"{demo.data}/secrets/{name}").st_mode & 0o077 == 0, name
    assert os.stat(f"{demo.data}/demo.env").st_mode & 0o077 == 0
    for place in ("originals", "uploads", "work", "tmp"):
        assert os.stat(f"{demo.data}/data/{place}").st_mode & 0o007 == 0, place


@as_root
def test_K01_J18_C01_another_user_of_the_machine_gets_nothing(demo):
    """Neither files nor sockets: the gate's, the API's, the database's."""
    for path in [f"{demo.data}/secrets/SECRET_KEY", f"{demo.data}/demo.env", *glob.glob(f"{demo.data}/data/originals/*/*/*/*/*")[:3]]:
        assert stranger("cat", path).returncode != 0, path
    for name in ("gate.sock", "api.sock", "upload.sock"):
        code = f"import socket; socket.socket(socket.AF_UNIX).connect('{demo.data}/run/{name}')"
        done = stranger("/usr/bin/python3", "-c", code)
        assert done.returncode != 0 and "PermissionError" in done.stderr, (name, done.stderr)
    done = stranger("psql", "-qAtX", demo["DATABASE_URL"], "-c", "select 1")
    assert done.returncode != 0 and done.stdout == "", done


def test_K02_K03_no_key_is_stored(product):  # noqa: F811
    """With the tree and a dump of the database, and without the master key, there is no key of any segment: not as bytes,
    not in hexadecimal digits, not in base64."""
    keys = set()
    for rel in RELS:
        for name in product.files[rel]:
            if name.endswith(".m3u8"):
                with open(f"{product.hls}/{rel}/{name}") as file:
                    for number in re.findall(r'URI="\.\./key/(\d+)"', file.read()):
                        answer = product.ask(f"/hls2/{rel}/{product.publication[rel]}/key/{number}", product.token(rel))
                        assert answer.status == 200 and len(answer.body) == 16
                        keys.add(answer.body)
    assert len(keys) >= 4
    dump = subprocess.run(["pg_dump", product.demo["DATABASE_URL"]], capture_output=True, check=True).stdout
    assert RELS[0].encode() in dump
    forms = [form for key in keys for form in (key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key)[:21])]
    master = secrets(product.demo)["MEDIA_MASTER_KEY"]
    forms += [master.encode(), bytes.fromhex(master)]
    contents = [("the dump", dump)]
    for path in glob.glob(f"{product.hls}/**", recursive=True):
        if os.path.isfile(path):
            assert os.path.basename(path) not in ("key", "enc.key"), path
            with open(path, "rb") as file:
                contents.append((path, file.read()))
    assert len(contents) > 10
    for path, content in contents:
        assert not any(form in content for form in forms), path


def test_K04_no_secret_where_others_look(demo):
    """Not among the words and the environment of a process, not in a log, not in a core (there is none)."""
    values = secrets(demo)
    for process in pool_and_children(demo):
        for name in ("cmdline", "environ"):
            with open(f"/proc/{process}/{name}", "rb") as file:
                content = file.read()
            for secret, value in values.items():
                assert value.encode() not in content, (process, name, secret)
        with open(f"/proc/{process}/comm") as file:
            program = file.read().strip()
        with open(f"/proc/{process}/limits") as file:
            limits = file.read()
        assert re.search(r"Max core file size +0 +0 ", limits), (program, limits)
    for path in glob.glob(f"{demo.data}/logs/*"):
        with open(path, "rb") as file:
            content = file.read()
        for secret, value in values.items():
            assert value.encode() not in content, (path, secret)
    for name in ("nginx",):
        for path in glob.glob(f"{demo.data}/{name}/**", recursive=True):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    content = file.read()
                assert not any(value.encode() in content for value in values.values()), path


@as_root
def test_K04_another_user_cannot_look_into_a_process(demo):
    for process in pool_and_children(demo):
        for name in ("environ", "maps", "mem"):
            assert stranger("cat", f"/proc/{process}/{name}").returncode != 0, (process, name)


@pytest.mark.parametrize("length,body,status", [
    ("10", b"{\"a\":", 400), ("2", b"{\"video_id\":\"a/b/c/d\"}", 400), ("-5", b"{}", 400), ("+2", b"{}", 400), ("2 ", b"{}", 400),
    ("18446744073709551616", b"{}", 400), ("", b"{\"video_id\":\"a/b/c/none\"}", 404), (None, b"{\"video_id\":\"a/b/c/none\"}", 404)])
def test_C12_C13_a_body_that_is_not_as_long_as_it_says(demo, length, body, status):
    """Straight to the API's socket: nginx would have mended or refused most of these."""
    values = {"REQUEST_METHOD": "POST", "REQUEST_URI": "/api/admin/transcode", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": length,
              "REMOTE_ADDR": "127.0.0.1", "HTTP_X_API_KEY": demo["API_KEY"], "SERVER_PROTOCOL": "HTTP/1.1"}
    data = b"".join(pair(name.encode(), value.encode()) for name, value in values.items() if value is not None)
    answer = said(exchange(f"{demo.data}/run/api.sock", begin() + record(4, data) + record(4, b"") + record(5, body) + record(5, b"")))
    assert answer.startswith(b"Status: %d " % status), answer[:300]


def test_K11_the_routes_hold_no_oracle(product):  # noqa: F811
    """Nothing encrypts or decrypts what a caller sends; keys leave by the gate alone."""
    for path in ("/api/decrypt", "/api/encrypt", "/api/key", "/decrypt", f"/api/videos/{RELS[0].replace('/', '%2F')}/key"):
        for method in ("GET", "POST"):
            is_problem(product, product.ask(path, method=method, **{"X-API-Key": product.demo["API_KEY"]}), 404, "not_found")
