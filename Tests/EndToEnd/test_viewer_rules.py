"""Rules on viewers: networks, countries, kinds of programs and referrers, on a token and on a lesson."""
import json
from urllib.parse import quote

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from test_cat import verdict
from tokens import mint
from tree import LESSON, SEGMENT
from uploadlab import UploadLab

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GERMAN, FRENCH, GERMAN6, NOWHERE = "198.51.100.9", "203.0.113.9", "2001:db8:1:1ff::9", "192.0.2.1"


def countries(path):
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-Country")
    for networks, code in ((["198.51.100.0/24", "2001:db8:1::/48"], "DE"), (["203.0.113.0/24"], "FR"), (["192.0.2.128/25"], None)):
        writer.insert_network(IPSet(networks), {"country": {"iso_code": code}} if code else {"continent": {"code": "EU"}})
    writer.to_db_file(path)


@pytest.fixture(scope="module")
def lab():
    made = UploadLab(api=1, upload=1)
    countries(f"{made.base}/countries.mmdb")
    made.settings |= {"GEOIP_FILE": f"{made.base}/countries.mmdb", "MOBILE_REFERRERS": "none, https://app.example"}
    try:
        made.start()
        made.server.sql(f"insert into videos (rel, owner, publication) values ('{LESSON}', 'lab', '_0123456789ab-k1-d6000')")
        yield made
    finally:
        made.stop()


def see(lab, token, client, agent=FIREFOX, **more):
    return verdict(lab, token, RG_CLIENT=client, HTTP_USER_AGENT=agent, **more)


def asked(lab, **more):
    query = "&".join(f"{name}={quote(value)}" for name, value in {"user_id": "u7", "rel": LESSON, **more}.items())
    return lab.call(f"/api/get-video-token/v2?{query}")


@pytest.mark.parametrize("format", ["jwt", "cat"])
@pytest.mark.parametrize("address,same,other", [
    ("203.0.113.7", ["203.0.113.255", "::ffff:203.0.113.1"], ["203.0.112.7", "::1", "unix:", ""]),
    ("::ffff:203.0.113.7", ["203.0.113.1"], ["203.0.114.1"]),
    ("2001:db8:1:100::7", [GERMAN6, "2001:db8:1:100::"], ["2001:db8:1:200::7", "203.0.113.7"])])
def test_E27_B27_a_token_stays_in_its_network(lab, format, address, same, other):
    token = asked(lab, address=address, format=format)[2]["token"]
    assert [see(lab, token, client) for client in same] == [204] * len(same)
    assert [see(lab, token, client) for client in other] == ["address"] * len(other)
    # B24, B25: what a client says about its address counts for nothing.
    assert see(lab, token, other[0], HTTP_X_FORWARDED_FOR=same[0], HTTP_X_REAL_IP=same[0], HTTP_CLIENT_IP=same[0]) == "address"


RULES = [
    ("deny cc:FR;allow *", {GERMAN: 204, FRENCH: "country", GERMAN6: 204, NOWHERE: "country", "192.0.2.200": "country", "unix:": "country"}),
    ("allow cc:DE;deny *", {GERMAN: 204, FRENCH: "country", "::ffff:" + GERMAN: 204, "::ffff:" + FRENCH: "country"}),
    ("allow net:192.0.2.0/24;deny cc:FR;allow *", {NOWHERE: 204, FRENCH: "country", GERMAN: 204}),
    ("deny net:198.51.100.0/24;allow *", {GERMAN: "address", FRENCH: 204, "unix:": "address"}), ("deny *", {GERMAN: "address"})]


@pytest.mark.parametrize("rules,expected", RULES)
def test_the_first_rule_that_fits_decides(lab, rules, expected):
    for format in ("jwt", "cat"):
        token = asked(lab, rules=rules, format=format)[2]["token"]
        assert {client: see(lab, token, client) for client in expected} == expected


