"""What the browse page asks for, answered from memory: accounts with rotating refresh tokens, titles, recommendations, history,
favourites and playing, in the shapes the product has."""
import itertools, json, re, time, unicodedata, urllib.parse

PERSON = {"email": "ana@example.org", "password": "correct horse battery", "name": "Ana Núñez"}
GENRES = ["Drama", "Comedy", "Science Fiction", "Documentary", "Crime", "Animation"]
NAMES = ["The Quiet Harbour", "Señora Luna", "Nine Lanterns", "Below the Glass Sea", "Café Übermorgen", "A Map of Small Rivers", "The Last Tram to Åsgård",
         "Paper Kingdoms", "Orbit of Silence", "Eleven Winters", "The Clockmaker’s Niece", "Saltwater Letters", "Copper & Rain", "What the Owl Heard",
         "Midnight at the Observatory", "The Cartographer", "Red Umbrella", "Two Doors Down", "The Long Recess", "Fjord"]
PEOPLE = ["Zoë Marchetti", "Björn Halvorsen", "Inés de la Cruz", "Amara Okafor", "Łukasz Wrona", "Mei Tanaka"]


#: What each route takes; another member is refused.
BODIES = {"login": {"email", "password", "totp"}, "register": {"email", "password", "name"}, "refresh": {"refresh_token"}, "logout": {"refresh_token", "all"},
          "password": {"current_password", "new_password"}, "password-reset": {"email"}, "password-reset/confirm": {"token", "new_password"},
          "verify": {"email"}, "verify/confirm": {"token"}}


def plain(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012x}"


