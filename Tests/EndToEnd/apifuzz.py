"""Requests made from the API's own description, by schemathesis, and every answer held against it. Read by scripts/fuzz-api
and by the tests.

A share of the cases is positive: they fit the description, and name things that are there (LIVE), so that they reach what a
handler does. The others break it on purpose. Held against the description: no 5xx, a status that is described, its content
type, its headers, its body (closed objects)."""
import collections, json, subprocess, tempfile, urllib.parse, warnings

import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance, response_headers_conformance, response_schema_conformance, status_code_conformance)

from world import ADA, CAPTIONS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
# Slow by what they do: a file is stored and judged by a helper.
SLOW, MOST_SLOW = "/upload", 25

# What makes a thing for a parameter, or a member of a body, of this name.
LIVE = {
    **{name: lambda world, kind=name: world.make(kind) for name in ("video", "task", "session", "revocation", "rel", "content", "user", "key")},
    "video_id": lambda world: world.make("rel"), "content_id": lambda world: world.make("content"),
    "language": lambda world: "en", "user_id": lambda world: ADA,
}


def older(world):
    user, video = world.make("older").split("/")
    return {"user": user, "video": video, "file": f"{video}.mp4", "video_id": video}


def kept(kind, *names):
    """What a person keeps of the catalogue: his id, and the title's."""
    return lambda world: dict(zip(names, world.make(kind).split("/")))


# The routes where names mean something else, or belong together; None takes a parameter away.
SPECIAL = {
    "/api/get-download-token/{user}/{file}": older, "/api/get-video-token/{user}/{file}": older,
    "/api/get-video-token/mobile/{user}/{file}/{video}": older,
    "/api/get-download-token/v2": lambda world: {"type": "lesson", "rel": world.make("rel"), "filename": None},
    "/api/recommendations/similar/{title}": lambda world: {"title": world.make("content")},
    "/api/streaming/session/{session}": lambda world: {"session": world.make("viewing")},
    "/api/streaming/session/{session}/end": lambda world: {"session": world.make("viewing")},
    "/api/auth/sessions/{session}": lambda world: {"session": world.make("sign_in")},
    **{f"/api/users{twice}/{{user}}/history/{{title}}": kept("history", "user", "title") for twice in ("", "/users")},
    **{f"/api/users{twice}/{{user}}/favorites/{{content}}": kept("favorite", "user", "content") for twice in ("", "/users")},
    "/upload/lesson": lambda world: {"trainer_id": ADA},
    "/upload_presentation/course/{course}": lambda world: {}, "/upload_presentation/module/{course}/{module}": lambda world: {},
}
LONG = "[a-zA-Z0-9 ,.éüñ漢]{1,40}"


def formats():
    """Strategies for the description's own formats."""
    digits = st.integers(0, 4)
    who = st.sampled_from(["*", "cc:DE", "cc:FR", "net:203.0.113.0/24", "net:2001:db8::/32", "agent:browser", "agent:tool"])
    rule = st.tuples(st.sampled_from(["allow", "deny"]), who.filter(lambda w: w != "*")).map(" ".join)
    own = {
        "viewer-rules": st.tuples(st.lists(rule, max_size=5), st.sampled_from(["allow *", "deny *"])).map(lambda p: ";".join([*p[0], p[1]])),
        "language-tag": st.sampled_from(["en", "de", "pt-BR", "zh-Hant-TW", "es-419", "fr"]),
        "label": st.from_regex("^[A-Za-zéü][A-Za-z0-9éü ]{0,30}[A-Za-z0-9]$", fullmatch=True),
        "webvtt": st.tuples(digits, st.from_regex(LONG, fullmatch=True)).map(lambda p: f"WEBVTT\n\n00:00:0{p[0]}.000 --> 00:00:05.000\nx {p[1]}\n"),
        "subrip": st.tuples(digits, st.from_regex(LONG, fullmatch=True)).map(lambda p: f"1\n00:00:0{p[0]},000 --> 00:00:05,000\nx {p[1]}\n"),
    }
    for name, strategy in own.items():
        schemathesis.openapi.format(name, strategy)