def test_kinds_of_programs(lab):
    token = asked(lab, rules="deny agent:tool;deny agent:none;deny agent:player;allow *")[2]["token"]
    expected = {FIREFOX: 204, "curl/8.5.0": "agent", "": "agent", None: "agent", "VLC/3.0.20 LibVLC/3.0.20": "agent", "okhttp/4.12": 204}
    assert {agent: see(lab, token, GERMAN, agent) for agent in expected} == expected
    web = asked(lab, rules="allow agent:browser;deny *")[2]["token"]
    assert see(lab, web, GERMAN) == 204 and see(lab, web, GERMAN, "okhttp/4.12") == "agent"


@pytest.mark.parametrize("parameter", [
    "address=", "address=1.2.3", "address=1.2.3.4/24", "address=fe80::1%25eth0", "address=1.2.3.4&address=1.2.3.4", "rules=", "rules=allow", "rules=deny%20cc:RU",
    "rules=allow%20*;deny%20cc:RU", "rules=allow%20*|allow%20*", "rules=deny%20cc:ru;allow%20*", "rules=deny%20net:1.2.3.4/24;allow%20*",
    "rules=deny%20agent:bot;allow%20*", "rules=" + "deny%20cc:RU;" * 30 + "allow%20*", "rules=allow%20*%00", "rules=allow%20*%0a"])
def test_rules_that_make_no_sense_are_a_400(lab, parameter):
    status, _, body = lab.call(f"/api/get-video-token/v2?user_id=u&rel={LESSON}&{parameter}")
    assert (status, body["code"]) == (400, "bad_request"), body


def test_E21_a_token_that_no_gate_would_read_is_not_minted(lab):
    rel = "/".join(letter * 64 for letter in "abcd")
    lab.server.sql(f"insert into videos (rel, owner, rules) values ('{rel}', 'lab', '{'deny cc:XX;' * 22}allow *')")
    rules = "deny cc:YY;" * 22 + "allow *"
    names = {"rel": rel, "user_id": "u" * 128, "session_id": "s" * 128, "dev": "d" * 128}
    for format in ("jwt", "cat"):
        status, _, body = asked(lab, rules=rules, format=format, address=GERMAN6, **names)
        if status == 200:
            for token in (body["token"], body["path_playlist_url"].split("/play/")[1].split("/")[0]):
                assert len(token) <= 2048
        else:
            assert (status, body["code"]) == (400, "bad_request") and "too long" in body["detail"]
        assert asked(lab, format=format, **names)[0] == 200


def test_a_site_signs_rules_itself(lab):
    assert see(lab, mint(LESSON, rules="deny cc:FR;allow *"), FRENCH) == "country"
    assert see(lab, mint(LESSON, ip="198.51.100.0/24"), GERMAN) == 204
    assert see(lab, mint(LESSON, rules="deny cc:FR"), GERMAN) == "address", "nothing fits: refused"
    for odd in ({"rules": "allow everyone"}, {"rules": ""}, {"rules": ["allow *"]}, {"rules": 1}, {"ip": "198.51.100.9/24"}, {"ip": ""}, {"ip": 7},
                {"rules": "allow *;x"}, {"rules": "allow\u00a0*"}):
        assert see(lab, mint(LESSON, **odd), GERMAN) == "token_malformed", odd
    # What the token is for, and where it may be shown, is told first.
    assert see(lab, mint("t1/c1/m1/l10", rules="deny *"), GERMAN) == "rel"
    assert see(lab, mint(LESSON, rules="deny *"), GERMAN, HTTP_REFERER="https://evil.example/") == "referrer"


