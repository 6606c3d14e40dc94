"""What a trainer's site and a viewer do, with the standard library, curl and ffmpeg."""
import json, re, subprocess, time, urllib.error, urllib.request


class Site:
    """A back end that holds the API key of a running demo."""

    def __init__(self, demo):
        self.base, self.key, self.origin = demo["BASE_URL"], demo["API_KEY"], demo["ALLOWED_ORIGIN"]

    def call(self, path, method="GET", headers=None, body=None):
        """One call with the key: status, headers, body as JSON where it is JSON."""
        request = urllib.request.Request(self.base + path, data=body, method=method)
        for name, value in {"X-API-Key": self.key, **(headers or {})}.items():
            if value is not None:
                request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, parse(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.headers, parse(error.read())

    def upload(self, file, rel, **fields):
        """Sends a lesson as a form, by curl; answers status and body."""
        names = dict(zip(("trainer_id", "course_id", "module_id", "lesson_id"), rel.split("/")))
        form = [part for item in {**names, **fields}.items() for part in ("-F", "%s=%s" % item)]
        done = subprocess.run(
            ["curl", "-sS", "-m", "120", "-H", f"X-API-Key: {self.key}", *form, "-F", f"video=@{file}",
             "-w", "\n%{http_code}", self.base + "/upload/lesson"], capture_output=True, text=True, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), parse(body.encode())

    def task(self, task):
        status, _, body = self.call(f"/api/tasks/{task}")
        assert status == 200, body
        return body

    def wait(self, task, until, seconds=300):
        """Polls the task until a condition holds or it ended; answers what it said last."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            body = self.task(task)
            if until(body) or body["state"] in ("failed", "cancelled"):
                return body
            time.sleep(0.1)
        raise AssertionError(f"the task did not get there in {seconds} s: {body}")

    def make(self, file, rel, seconds=300, **fields):
        """Uploads and waits for the end; answers the task."""
        status, body = self.upload(file, rel, **fields)
        assert status == 202, body
        done = self.wait(body["task_id"], lambda task: task["state"] == "done", seconds)
        assert done["state"] == "done", done
        return done

    def token(self, rel, platform="web", **more):
        query = "&".join(f"{name}={value}" for name, value in {"user_id": "viewer", "rel": rel, "platform": platform, **more}.items())
        status, _, body = self.call(f"/api/get-video-token/v2?{query}")
        assert status == 200, body
        return body

    def viewer(self, rel):
        return Viewer(self, rel, self.token(rel)["token"])


class Viewer:
    """A player with a token for one lesson."""

    def __init__(self, site, rel, token):
        self.site, self.rel = site, rel
        self.headers = {"Authorization": f"Bearer {token}", "Referer": site.origin + "/"}

    def get(self, name):
        """A file of the lesson: status and bytes."""
        request = urllib.request.Request(f"{self.site.base}/hls2/{self.rel}/{name}", headers=self.headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def text(self, name):
        status, body = self.get(name)
        assert status == 200, (name, status, body)
        return body.decode()

    def master(self):
        return Master(self.text("output.m3u8"))

    def ffmpeg_input(self, name):
        """ffmpeg's arguments that read a playlist of the lesson through nginx."""
        lines = "".join(f"{header}: {value}\r\n" for header, value in self.headers.items())
        return ["-headers", lines, "-i", f"{self.site.base}/hls2/{self.rel}/{name}"]

    def decodes(self, name, *more):
        """Decodes a playlist from start to end, and fails at the first doubt of the decoder."""
        done = subprocess.run(
            ["ffmpeg", "-v", "warning", "-xerror", "-nostdin", *self.ffmpeg_input(name), *more, "-f", "null", "-"],
            capture_output=True, text=True)
        assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
        doubts = [line for line in done.stderr.splitlines() if re.search("corrupt|non monoton|discontin|error|invalid", line, re.I)]
        assert not doubts, f"{name}: {doubts[:5]}"


class Master:
    """A master playlist, read as a player reads it."""

    def __init__(self, text):
        self.text, self.variants, self.audio = text, [], []
        lines = text.splitlines()
        assert lines[0] == "#EXTM3U", text
        for line, following in zip(lines, lines[1:] + [""]):
            if line.startswith("#EXT-X-STREAM-INF:"):
                attributes = attribute_list(line)
                width, _, height = attributes.get("RESOLUTION", "0x0").partition("x")
                self.variants.append({**attributes, "uri": following, "width": int(width), "height": int(height),
                                      "bandwidth": int(attributes["BANDWIDTH"])})
            if line.startswith("#EXT-X-MEDIA:"):
                self.audio.append(attribute_list(line))

    def directories(self):
        """Every publication that is named."""
        uris = [variant["uri"] for variant in self.variants] + [audio["URI"] for audio in self.audio if "URI" in audio]
        return {uri.split("/")[0] for uri in uris}


def attribute_list(line):
    found = re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', line.partition(":")[2])
    return {name: value.strip('"') for name, value in found}


def parse(data):
    try:
        return json.loads(data)
    except ValueError:
        return data


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def frame_hashes(*source):
    """The MD5 of every decoded picture, in order."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", *source, "-map", "0:v:0", "-an", "-vsync", "passthrough", "-f", "framemd5", "-"],
        capture_output=True, text=True, check=True)
    return [line.rsplit(",", 1)[1].strip() for line in done.stdout.splitlines() if line and line[0] != "#"]


def keyframe_times(*source):
    done = subprocess.run(
        ["ffprobe", "-v", "error", *source, "-select_streams", "v:0", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"],
        capture_output=True, text=True, check=True)
    return [float(line.split(",")[0]) for line in done.stdout.splitlines() if ",K" in line]


def flashes_and_bleeps(*source):
    """When white pictures and tones begin, in seconds: two lists."""
    picture = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-copyts", *source, "-map", "0:v:0", "-vf", "scale=16:16,format=gray,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
         "-f", "null", "-"], capture_output=True, text=True, check=True).stdout
    flashes, white, now = [], False, 0.0
    for line in picture.splitlines():
        if match := re.search(r"pts_time:([-0-9.]+)", line):
            now = float(match[1])
        elif match := re.search(r"YAVG=([0-9.]+)", line):
            bright = float(match[1]) > 128
            if bright and not white:
                flashes.append(now)
            white = bright
    sound = subprocess.run(
        ["ffmpeg", "-v", "info", "-nostdin", "-copyts", *source, "-map", "0:a:0", "-af", "silencedetect=n=-30dB:d=0.2", "-f", "null", "-"],
        capture_output=True, text=True, check=True).stderr
    bleeps = [float(value) for value in re.findall(r"silence_end: ([-0-9.]+)", sound)]
    return flashes, bleeps