def clip():
    """A lesson's file, as small as can be."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x36:r=5:d=1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
                        "yuv420p", f"{place}/a.mp4"], check=True)
        with open(f"{place}/a.mp4", "rb") as file:
            return file.read()


class Fuzzer:
    def __init__(self, address, key, world, seed=1):
        self.address, self.key, self.world, self.seed = address, key, world, seed
        self.session, self.clip = requests.Session(), clip()
        self.document = self.session.get(f"{address}/api-docs/openapi.json", timeout=30).json()
        self.faults, self.said = [], collections.defaultdict(collections.Counter)
        formats()

    def run(self, cases):
        schema = schemathesis.openapi.from_dict(self.document)
        operations = [one.ok() for one in schema.get_all_operations()]
        slow = [one for one in operations if one.path.startswith(SLOW)]
        usual = [one for one in operations if one not in slow]
        each = {one.label: min(MOST_SLOW, max(4, cases // len(operations))) for one in slow}
        rest = cases - sum(each.values())
        each.update({one.label: -(-rest // len(usual)) for one in usual})
        for operation in operations:
            negative = each[operation.label] * 3 // 10
            done = self.cases(operation, GenerationMode.NEGATIVE, negative)
            # What can't be broken, or has few forms, is asked the more as it is meant.
            while done < each[operation.label]:
                done += self.cases(operation, GenerationMode.POSITIVE, each[operation.label] - done)
        return self

    def cases(self, operation, mode, count):
        """Sends up to so many cases; answers how many."""
        sent = 0
        if count <= 0:
            return 0
        self.seed += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                @hypothesis.seed(self.seed)
                @hypothesis.settings(max_examples=count, deadline=None, database=None, phases=[hypothesis.Phase.generate],
                                     suppress_health_check=list(hypothesis.HealthCheck))
                @hypothesis.given(operation.as_strategy(generation_mode=mode))
                def each(case):
                    nonlocal sent
                    if sent < count:
                        sent += 1
                        self.one(case, mode)
                each()
            except (hypothesis.errors.Unsatisfiable, schemathesis.errors.SchemathesisError):
                pass
        # An operation without parameters has one form: asked again as often as wanted.
        if mode is GenerationMode.POSITIVE and sent == 0:
            self.faults.append((operation.label, "nothing could be made from its description", "", ""))
            return count
        return sent

    def one(self, case, mode):
        if mode is GenerationMode.POSITIVE:
            self.enliven(case)
        answer = self.send(case)
        self.said[case.operation.label, mode.value][answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseException as fault:  # noqa: BLE001
            if isinstance(fault, KeyboardInterrupt):
                raise
            self.faults.append((case.operation.label, " | ".join(str(one) for one in getattr(fault, "exceptions", [fault])),
                                f"{answer.request.method} {answer.request.url} {str(answer.request.body)[:300]}", answer.content[:600].decode(errors="replace")))

    def enliven(self, case):
        """Puts what is there in the place of names."""
        special = SPECIAL.get(case.operation.path)
        named = special(self.world) if special else {}
        for part in (case.path_parameters, case.query, case.body if isinstance(case.body, dict) else None):
            for name in list(part or {}):
                if name in named and named[name] is None:
                    del part[name]
                    continue
                if name in named:
                    value = named[name]
                elif not special and name in LIVE and part[name] is not None:
                    value = LIVE[name](self.world)
                else:
                    continue
                # A path's values are escaped when they are made.
                part[name] = urllib.parse.quote(value, safe="") if part is case.path_parameters else value
        optional = {parameter.name for parameter in case.operation.query}
        added = {name: value for name, value in named.items() if value is not None and name in ("type", "rel") and name in optional}
        if "user_id" in optional and not (case.query or {}).get("user_id"):
            added["user_id"] = ADA
        if case.query or added:
            case.query = {**{name: value for name, value in (case.query or {}).items() if name != "cursor"}, **added}

    def send(self, case):
        headers = self.credential(case.operation)
        if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
            path = case.operation.path
            for name, value in (case.path_parameters or {}).items():
                path = path.replace(f"{{{name}}}", str(value))
            files, data = {}, {}
            for name, value in case.body.items():
                if name == "video":
                    files[name] = ("film.mp4", self.clip)
                elif name == "file":
                    files[name] = ("captions.vtt", CAPTIONS.encode())
                else:
                    data[name] = value if isinstance(value, str) else json.dumps(value)
            if not files:
                files = {name: (None, value) for name, value in data.items()} or {"nothing": (None, "")}
                data = {}
            answer = self.session.request(case.operation.method, self.address + path, params=case.query or None, data=data, files=files,
                                          headers=headers, timeout=60)
            return schemathesis.Response.from_requests(answer, True)
        return case.call(base_url=self.address, session=self.session, headers=headers, timeout=60)

    def credential(self, operation):
        ways = [name for way in operation.definition.raw.get("security", []) for name in way]
        if "apiKey" in ways:
            return {"X-API-Key": self.key}
        if "bearer" in ways:
            return {"Authorization": f"Bearer {self.world.token(ADA, 'admin')}"}
        return {}

    def report(self):
        """The figures, a line a route, and each kind of fault once."""
        lines, positive, good, whole = [], 0, 0, 0
        for label in sorted({label for label, _ in self.said}):
            fits, breaks = self.said[label, "positive"], self.said[label, "negative"]
            reached = sum(count for status, count in fits.items() if 200 <= status < 300)
            positive, good, whole = positive + fits.total(), good + reached, whole + fits.total() + breaks.total()
            shown = ", ".join(f"{status}: {count}" for status, count in sorted((fits + breaks).items()))
            lines.append(f"{label:70} {fits.total():5} fit, {reached / max(1, fits.total()):4.0%} of them 2xx; all: {shown}")
        seen = set()
        for label, what, request, answer in self.faults:
            kind = (label, what.split("\n")[0])
            if kind not in seen:
                seen.add(kind)
                lines.append(f"FAULT {label}: {what}\n  {request}\n  {answer}")
        self.share = good / max(1, positive)
        lines.append(f"{whole} cases over {len({label for label, _ in self.said})} operations, {len(self.faults)} faults; "
                     f"{positive} fit the description, {self.share:.1%} of them reached a 2xx")
        return "\n".join(lines)

    def passed(self, share=0.6):
        self.report()
        return not self.faults and self.share >= share
