"""Who gets what where (J12), written by hand in access/*.txt, a file a subject. To add a route, add a paragraph:

    GET /api/tasks/:task                          the line of `reelgate routes`
        > /api/tasks/{task}                       what is asked; left out: the pattern, each argument a thing of its name
        body json {"rules": "allow *"}            or: body form a=b&c=d (a film is added), body captions; left out: none
        states own foreign                        left out: own foreign deleted unknown; none where nothing is named
        anonymous: 401 401 401 401                a code a state
        instructor-own: 200 404 200 404           several actors may stand before the colon
        others: 403 403 403 403                   every actor that stands on no other line; `everyone` for all of them

`{kind}` is a thing that world.py makes fresh for each request (`{kind:0}`, `{kind:1}`: its parts between slashes), `{owner}`
whose it is, `{me}` who asks, `{fresh}` a new word. `own` things are of Ada, which is who viewer-own and instructor-own are;
Bob, who the others are, has nothing; `foreign` things are of Cleo, who is nobody here.

A route of the table without a paragraph fails, as does a paragraph without a route, or one that forgets an actor. A file
none of whose routes are in the table is of a feature that this build lacks."""
import dataclasses, glob, os, re

ACTORS = ["anonymous", "viewer-own", "viewer-other", "instructor-own", "instructor-other", "admin", "key:upload", "key:tokens", "key:catalog", "key:admin"]
STATES = ["own", "foreign", "deleted", "unknown"]
PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "access")
THING = re.compile(r"\{(\w+)(?::(\d))?\}")


@dataclasses.dataclass
class Row:
    route: str
    target: str
    states: list
    codes: dict
    body: str = ""

    def things(self):
        return {name for name, _ in THING.findall(self.target + self.body)} - {"me", "fresh"}


def read(text):
    """The rows of a file; a mistake in it is an AssertionError."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip() and not line.startswith("#")]
        if lines:
            yield row(lines)


def row(lines):
    route = " ".join(lines[0].split())
    target = re.sub(r":(\w+)", r"{\1}", route.split()[1])
    made, states, said = Row(route, target, None, {}), None, []
    for line in lines[1:]:
        word, _, rest = line.partition(" ")
        if word == ">":
            made.target = rest
        elif word == "body":
            made.body = rest
        elif word == "states":
            states = rest.split()
        else:
            names, colon, codes = line.rpartition(": ")
            assert colon, f"{route}: what is {line!r}?"
            said.append((names.split(), [int(code) for code in codes.split()]))
    made.states = states or (STATES if made.things() else [None])
    for names, codes in said:
        assert len(codes) == len(made.states), f"{route}: {names} has {len(codes)} codes for {made.states}"
        if names in (["others"], ["everyone"]):
            assert names == ["others"] or not made.codes, f"{route}: everyone stands alone"
            names = [actor for actor in ACTORS if actor not in made.codes]
        for name in names:
            assert name in ACTORS and name not in made.codes, f"{route}: {name}"
            made.codes[name] = codes
    missing = [actor for actor in ACTORS if actor not in made.codes]
    assert not missing, f"{route}: nothing is said of {missing}"
    return made


def rows(table):
    """Every row that is of this build; `table` holds the routes it has."""
    found = []
    for path in sorted(glob.glob(f"{PLACE}/*.txt")):
        with open(path) as file:
            subject = list(read(file.read()))
        if any(one.route in table for one in subject):
            found += subject
    assert len({one.route for one in found}) == len(found), "a route stands twice"
    return found
