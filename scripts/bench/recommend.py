"""Measures recommendations on a generated log: what the product, having read the earlier part, recommends is compared with
what the same users watched later. The product's own code answers: `reelgate migrate`, `reelgate recommendations rebuild`
and `reelgate recommendations show` on a PostgreSQL of this run's own. The log is described in tastes.py.

Per seed it prints, for lists of ten,
  hit rate   users with at least one title of their list among what they watched later and had not seen before;
  NDCG       the same, weighted by place;
  coverage   titles of the catalogue that are on anybody's list;
of the personal list, of the product's popular list (less what the user has seen) and of counting viewers; and for the last
title a user finished, how often a title similar to it was watched later, beside titles drawn at random.
"""

import argparse
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tastes import Log  # noqa: E402

SEEDS = [11, 23, 37, 53, 71]


class Server:
    """A PostgreSQL of this run's own, on a unix socket below a temporary directory."""

    def __init__(self):
        versions = sorted(os.listdir("/usr/lib/postgresql"), key=int)
        self.programs = f"/usr/lib/postgresql/{versions[-1]}/bin"
        self.directory = tempfile.mkdtemp(prefix="rgrec-")
        os.chmod(self.directory, 0o755)
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres")
            self.prefix = ["runuser", "-u", "postgres", "--"]
        subprocess.run(
            self.prefix + [f"{self.programs}/initdb", "-D", f"{self.directory}/data", "-U", "reelgate", "--auth=trust",
                           "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            self.prefix + [f"{self.programs}/postgres", "-D", f"{self.directory}/data", "-c", "listen_addresses=", "-c",
                           f"unix_socket_directories={self.directory}", "-c", "fsync=off", "-c", "shared_buffers=256MB"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if subprocess.run(["psql", "-h", self.directory, "-U", "reelgate", "-d", "postgres", "-c", "select 1"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("PostgreSQL did not start")

    def database(self, name):
        self.run("postgres", f"create database {name}")
        return f"host={self.directory} user=reelgate dbname={name}"

    def run(self, database, statements, text=None):
        subprocess.run(
            ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-U", "reelgate", "-d", database, "-c", statements],
            input=text, text=True, check=True, stdout=subprocess.DEVNULL)

    def copy(self, database, table, columns, rows):
        def word(value):
            if value is None:
                return "\\N"
            if isinstance(value, list):
                return "{" + ",".join('"' + item.replace('"', "") + '"' for item in value) + "}"
            return str(value)

        text = "".join("\t".join(map(word, row)) + "\n" for row in rows)
        self.run(database, f"copy {table} ({columns}) from stdin", text)

    def close(self):
        pid = int(open(f"{self.directory}/data/postmaster.pid").readline())
        os.kill(pid, signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.directory)


class Product:
    """`reelgate` on one database."""

    def __init__(self, program, address):
        self.program = program
        self.environment = {**os.environ, "DATABASE_URL": address}

    def __call__(self, *words, text=None):
        done = subprocess.run([self.program, *words], env=self.environment, input=text, text=True, stdout=subprocess.PIPE)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} ended with {done.returncode}")
        return done.stdout


def fill(server, database, log, viewings, now):
    stamp = lambda seconds: time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(seconds))  # noqa: E731
    server.copy(database, "users", "id, email, name, role, password_hash, subscription_level",
                [(user, f"{user}@example.org", "Somebody", "viewer", "-", "free") for user in log.users])
    begun = stamp(now - 200 * 86400)
    server.copy(database, "content", "id, type, title, genres, cast_members, tags, published_from",
                [(t["id"], t["type"], t["name"], t["genres"], t["cast"], t["tags"], begun) for t in log.titles])
    server.copy(database, "content", "id, type, title, series_id, season, episode, published_from",
                [(episode, "episode", f"Episode {index + 1}", series, 1, index + 1, begun)
                 for series, episodes in log.episodes.items() for index, episode in enumerate(episodes)])
    server.copy(database, "watch_history",
                "user_id, content_id, position, duration, completed, first_at, watched_at",
                [(user, content, position, duration, completed, stamp(when), stamp(when))
                 for user, content, position, duration, completed, when in log.rows(viewings)])
    server.run(database, "analyze")


def quality(lists, wanted):
    """Hit rate and NDCG over users; `wanted` has a set for each."""
    hits = total = 0
    for user, titles in wanted.items():
        gains = [1 / math.log2(place + 2) for place, title in enumerate(lists[user][:10]) if title in titles]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(titles))))
        hits += bool(gains)
        total += sum(gains) / ideal
    return hits / len(wanted), total / len(wanted)