def test_a_lesson_s_rules_go_into_its_tokens(lab):
    path = f"/api/videos/{quote(LESSON, safe='')}/rules"

    def put(body, path=path):
        return lab.call(path, "PUT", json.dumps(body), {"Content-Type": "application/json"})
    before = asked(lab)[2]["token"]
    assert lab.call(path)[2] == {"rel": LESSON, "rules": None}
    assert put({"rules": "deny cc:FR;allow *"})[::2] == (200, {"rel": LESSON, "rules": "deny cc:FR;allow *"})
    assert lab.call(path)[2]["rules"] == "deny cc:FR;allow *"
    identity = lab.server.sql(f"select id from videos where rel = '{LESSON}'")[0]
    assert lab.call(f"/api/videos/{identity}/rules")[2]["rel"] == LESSON
    assert see(lab, before, FRENCH) == 204, "made before"
    for format in ("jwt", "cat"):
        token = asked(lab, format=format)[2]["token"]
        assert see(lab, token, FRENCH) == "country" and see(lab, token, GERMAN) == 204
        both = asked(lab, rules="deny agent:tool;allow *", format=format)[2]["token"]
        assert see(lab, both, GERMAN) == 204 and see(lab, both, GERMAN, "curl/8") == "agent" and see(lab, both, FRENCH) == "country"
    for bad in ({"rules": "allow"}, {"rules": "allow *|deny *"}, {}, {"rules": 1}, {"rules": None}, []):
        assert put(bad)[0] == 400, bad
    assert put({"rules": "allow *"}, "/api/videos/nothing/rules")[0] == 404 and put({"rules": "allow *"}, "/api/videos/t1%2Fc1%2Fm1%2Fnone/rules")[0] == 404
    assert lab.call(path, "DELETE")[0] == 200 and lab.call(path)[2]["rules"] is None
    assert see(lab, asked(lab)[2]["token"], FRENCH) == 204


def test_terms_hold_in_a_cookie_and_in_tokens_of_the_older_routes(lab):
    for format in ("jwt", "cat"):
        token = asked(lab, rules="deny cc:FR;allow *", format=format)[2]["token"]
        cookie = {"HTTP_COOKIE": f"reelgate_play={token}", "HTTP_AUTHORIZATION": None}
        assert see(lab, "", GERMAN, **cookie) == 204 and see(lab, "", FRENCH, **cookie) == "country"
    lab.server.sql("insert into videos (rel, owner, rules) values ('u7/v1', 'lab', 'deny cc:FR;allow *')")
    status, _, body = lab.call("/api/get-video-token/u7/film.mp4?video_id=v1")
    assert status == 200
    path = "/hls/u7/v1/_0123456789ab-k1-d6000/720p/0.ts"
    assert verdict(lab, body["token"], path, RG_CLIENT=GERMAN) == 204 and verdict(lab, body["token"], path, RG_CLIENT=FRENCH) == "country"
    assert lab.call("/api/videos/u7%2Fv1/rules")[2] == {"rel": "u7/v1", "rules": "deny cc:FR;allow *"}


def test_B12_mobile_referrers_where_they_are_looked_at(lab):
    token = mint(LESSON, platform="mobile")
    expected = {None: 204, "": 204, "https://app.example/x": 204, "https://evil.example/": "referrer", "garbage": "referrer"}
    assert {referrer: see(lab, token, GERMAN, HTTP_REFERER=referrer) for referrer in expected} == expected
    lab.gates.stop()
    del lab.settings["GEOIP_FILE"]
    lab.settings["MOBILE_REFERRERS"] = "https://app.example"
    lab.gates.start()
    expected |= {None: "referrer_missing", "": "referrer_missing"}
    assert {referrer: see(lab, token, GERMAN, HTTP_REFERER=referrer) for referrer in expected} == expected
    # Without a file of countries a rule on them refuses everybody; others go on.
    for rules in ("deny cc:FR;allow *", "allow cc:DE;deny *"):
        assert see(lab, mint(LESSON, rules=rules), GERMAN) == "country"
    assert see(lab, mint(LESSON, rules="allow net:198.51.100.0/24;deny cc:FR;allow *"), GERMAN) == 204
