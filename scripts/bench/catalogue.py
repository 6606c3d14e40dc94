"""A catalogue of any size for benches, the same for the same seed: titles of made-up words with a natural distribution of
lengths, frequencies and accents, people, and what they watched. Filled by COPY and generate_series."""
import datetime, random, subprocess, unicodedata, uuid

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kr l m n p ph pl pr qu r s sc sh sk sl sp st str t th tr v w z".split()
VOWELS = "a a a e e e i i o o u ai au ea ee ie oa ou y".split()
CODAS = ["", "", "", "", "n", "r", "l", "s", "t", "m", "d", "ck", "ng", "nd", "st", "rt", "x", "ll", "ss"]
ENDINGS = ["", "", "", "", "", "", "er", "ing", "ed", "ia", "on", "or", "us", "ette", "ine", "ow", "ard", "ism"]
ACCENTS = {"a": "áàâä", "e": "éèêë", "i": "íî", "o": "óôöø", "u": "úùü", "n": "ñ", "c": "ç", "s": "š", "z": "ž", "l": "ł"}
SMALL = "the of and a in to with for from by at on her his their who when after before under over".split()
GENRES = ["Action", "Adventure", "Animation", "Biography", "Comedy", "Crime", "Documentary", "Drama", "Family", "Fantasy", "History",
          "Horror", "Music", "Mystery", "Romance", "Science Fiction", "Sport", "Thriller", "War", "Western"]
LANGUAGES = ["en"] * 12 + ["de"] * 3 + ["fr"] * 3 + ["es"] * 3 + ["it", "ja", "ko", "pt-BR", "sv", "pl", "tr", "hi"]
LAST = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
MATURITY = ["G", "PG", "PG-13", "R", "FSK 12", "FSK 16", ""]


def folded(text):
    """As people compare texts: no accents, no capitals, words alone."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ø", "o").replace("ł", "l"))
    return "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()


class Words:
    """Made-up words, the first ones frequent and short."""

    def __init__(self, chance, count):
        self.words, seen = [], set()
        while len(self.words) < count:
            syllables = chance.choices((1, 2, 3), (4, 6, 1))[0]
            word = "".join(chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS) for _ in range(syllables)) + chance.choice(ENDINGS)
            if 3 <= len(word) <= 14 and word not in seen:
                seen.add(word)
                if chance.random() < 0.12:
                    places = [n for n, c in enumerate(word) if c in ACCENTS]
                    if places:
                        place = chance.choice(places)
                        word = word[:place] + chance.choice(ACCENTS[word[place]]) + word[place + 1:]
                self.words.append(word)
        self.weights = [1 / (n + 20) ** 0.85 for n in range(count)]
        self.sums, total = [], 0
        for weight in self.weights:
            total += weight
            self.sums.append(total)

    def some(self, chance, count):
        return chance.choices(self.words, cum_weights=self.sums, k=count)


def titles(count, seed=7):
    """Rows of `content` as dictionaries: seven in ten films, one in fifty a series, the rest episodes."""
    chance = random.Random(seed)
    words = Words(chance, 24_000)
    given, family = Words(chance, 1_200), Words(chance, 9_000)
    tags = words.words[500:900]
    people = [f"{g.capitalize()} {f.capitalize()}" for g, f in zip(given.some(chance, 30_000), family.some(chance, 30_000))]
    rows, series = [], []
    for n in range(count):
        name = [w.capitalize() for w in words.some(chance, chance.choices((1, 2, 3, 4), (3, 5, 4, 1))[0])]
        if chance.random() < 0.2:
            name.insert(0, "The")
        elif len(name) > 1 and chance.random() < 0.15:
            name.insert(1, chance.choice(("of", "and", "&", "in")))
        text = []
        for word in words.some(chance, chance.randint(15, 40)):
            text += [chance.choice(SMALL), word] if chance.random() < 0.5 else [word]
        row = {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "type": "movie", "series": None, "season": None, "episode": None,
               "title": " ".join(name), "description": " ".join(text).capitalize() + ".", "genres": chance.sample(GENRES, chance.randint(1, 3)),
               "cast": [people[int(len(people) * chance.random() ** 2)] for _ in range(chance.randint(2, 8))],
               "tags": chance.sample(tags, chance.randint(0, 5)), "year": int(2026 - 70 * chance.random() ** 2), "language": chance.choice(LANGUAGES),
               "rating": round(chance.triangular(1, 10, 6.8), 1), "maturity": chance.choice(MATURITY),
               "level": chance.choices(("free", "premium", "family"), (5, 4, 1))[0], "views": int(chance.paretovariate(0.9) * 3),
               "from": (LAST - datetime.timedelta(minutes=7 * n)).isoformat()}
        kind = chance.random()
        if kind < 0.02 or kind < 0.28 and not series:
            row["type"] = "series"
            series.append([row["id"], 0])
        elif kind < 0.28:
            of = chance.choice(series)
            row.update(type="episode", series=of[0], season=of[1] // 10 + 1, episode=of[1] % 10 + 1)
            of[1] += 1
        rows.append(row)
    return rows


def copied(value):
    """A value in COPY's text form."""
    if value is None:
        return "\\N"
    if isinstance(value, list):
        value = "{" + ",".join('"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value) + "}"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def fill(url, rows, users=10_000, history=1_000_000):
    """Puts titles, people and history into an empty database; who watched what hangs on how often a title was watched."""
    def run(statement, data=None):
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, url], input=data, text=True, check=True, stdout=subprocess.DEVNULL)

    columns = "id series season episode title description genres cast tags year language rating maturity level views from from type".split()
    run("copy content (id, series_id, season, episode, title, description, genres, cast_members, tags, release_year, language, rating, "
        "maturity, required_level, view_count, created_at, published_from, type) from stdin",
        "".join("\t".join(copied(row[c]) for c in columns) + "\n" for row in rows))
    run(f"insert into users (email, name, role, subscription_level) select 'viewer' || n || '@example.org', 'Viewer ' || n, 'viewer', "
        f"(array['free', 'premium', 'family'])[1 + n % 3] from generate_series(1, {users}) n")
    run(f"""
        select setseed(0.7);
        create temp table ranked as select id, row_number() over (order by view_count desc, id) - 1 as place from content where type <> 'series';
        create temp table people as select id, row_number() over (order by email) - 1 as place from users where role = 'viewer';
        create index on ranked (place); create index on people (place);
        insert into watch_history (user_id, content_id, position, duration, completed, views, first_at, watched_at)
        select p.id, r.id, 5400 * random(), 5400, random() < 0.6, 1, now() - d * interval '1 day', now() - d * interval '1 day'
        from (select (random() * ({users} - 1))::bigint as u, ((select count(*) - 1 from ranked) * power(random(), 3))::bigint as t,
                     random() * 180 as d from generate_series(1, {history * 33 // 32})) as log
        join people p on p.place = log.u join ranked r on r.place = log.t
        on conflict do nothing""")
    run("vacuum analyze")
