"""A log of viewings with planted tastes, for measuring recommendations.

There are hidden taste clusters. A cluster has a few genres, tags and people it is known for. A title belongs to one
cluster, one in five to a second; its genres, tags and cast come from its cluster only in part, the rest from anywhere: two
of three genres, half of the tags, two of five people. What is written about a title therefore hints at its cluster and
does not give it away, and nothing about it says how popular it is.

Popularity follows Zipf's law with exponent 1 within a cluster, over ranks that are dealt at random. A user has one to four
clusters with unequal weights. Each viewing is, with probability 0.7, of a title of one of his clusters, else (noise) of
any title at all; both by popularity, and none twice. What fits is finished in 75 of 100 cases, noise in 35; the rest is
left anywhere. Users differ in how much they watch (log-normal) and watch at times spread over 120 days; the last fifth of
the days is held out. One title in seven is a series: a viewing of it is of one to four episodes, on end.
"""

import bisect
import hashlib
import itertools
import random
import uuid

DAYS = 120
HELD_OUT = 0.2
NOISE = 0.3
GENRES = ["Drama", "Comedy", "Thriller", "Crime", "Documentary", "Romance", "Horror", "Action", "Adventure", "Animation",
          "Family", "Fantasy", "History", "Music", "Mystery", "Science Fiction", "Sport", "War"]


def identity(*parts):
    return str(uuid.UUID(hashlib.md5("/".join(map(str, parts)).encode()).hexdigest(), version=4))


class Wheel:
    """Draws items by weight."""

    def __init__(self, items, weights):
        self.items = items
        self.sums = list(itertools.accumulate(weights))

    def draw(self, chance):
        return self.items[min(bisect.bisect_left(self.sums, chance.random() * self.sums[-1]), len(self.items) - 1)]


class Log:
    """Titles, users and viewings of one seed; `now` is the end of the 120 days in Unix seconds."""

    def __init__(self, seed, now, titles=1500, users=2000, viewings=30, clusters=24):
        chance = random.Random(seed)
        self.cut = now - DAYS * 86400 * HELD_OUT
        self.titles, self.episodes, self.users, self.viewings = [], {}, [], []
        known = [
            {
                "genres": chance.sample(GENRES, 3),
                "tags": [f"tag {number * 12 + index}" for index in range(12)],
                "cast": [f"Person {number * 15 + index}" for index in range(15)],
            } for number in range(clusters)]
        every_tag = [tag for cluster in known for tag in cluster["tags"]] + [f"tag {9000 + n}" for n in range(100)]
        every_person = [one for cluster in known for one in cluster["cast"]] + [f"Person {9000 + n}" for n in range(200)]
        members = [[] for _ in range(clusters)]
        for number in range(titles):
            own = [chance.randrange(clusters)]
            if chance.random() < 0.2:
                own.append(chance.randrange(clusters))
            home = known[own[0]]

            def words(count, share, from_home, from_anywhere):
                return sorted({chance.choice(from_home if chance.random() < share else from_anywhere) for _ in range(count)})

            title = {
                "id": identity(seed, "title", number), "name": f"Title {number}", "clusters": own,
                "genres": words(chance.randint(1, 3), 2 / 3, home["genres"], GENRES),
                "tags": words(chance.randint(2, 6), 1 / 2, home["tags"], every_tag),
                "cast": words(chance.randint(2, 6), 2 / 5, home["cast"], every_person),
                "type": "series" if chance.random() < 1 / 7 else "movie",
            }
            self.titles.append(title)
            for cluster in set(own):
                members[cluster].append(title)
            if title["type"] == "series":
                self.episodes[title["id"]] = [identity(seed, "episode", number, index) for index in range(4)]
        ranks = list(range(1, titles + 1))
        chance.shuffle(ranks)
        popularity = {title["id"]: 1 / rank for title, rank in zip(self.titles, ranks)}
        # Within a cluster the ranks begin anew, so that each has its own favourites.
        wheels = []
        for own in members:
            order = sorted(own, key=lambda title: -popularity[title["id"]])
            wheels.append(Wheel(order, [1 / (rank + 1) for rank in range(len(order))]) if order else None)
        anything = Wheel(self.titles, [popularity[title["id"]] for title in self.titles])
        for number in range(users):
            user = identity(seed, "user", number)
            self.users.append(user)
            tastes = Wheel(
                chance.sample([c for c in range(clusters) if wheels[c]], chance.randint(1, 4)),
                [chance.gammavariate(1, 1) + 0.1 for _ in range(4)])
            seen = set()
            for _ in range(min(titles // 4, max(4, round(chance.lognormvariate(0, 0.6) * viewings)))):
                fits = chance.random() >= NOISE
                title = (wheels[tastes.draw(chance)] if fits else anything).draw(chance)
                if title["id"] in seen:
                    continue
                seen.add(title["id"])
                when = now - chance.random() * DAYS * 86400
                done = chance.random() < (0.75 if fits else 0.35)
                share = 1.0 if done else chance.random() * 0.9
                self.viewings.append((user, title, when, share))

    def earlier(self):
        return [viewing for viewing in self.viewings if viewing[2] < self.cut]

    def later(self):
        return [viewing for viewing in self.viewings if viewing[2] >= self.cut]

    def rows(self, viewings):
        """History rows: user, content, position, duration, completed, time."""
        for user, title, when, share in viewings:
            if title["type"] == "movie":
                yield user, title["id"], share * 6000, 6000, share == 1.0, when
                continue
            # A series that was liked is watched on; the last episode is as far as the share says.
            episodes = self.episodes[title["id"]]
            count = 1 + int(share * (len(episodes) - 1))
            for index, episode in enumerate(episodes[:count]):
                part = share if index == count - 1 else 1.0
                yield user, episode, part * 2400, 2400, part == 1.0, when + index * 2500