def title(number, kind="movie", name=None, **more):
    name = name or NAMES[number % len(NAMES)]
    return {"id": uuid(number), "type": kind, "series_id": None, "season": None, "episode": None, "title": name,
            "description": f"{name}: what is said about it, in a sentence or two that go on for a little while so that lines break.",
            "genres": [GENRES[number % 6], GENRES[(number * 5 + 1) % 6]], "cast": [PEOPLE[number % 6], PEOPLE[(number + 2) % 6]], "tags": ["demo"],
            "release_year": 1990 + number % 35, "language": ["en", "de", "es", "nb"][number % 4], "rating": 5 + number % 50 / 10, "maturity": ["", "6", "12", "16"][number % 4],
            "poster": f"/hls2/none/{number}.jpg" if number % 5 == 4 else None, "required_level": ["free", "free", "premium", "free", "free", "family"][number % 6],
            "video_id": None if kind == "series" else uuid(9000 + number), "playable": kind != "series", "duration": None if kind == "series" else 30.0, "qualities": [],
            "view_count": number * 13, "published": True, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"} | more


def problem(status, code):
    return status, {"type": "about:blank", "title": code, "status": status, "detail": "No.", "message": "No.", "error": "No.", "code": code,
                    "request_id": "4f1d2c3b5a69788796a5b4c3d2e1f001"}


class Titles:
    """One site with one person; `fail` maps a pattern of "METHOD path" to a refusal, `lifetime` is an access token's."""

    @staticmethod
    def knows(path):
        return bool(re.match(r"/api/(auth|users|content|recommendations|streaming)\b", path))

    def __init__(self, token):
        self.token, self.lifetime, self.fail, self.log = token, 900, {}, []
        self.count = itertools.count(1)
        self.people, self.families, self.access, self.reused = {}, {}, {}, 0
        self.add_person(**PERSON)
        self.all = {one["id"]: one for one in (title(n) for n in range(20))}
        series = title(100, "series", "Harbour Watch", required_level="free")
        self.all[series["id"]] = series
        for season in (1, 2):
            for number in range(1, 5):
                made = title(100 + season * 10 + number, "episode", f"Chapter {season}.{number}", series_id=series["id"], season=season, episode=number, required_level="free")
                self.all[made["id"]] = made
        self.history, self.favorites, self.sessions = {}, [], {}

    def add_person(self, email, password, name, level="free"):
        person = {"id": uuid(500000 + len(self.people)), "email": email, "name": name, "role": "viewer", "subscription_level": level, "preferences": {}, "language": "en",
                  "email_verified": True, "totp": False, "created_at": "2026-01-01T00:00:00Z", "password": password, "code": None}
        self.people[email] = person
        return person

    def watched(self, content, position, completed=False):
        self.history[content] = {"position": position, "completed": completed, "at": time.time()}

    @staticmethod
    def shown(person):
        return {name: value for name, value in person.items() if name not in ("password", "code")}

    def pair(self, person, family):
        access, refresh = f"access-{next(self.count)}", f"refresh-{next(self.count)}"
        self.access[access] = (person, time.time() + self.lifetime, family)
        self.families[family] = refresh
        return {"access_token": access, "refresh_token": f"{family}.{refresh}", "token_type": "Bearer", "expires_in": self.lifetime, "user": self.shown(person)}

    def answer(self, method, address, authorization, body):
        split = urllib.parse.urlsplit(address)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(split.query).items()}
        self.log.append((method, address, json.loads(body) if body else None))
        for pattern, refusal in self.fail.items():
            if re.search(pattern, f"{method} {address}"):
                return refusal
        fields = json.loads(body) if body else {}
        parts = split.path.split("/")[2:]
        if parts[0] == "auth" and set(fields) - BODIES["/".join(parts[1:])]:
            return problem(400, "bad_request")
        if parts[0] == "auth" and parts[1:] != ["password"]:
            return self.auth(parts[1:], fields)
        person, until, family = self.access.get(authorization.removeprefix("Bearer "), (None, 0, None))
        if person is None or family not in self.families:
            return problem(401, "credentials_invalid")
        if until < time.time():
            return problem(401, "token_expired")
        if parts[0] == "auth":
            return self.password(fields, person)
        return getattr(self, parts[0])(method, parts[1:], query, fields, person)

    def auth(self, parts, fields):
        if parts == ["login"]:
            person = self.people.get(fields["email"])
            if person is None or person["password"] != fields["password"]:
                return problem(401, "sign_in_failed")
            if person["code"] and fields.get("totp") != person["code"]:
                return problem(401, "totp_invalid" if fields.get("totp") else "totp_required")
            return self.pair(person, f"f{next(self.count)}")
        if parts == ["register"]:
            if fields["email"] in self.people:
                return problem(409, "email_taken")
            return 201, self.pair(self.add_person(**fields), f"f{next(self.count)}")
        if parts == ["refresh"]:
            family, _, refresh = fields["refresh_token"].partition(".")
            if family not in self.families:
                return problem(401, "refresh_invalid")
            if self.families[family] != refresh:
                self.reused += 1
                del self.families[family]
                return problem(401, "refresh_invalid")
            person = next(person for person, _, other in self.access.values() if other == family)
            return self.pair(person, family)
        if parts == ["logout"]:
            self.families.pop(fields["refresh_token"].partition(".")[0], None)
            if fields.get("all"):
                self.families.clear()
            return 204, b""
        if parts[-1] == "confirm":
            return {"message": "Done."} if fields["token"] == "good" else problem(400, "link_invalid")
        return 202, {"message": "Mail is on its way."}

    def page(self, items, query):
        begin, size = int(query.get("cursor", 0)), int(query.get("limit", 20))
        return {"items": items[begin:begin + size], "next_cursor": str(begin + size) if begin + size < len(items) else None}

    def content(self, method, parts, query, fields, person):
        if parts:
            found = self.all.get(parts[0])
            if not found:
                return problem(404, "not_found")
            episodes = sorted((one for one in self.all.values() if one["series_id"] == found["id"]), key=lambda one: (one["season"], one["episode"]))
            if found["type"] == "series":
                return found | {"seasons": [{"season": n, "episodes": list(of)} for n, of in itertools.groupby(episodes, lambda one: one["season"])]}
            return found
        wanted = plain(query.get("search", ""))
        items = [one for one in self.all.values() if one["type"] == query.get("type", one["type"]) and (query.get("type") or one["type"] != "episode") and
                 query.get("genre", one["genres"][0]) in one["genres"] and query.get("language", one["language"]) == one["language"] and
                 query.get("year", str(one["release_year"])) == str(one["release_year"]) and
                 (wanted in plain(one["title"]) or any(wanted in plain(name) for name in one["cast"]))]
        facets = {}
        if query.get("facets") == "true":
            for name, of in (("genre", lambda one: one["genres"]), ("type", lambda one: [one["type"]]), ("language", lambda one: [one["language"]]), ("year", lambda one: [str(one["release_year"])])):
                values = [value for one in items for value in of(one)]
                facets[name] = sorted(({"value": value, "count": values.count(value)} for value in set(values)), key=lambda one: (-one["count"], one["value"]))
            facets = {"facets": facets}
        return self.page(items, query) | facets

    def recommendations(self, method, parts, query, fields, person):
        whole = [one for one in self.all.values() if one["type"] != "episode"]
        if parts[0] == "popular":
            whole, text = [one for one in whole if query["genre"] in one["genres"]], f"Popular in {query['genre']}."
        else:
            text = {"trending": "Many people are watching it these days.", "personalized": "Because you watched “Nine Lanterns”.", "similar": "Like this one: with Mei Tanaka."}[parts[0]]
        start = len(parts[0])
        return {"items": [one | {"reason": {"kind": parts[0], "text": text}} for one in (whole[start:] + whole[:start])[:12]], "next_cursor": None}

    def card(self, one):
        return {"content_id": one["id"], "video_id": None, "available": True} | {name: one[name] for name in ("title", "type", "series_id", "season", "episode", "poster")}

    def users(self, method, parts, query, fields, person):
        if parts == ["me"]:
            return self.shown(person)
        if parts[0] != person["id"]:
            return problem(404, "not_found")
        if parts[1:] == []:
            person.update(fields)
            return self.shown(person)
        if parts[1] == "history":
            if method == "DELETE":
                for content in parts[2:] or list(self.history):
                    if self.history.pop(content, None) is None:
                        return problem(404, "not_found")
                return {"message": "Gone."}
            rows = sorted(self.history.items(), key=lambda row: -row[1]["at"])
            return self.page([self.card(self.all[content]) | {"position": row["position"], "duration": 30.0, "resume_position": 0 if row["completed"] else row["position"],
                                                              "completed": row["completed"], "views": 1, "watched_at": "2026-01-01T00:00:00Z"} for content, row in rows], query)
        if method == "POST":
            self.favorites.insert(0, fields["content_id"])
            return 201, {"message": "Kept."}
        if method == "DELETE":
            self.favorites.remove(parts[2])
            return {"message": "Dropped."}
        return self.page([self.card(self.all[one]) | {"added_at": "2026-01-01T00:00:00Z"} for one in self.favorites], query)

    def password(self, fields, person):
        if fields["current_password"] != person["password"]:
            return problem(403, "password_wrong")
        person["password"] = fields["new_password"]
        family = f"f{next(self.count)}"
        self.families.clear()
        return self.pair(person, family)

    def streaming(self, method, parts, query, fields, person):
        if parts == ["session"]:
            one = self.all[fields["content_id"]]
            if one["required_level"] != "free" and person["subscription_level"] == "free":
                return problem(403, "not_entitled")
            if sum(not session["ended"] for session in self.sessions.values()) >= 1 and person["subscription_level"] == "free":
                return problem(403, "limit_streams")
            session = f"session-{next(self.count)}"
            self.sessions[session] = {"content": one["id"], "ended": False, "reports": []}
            place = self.history.get(one["id"], {"position": 0, "completed": False})
            return 201, self.token | {"session_id": session, "resume_position": 0 if place["completed"] else place["position"], "duration": 30.0, "stream_limit": 1}
        session = self.sessions[parts[1]]
        if session["ended"] and parts[-1] != "end":
            return problem(409, "conflict")
        if "position" in fields:
            session["reports"].append((fields["position"], fields.get("state")))
            self.watched(session["content"], fields["position"], fields["position"] > 28)
        session["ended"] = session["ended"] or parts[-1] == "end"
        return self.token | {"session_id": parts[1], "state": "playing", "position": fields.get("position", 0), "watched_seconds": 0, "completed": False}