def measure(server, program, seed, options):
    now = int(time.time())
    log = Log(seed, now, titles=options.titles, users=options.users)
    database = f"seed{seed}"
    product = Product(program, server.database(database))
    product("migrate", "--migrations", options.migrations)
    before, after = log.earlier(), log.later()
    fill(server, database, log, before, now)
    began = time.monotonic()
    product("recommendations", "rebuild")
    built = time.monotonic() - began

    seen, wanted, last, counts = {}, {}, {}, {}
    for user, title, when, share in before:
        seen.setdefault(user, set()).add(title["id"])
        counts[title["id"]] = counts.get(title["id"], 0) + 1
        if share == 1.0 and when > last.get(user, (0,))[0]:
            last[user] = (when, title["id"])
    for user, title, _, _ in after:
        if len(seen.get(user, ())) >= 3 and title["id"] not in seen[user]:
            wanted.setdefault(user, set()).add(title["id"])

    def ids(line):
        return [item["id"] for item in json.loads(line)]

    asked = list(wanted)
    began = time.monotonic()
    answers = product("recommendations", "show", "personalized", "--stdin", "--limit", "10", text="\n".join(asked) + "\n")
    each = (time.monotonic() - began) / len(asked)
    personal = dict(zip(asked, map(ids, answers.splitlines())))
    for user, titles in personal.items():
        assert not seen[user] & set(titles), "a title was recommended that was begun"
    popular = ids(product("recommendations", "show", "popular", "--limit", "100"))
    counted = sorted(counts, key=lambda title: (-counts[title], title))
    figures = {"personal": quality(personal, wanted)}
    for name, order in (("popular", popular), ("counted", counted)):
        figures[name] = quality({user: [t for t in order if t not in seen[user]] for user in wanted}, wanted)

    chosen = [user for user in wanted if user in last]
    origins = sorted({last[user][1] for user in chosen})
    answers = product("recommendations", "show", "similar", "--stdin", "--limit", "10", text="\n".join(origins) + "\n")
    similar = dict(zip(origins, map(ids, answers.splitlines())))
    chance = random.Random(seed)
    everything = [title["id"] for title in log.titles]
    clusters = {title["id"]: set(title["clusters"]) for title in log.titles}
    drawn = {user: chance.sample(everything, 10) for user in chosen}
    subset = {user: wanted[user] for user in chosen}
    alike = quality({user: similar[last[user][1]] for user in chosen}, subset)[0]
    at_random = quality(drawn, subset)[0]

    def same_cluster(pairs):
        found = [bool(clusters[origin] & clusters[other]) for origin, others in pairs for other in others]
        return sum(found) / len(found)

    planted = same_cluster(similar.items())
    planted_random = same_cluster((last[user][1], drawn[user]) for user in chosen)
    coverage = len({title for titles in personal.values() for title in titles}) / len(log.titles)
    best = max(figures["popular"][0], figures["counted"][0])
    result = {
        "seed": seed, "lift": figures["personal"][0] / best, "coverage": coverage, "similar": alike / max(at_random, 1e-9),
        "planted": planted / max(planted_random, 1e-9),
    }
    print(
        f"seed {seed}: {len(log.titles)} titles, {len(asked)} users, {len(before)} viewings before and {len(after)} after; "
        f"rebuilt in {built:.1f} s, {1000 * each:.1f} ms a list\n"
        + "".join(f"  {name:9} hit rate {hit:.3f}  NDCG {gain:.3f}\n" for name, (hit, gain) in figures.items())
        + f"  personal is {result['lift']:.2f} × the better of both; covers {100 * coverage:.0f} % of the catalogue\n"
        f"  similar   hit rate {alike:.3f}, at random {at_random:.3f}: {result['similar']:.1f} ×; of the same cluster "
        f"{planted:.2f}, at random {planted_random:.2f}: {result['planted']:.1f} ×", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="the directory of the built programs")
    parser.add_argument("--migrations", required=True)
    parser.add_argument("--titles", type=int, default=1500)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--seed", type=int, action="append", help="instead of the five")
    options = parser.parse_args()
    server = Server()
    try:
        results = [measure(server, f"{options.programs}/reelgate", seed, options) for seed in options.seed or SEEDS]
    finally:
        server.close()
    bounds = {"lift": 1.3, "coverage": 0.2, "similar": 2.0, "planted": 2.0}
    worst = {name: min(result[name] for result in results) for name in bounds}
    print("worst of the seeds: " + ", ".join(f"{name} {worst[name]:.2f} (at least {bounds[name]})" for name in bounds))
    return 0 if all(worst[name] >= bound for name, bound in bounds.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
