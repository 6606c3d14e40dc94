"""Things that requests name, made fresh in a running product's database and tree: lessons, tasks, captions, sessions,
revocations, each of an owner, deleted, or unknown. Read by the access matrix and by the API's fuzzer.

A feature adds a kind as a method `make_<kind>(owner, deleted)` that answers the id a request names it by, and in UNKNOWN
an id of the same form that nothing has."""
import itertools, os, subprocess, time, uuid

from tokens import sign

# People have accounts, so that a route may know them by those; a trainer's id is his account's.
ADA, BOB, CLEO, ROOT, NOBODY = (f"{n:08x}-0000-4000-8000-000000000000" for n in range(1, 6))
PEOPLE = {ADA: "Ada", BOB: "Bob", CLEO: "Cleo", ROOT: "Root"}
# Whom things belong to: `own` is of the actors called "-own", `foreign` of somebody who is no actor.
OWNERS = {"own": ADA, "foreign": CLEO, "deleted": ADA}
UNKNOWN = {
    "video": "nobody/no/such/lesson", "rel": "nobody/no/such/lesson", "session": "no-such-session", "course": "no-such-course",
    "older": "nobody/film", "history": f"{NOBODY}/{NOBODY}", "favorite": f"{NOBODY}/{NOBODY}", "key": "0" * 12,
    **dict.fromkeys(("task", "revocation", "user", "sign_in", "content", "viewing"), NOBODY),
}
CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHello.\n"


