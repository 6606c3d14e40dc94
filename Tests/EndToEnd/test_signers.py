"""Keys of the signer: added, used and retired while the gates and the API serve."""
import base64, os, re, stat, subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import programs, wait_for
from test_gate_fastcgi import ask, params
from tokens import SECRET, mint, sign
from tree import LESSON, SEGMENT
from uploadlab import SECRETS, UploadLab

NEXT = "nX4cV8bM2kL6jH0gF5dS9aP3oI7uY1tR"
PATH = f"/hls2/{LESSON}/{SEGMENT}"


@pytest.fixture(scope="module")
def lab():
    made = UploadLab(api=1, upload=1)
    made.keys = f"{made.base}/keys"
    for settings in (made.settings, made.api.environment, made.upload.environment):
        settings["SIGNING_KEYS_FILE"] = made.keys
    made.gates.count = 3
    with open(made.keys, "w") as file:
        file.write(f"# who signs\nfirst {NEXT}\n")
    os.chmod(made.keys, 0o604)
    try:
        made.start()
        os.makedirs(f"{made.data}/hls/{LESSON}")
        yield made
    finally:
        made.stop()


def run(lab, *words, **more):
    done = subprocess.run([f"{programs()}/reelgate", "signers", *words], env={**lab.settings, **more}, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def verdict(lab, token):
    """What one of the gates says: 204, or the reason."""
    said = ask(lab, params(RG_URI=PATH, RG_RAW=PATH, HTTP_AUTHORIZATION=f"Bearer {token}", HTTP_REFERER=lab.address + "/")).decode("latin-1")
    if reason := re.search(r"X-Reelgate-Reason: (\w+)", said):
        return reason.group(1)
    return int(said.split()[1])


def verdicts(lab, token):
    """What many gates at once say: one alone does not get all of these requests."""
    with ThreadPoolExecutor(24) as pool:
        return set(pool.map(lambda _: verdict(lab, token), range(48)))


def everywhere(lab, token, expected):
    """Waits until they say the same."""
    wait_for(lambda: verdicts(lab, token) == {expected})


def signed(kid, secret):
    return mint(LESSON, {"alg": "HS256", "kid": kid}, secret)


def minted(lab):
    return lab.call(f"/api/get-video-token/v2?user_id=u1&rel={LESSON}")[2]["token"]


def test_E20_a_key_comes_and_goes_while_others_play(lab):
    assert verdict(lab, signed("first", NEXT)) == 204 and verdict(lab, mint(LESSON)) == 204
    if os.getuid() == 0:
        os.chown(lab.keys, 65534, 65534)
    code, out, err = run(lab, "add", "--kid", "second")
    second = out.split()[1]
    assert (code, out.split()[0]) == (0, "second") and re.fullmatch(r"[A-Za-z0-9_-]{43}", second) and "not shown again" in err
    everywhere(lab, signed("second", second), 204)
    assert verdict(lab, signed("second", NEXT)) == "token_signature"
    listed = run(lab, "list")[1]
    assert listed == "SECRET_KEY (tokens without a kid)  signs\nfirst\nsecond\n" and second not in listed
    assert os.stat(lab.keys).st_uid == (65534 if os.getuid() == 0 else os.getuid())
    assert stat.S_IMODE(os.stat(lab.keys).st_mode) == 0o604 and open(lab.keys).read().startswith("# who signs\n")
    # What is minted follows, and plays on everywhere at once: use waits until every process knows the key.
    before = minted(lab)
    assert run(lab, "use", "second")[0] == 0
    wait_for(lambda: '"kid":"second"' in header(minted(lab)))
    assert verdicts(lab, minted(lab)) == {204} and verdict(lab, before) == 204
    assert run(lab, "list")[1].endswith("second  signs\n")
    assert run(lab, "retire", "second")[0] == 1, "it signs"
    assert run(lab, "retire", "first")[0] == 0
    everywhere(lab, signed("first", NEXT), "token_key")
    assert verdict(lab, signed("second", second)) == 204 and verdict(lab, before) == 204
    assert run(lab, "use", "SECRET_KEY")[0] == 0 and run(lab, "retire", "second")[0] == 0
    everywhere(lab, signed("second", second), "token_key")
    wait_for(lambda: '"kid"' not in header(minted(lab)))


def header(token):
    part = token.split(".")[0]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def test_E30_weak_known_and_doubled_keys_are_not_added(lab, tmp_path):
    before = open(lab.keys).read()
    file = tmp_path / "secret"
    for secret in ("short", "changeme-changeme-changeme-changeme", "a" * 40, SECRET, SECRETS["JWT_SECRET"], "", "two words " + NEXT):
        file.write_text(secret + "\n")
        code, out, err = run(lab, "add", "--kid", "weak", "--secret-file", str(file))
        assert code == 1 and (not secret or secret not in out + err), secret
    file.write_text(NEXT + "\n")
    for kid in ("../x", "", "a b", "x" * 65, "#x"):
        assert run(lab, "add", "--kid", kid, "--secret-file", str(file))[0] == 2, kid
    assert run(lab, "retire", "nobody")[0] == 1 and run(lab, "use", "nobody")[0] == 1
    assert run(lab, "list", SIGNING_KEYS_FILE="")[0] == 1
    assert open(lab.keys).read() == before
    code, out, _ = run(lab, "add", "--kid", "own", "--secret-file", str(file))
    assert (code, out) == (0, "added own\n") and run(lab, "add", "--kid", "own")[0] == 1
    everywhere(lab, signed("own", NEXT), 204)
    assert run(lab, "retire", "own")[0] == 0
    everywhere(lab, signed("own", NEXT), "token_key")


def test_E20_a_broken_file_keeps_the_keys_and_says_so_once(lab):
    assert run(lab, "add", "--kid", "kept")[0] == 0
    secret = next(line.split()[1] for line in open(lab.keys) if line.startswith("kept "))
    everywhere(lab, signed("kept", secret), 204)
    good = open(lab.keys).read()

    def alerts():
        with open(f"{lab.run}/gate.log") as log:
            return sum('"signing_keys_unreadable"' in line and '"program":"gate"' in line for line in log)
    said = alerts()
    with open(lab.keys, "w") as file:
        file.write("kept short\n")
    # Every gate has looked when each has said so; they are asked until then.
    wait_for(lambda: verdicts(lab, signed("kept", secret)) == {204} and alerts() == said + 3)
    assert verdicts(lab, mint(LESSON)) == {204}
    assert run(lab, "add")[0] == 1, "nothing is added to what can't be read"
    with open(lab.keys, "w") as file:
        file.write(good + f"later {NEXT}\n")
    everywhere(lab, signed("later", NEXT), 204)
    assert verdict(lab, signed("kept", secret)) == 204 and alerts() == said + 3


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1--", "x" * 600, "", "later ", "Later"])
def test_E07_no_id_is_anything_but_an_id(lab, kid):
    assert verdict(lab, sign({"alg": "HS256", "kid": kid}, {"rel": LESSON})) in ("token_key", "token_malformed")
