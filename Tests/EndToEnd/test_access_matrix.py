"""J12: every route of the table, asked by every kind of caller for what is his, somebody else's, deleted or unknown, through
nginx, answers as access/*.txt says."""
import subprocess, urllib.parse

import pytest

import access_matrix
from access_matrix import ACTORS, THING
from apifuzz import clip
from fuzzlab import FuzzLab
from lab import programs
from world import ADA, BOB, CAPTIONS, NOBODY, OWNERS, ROOT

PEOPLE = {"viewer-own": (ADA, "viewer"), "viewer-other": (BOB, "viewer"), "instructor-own": (ADA, "instructor"),
          "instructor-other": (BOB, "instructor"), "admin": (ROOT, "admin")}
TABLE = [" ".join(line.split()[:2]) for line in subprocess.run(
    [f"{programs()}/reelgate", "routes"], capture_output=True, text=True, check=True).stdout.splitlines()]
ROWS = {row.route: row for row in access_matrix.rows(TABLE)}


@pytest.fixture(scope="module")
def lab():
    made = FuzzLab()
    try:
        made.start()
        made.film = clip()
        made.keys = {f"key:{scope}": made.reelgate("keys", "add", "--name", scope, "--scopes", scope).strip().splitlines()[-1]
                     for scope in ("upload", "tokens", "catalog", "admin")}
        yield made
    finally:
        made.stop()


def credential(lab, actor):
    if actor in PEOPLE:
        return {"Authorization": f"Bearer {lab.world.token(*PEOPLE[actor])}"}
    return {"X-API-Key": lab.keys[actor]} if actor in lab.keys else {}


def filled(lab, text, actor, state, made, escape):
    """The text with things in the places of their names; a thing is made once a request."""
    def thing(match):
        name, part = match.groups()
        if name == "me":
            return PEOPLE.get(actor, ("somebody",))[0]
        if name == "owner":
            return OWNERS.get(state, NOBODY)
        if name == "fresh":
            return lab.world.fresh()
        if name not in made:
            made[name] = lab.world.make(name, state)
        return escape(made[name] if part is None else made[name].split("/")[int(part)])
    return THING.sub(thing, text)


def ask(lab, row, actor, state):
    made, headers, body = {}, credential(lab, actor), None
    target = filled(lab, row.target, actor, state, made, lambda text: urllib.parse.quote(text, safe=""))
    kind, _, rest = row.body.partition(" ")
    rest = filled(lab, rest, actor, state, made, str)
    if kind == "json":
        body, headers["Content-Type"] = rest, "application/json"
    elif kind == "captions":
        body, headers["Content-Type"] = CAPTIONS, "text/vtt"
    elif kind == "form":
        part = "--XX\r\nContent-Disposition: form-data; name=\"{}\"{}\r\n\r\n"
        body = "".join(part.format(name, "") + value + "\r\n" for name, value in urllib.parse.parse_qsl(rest)).encode()
        body += part.format("video", "; filename=\"film.mp4\"").encode() + lab.film + b"\r\n--XX--\r\n"
        headers["Content-Type"] = "multipart/form-data; boundary=XX"
    return lab.call(target, row.route.split()[0], body, headers, key=False)


def test_J12_every_route_is_in_the_matrix_and_no_other():
    assert sorted(TABLE) == sorted(ROWS)


@pytest.mark.parametrize("route", ROWS)
def test_J12_who_gets_what(lab, route):
    row, wrong = ROWS[route], []
    for actor in ACTORS:
        for state, wanted in zip(row.states, row.codes[actor]):
            status, headers, body = ask(lab, row, actor, state)
            if status != wanted:
                wrong.append(f"{actor}, {state}: {status} instead of {wanted}: {str(body)[:200]}")
            if status >= 400:
                assert body["status"] == status and body["code"] == headers["x-reelgate-reason"], (actor, state, body)
    assert not wrong, "\n".join([route, *wrong])


def test_what_is_not_there_looks_like_what_is_somebody_elses(lab):
    """J12: nobody learns from an answer which ids there are: foreign and unknown differ in nothing but the request's id."""
    for route, row in ROWS.items():
        for actor, codes in row.codes.items():
            said = dict(zip(row.states, codes))
            if said.get("foreign") == said.get("unknown") == 404:
                answers = [ask(lab, row, actor, state)[2] for state in ("foreign", "unknown")]
                for answer in answers:
                    answer.pop("request_id")
                assert answers[0] == answers[1], (route, actor)