class SQL:
    """One psql that answers statement after statement."""

    def __init__(self, url):
        self.process = subprocess.Popen(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, statement):
        self.process.stdin.write(statement.rstrip().rstrip(";") + ";\n\\echo =\n")
        self.process.stdin.flush()
        lines = []
        for line in iter(self.process.stdout.readline, "=\n"):
            assert line, f"psql ended at: {statement}"
            lines.append(line.rstrip("\n"))
        return lines

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class World:
    def __init__(self, database_url, data, jwt_secret):
        self.sql, self.data, self.secret, self.numbers = SQL(database_url), data, jwt_secret, itertools.count(1)
        self.add_people()

    def close(self):
        self.sql.close()

    def token(self, user, role):
        """An access token, as a site of the same secret makes them."""
        now = int(time.time())
        return sign({"alg": "HS256", "typ": "JWT"}, {"sub": user, "role": role, "iat": now, "exp": now + 3600}, self.secret)

    def make(self, kind, state="own"):
        """A fresh thing of a kind; a state is one of OWNERS, or unknown."""
        if state == "unknown":
            return UNKNOWN[kind]
        return getattr(self, f"make_{kind}")(OWNERS[state], state == "deleted")

    def fresh(self):
        """A word that was not used before."""
        return f"x{next(self.numbers)}"

    # People

    def add_people(self):
        for id, name in PEOPLE.items():
            self.sql("insert into users (id, email, name, role, subscription_level) "
                     f"values ('{id}', '{name.lower()}@people.example', '{name}', 'viewer', 'family') on conflict do nothing")

    def make_user(self, owner, deleted):
        """Somebody who was removed is there once more when he is named again."""
        self.add_people()
        return NOBODY if deleted else owner

    def make_sign_in(self, owner, deleted):
        self.add_people()
        id, end = str(uuid.uuid4()), "now(), 'logout'" if deleted else "null, null"
        self.sql("insert into sign_ins (id, user_id, secret_hash, expires_at, ended_at, end_reason) values "
                 f"('{id}', '{owner}', '\\x00', now() + interval '1 day', {end})")
        return id

    def make_key(self, owner, deleted):
        id = f"{next(self.numbers):012d}"
        self.sql(f"insert into api_keys (id, name, secret_hash, scopes, revoked_at) values ('{id}', 'made', '\\x00', array['upload'], {'now()' if deleted else 'null'})")
        return id

    # Lessons and what belongs to them

    def make_rel(self, owner, deleted):
        rel = f"{owner}/course{next(self.numbers)}/m/lesson"
        self.sql(f"insert into videos (rel, owner, title, duration, original_path, content_type, file_size, deleted_at) values ('{rel}', '{owner}', 'A lesson', 60, "
                 f"'originals/{rel}/lesson_lesson.mp4', 'video/mp4', 5, {'now()' if deleted else 'null'})")
        self.file(f"originals/{rel}/lesson_lesson.mp4")
        return rel

    def make_video(self, owner, deleted):
        rel = self.make_rel(owner, deleted)
        self.sql("insert into captions (version, video_id, language, label, cues, body) "
                 f"select '{next(self.numbers):012x}', id, 'en', 'English', 1, E'{CAPTIONS.encode('unicode_escape').decode()}' from videos where rel = '{rel}'")
        return rel

    def make_task(self, owner, deleted):
        """A deleted lesson's task is still there."""
        rel, task = self.make_rel(owner, deleted), str(uuid.uuid4())
        self.sql(f"insert into tasks (id, video_id, extension, original_name, file_size) select '{task}', id, 'mp4', 'film.mp4', 5 from videos where rel = '{rel}'")
        return task

    def make_course(self, owner, deleted):
        return self.make_rel(owner, deleted).split("/")[1]

    def make_older(self, owner, deleted):
        """A video of two parts: `user/video`."""
        rel = f"{owner}/film{next(self.numbers)}"
        self.sql(f"insert into videos (rel, owner, title, duration, deleted_at) values ('{rel}', '{owner}', 'A film', 60, {'now()' if deleted else 'null'})")
        self.sql("insert into tasks (id, video_id, extension, original_name, file_size) "
                 f"select '{uuid.uuid4()}', id, 'mp4', '{rel.split('/')[1]}.mp4', 5 from videos where rel = '{rel}'")
        self.file(f"originals/{rel}.mp4")
        os.makedirs(f"{self.data}/hls/{rel}", exist_ok=True)
        return rel

    def file(self, path):
        os.makedirs(os.path.dirname(f"{self.data}/{path}"), exist_ok=True)
        with open(f"{self.data}/{path}", "wb") as file:
            file.write(b"film!")

    # What viewers do

    def make_session(self, owner, deleted):
        session = f"s{next(self.numbers)}"
        if not deleted:
            self.sql("insert into playback_sessions (user_id, session_id, host, rel, platform, stream_limit, started_at, seen_at, media_at) "
                     f"values ('{owner}', '{session}', 'here', '{owner}/c/m/l', 'web', 2, now(), now(), now())")
        return session

    def make_revocation(self, owner, deleted):
        if deleted:
            return UNKNOWN["revocation"]
        value = f"{owner}-{next(self.numbers)}"
        return self.sql(f"insert into revocations (kind, value) values ('user', '{value}') returning id")[0]

    # The catalogue, and what people watch of it

    def make_content(self, owner, deleted):
        """A published film that plays."""
        rel = self.make_rel(owner, False)
        self.sql(f"update videos set publication = '_0123456789ab-k1-d6000' where rel = '{rel}'")
        return self.sql("insert into content (type, title, genres, video_id, published_from, deleted_at) "
                        f"select 'movie', 'A film', array['Drama'], id, now() - interval '1 hour', {'now()' if deleted else 'null'} "
                        f"from videos where rel = '{rel}' returning id")[0]

    def make_viewing(self, owner, deleted):
        if deleted:
            return NOBODY
        self.add_people()
        id, content = str(uuid.uuid4()), self.make_content(owner, False)
        self.sql("insert into viewings (id, user_id, content_id, video_id, duration) "
                 f"select '{id}', '{owner}', id, video_id, 60 from content where id = '{content}'")
        return id

    def make_history(self, owner, deleted):
        return self.kept("watch_history", owner, deleted)

    def make_favorite(self, owner, deleted):
        return self.kept("favorites", owner, deleted)

    def kept(self, table, owner, deleted):
        self.add_people()
        content = self.make_content(owner, False)
        if not deleted:
            self.sql(f"insert into {table} (user_id, content_id) values ('{owner}', '{content}')")
        return f"{owner}/{content}"
