"""What players make of a published lesson: hls.js in Chromium with every switch and seek forced, Chromium's own HLS by the
path token, GStreamer's hlsdemux. Each answers with what it saw; the tests judge."""
import json, random, subprocess, time

# Runs in the page. Watches one video: decoder errors, stalls, how far the buffer reaches, what was decoded.
WATCHER = """
self.watch = (video, hls) => {
  const seen = { errors: [], notes: [], least: Infinity, under: [], levels: [], seeking: false, settled: false };
  const ahead = () => { for (let i = 0; i < video.buffered.length; i += 1)
    if (video.buffered.start(i) <= video.currentTime + .1 && video.currentTime < video.buffered.end(i) + .05) return video.buffered.end(i) - video.currentTime;
    return 0; };
  const sample = (what) => {
    if (video.seeking || video.paused || video.ended) { seen.settled = false; return; }
    const rest = ahead(), toEnd = video.duration - video.currentTime - rest;
    if (!seen.settled) { seen.settled = rest >= 2 && !video.seeking; return; }
    if (toEnd < .5) return;
    if (rest < seen.least) seen.least = rest;
    if (rest < 1) seen.under.push([what, +video.currentTime.toFixed(2), +rest.toFixed(2)]);
  };
  for (const name of ['timeupdate', 'waiting', 'progress']) video.addEventListener(name, () => sample(name));
  for (const name of ['seeking', 'emptied']) video.addEventListener(name, () => { seen.settled = false; });
  video.addEventListener('error', () => seen.errors.push(video.error.message));
  if (hls) {
    const { Events } = hls.constructor;
    hls.on(Events.ERROR, (_, { type, details, fatal, error, reason }) => {
      const said = [type, details, reason ?? error?.message ?? ''].join(': ');
      (fatal || type === 'mediaError' && !/bufferStalled|bufferNudge|bufferSeekOverHole/.test(details) ? seen.errors : seen.notes).push(said);
    });
    hls.on(Events.LEVEL_SWITCHED, (_, { level }) => seen.levels.push(level));
    hls.on(Events.FRAG_BUFFERED, () => sample('buffered'));
  }
  self.seen = seen;
  self.video = video;
  self.hls = hls;
  self.facts = () => { const q = video.getVideoPlaybackQuality(); return { now: video.currentTime, duration: video.duration, ended: video.ended, paused: video.paused, ready: video.readyState,
    frames: q.totalVideoFrames, dropped: q.droppedVideoFrames, sound: video.webkitAudioDecodedByteCount, picture: video.webkitVideoDecodedByteCount, width: video.videoWidth, height: video.videoHeight,
    level: hls?.currentLevel ?? -1, buffered: Array.from(video.buffered, (_, i) => [video.buffered.start(i), video.buffered.end(i)]) }; };
};
"""

HLS = """async ([master, token]) => {
  const Hls = await (await import('/lib/hls.js')).loadHls();
  const video = document.createElement('video');
  video.muted = false; video.volume = .01;
  document.body.replaceChildren(video);
  const hls = new Hls({ enableWorker: false, maxBufferLength: 30, maxMaxBufferLength: 60, backBufferLength: 60, capLevelToPlayerSize: false, startLevel: 0,
    xhrSetup: (call, url) => { call.open('GET', url, true); call.setRequestHeader('Authorization', 'Bearer ' + token); } });
  watch(video, hls);
  hls.attachMedia(video);
  await new Promise((done, fail) => { hls.once(Hls.Events.MANIFEST_PARSED, done); hls.once(Hls.Events.ERROR, (_, data) => fail(new Error(data.details))); hls.loadSource(master); });
  video.play().catch((error) => seen.errors.push(String(error)));
  return hls.levels.map(({ height }) => height);
}"""

NATIVE = """async ([master]) => {
  const video = document.createElement('video');
  video.muted = false; video.volume = .01;
  document.body.replaceChildren(video);
  watch(video, null);
  video.src = master;
  video.play().catch((error) => seen.errors.push(String(error)));
}"""


class Watched:
    """A video in a page of the demo's own origin."""

    def __init__(self, page, site, rel):
        self.page, self.site, self.rel = page, site, rel
        page.goto(site.base + "/favicon.svg")
        page.goto(site.base + "/")
        page.evaluate("() => {" + WATCHER + "}")

    def facts(self):
        return self.page.evaluate("facts()")

    def seen(self):
        return self.page.evaluate("seen")

    def until(self, condition, what, seconds=60):
        """Waits until `condition(facts)`; a decoder's error ends the waiting."""
        end = time.monotonic() + seconds
        while True:
            facts = self.facts()
            if condition(facts):
                return facts
            errors = self.page.evaluate("seen.errors")
            assert not errors, (what, errors)
            assert time.monotonic() < end, f"{what}: waited {seconds} s in vain: {json.dumps(facts)}"
            self.page.wait_for_timeout(50)

    def plays_on(self, what, by=0.6):
        """Picture and sound are decoded and the clock goes on."""
        before = self.facts()
        return self.until(lambda f: f["ended"] or (f["now"] > before["now"] + by and f["frames"] > before["frames"]), what)

    def seek(self, to):
        self.page.evaluate("(to) => { video.currentTime = to; if (video.paused) video.play().catch(() => {}); }", to)
        self.until(lambda f: f["ready"] >= 3 and abs(f["now"] - to) < 20 and (f["ended"] or f["now"] >= to - 0.5), f"seek to {to:.2f}")
        return self.plays_on(f"after a seek to {to:.2f}")

    # hls.js

    def open_hls(self):
        token = self.site.token(self.rel)
        self.levels = self.page.evaluate(HLS, [local(token["playlist_url"]), token["token"]])
        self.until(lambda f: f["now"] > 0.5 and f["frames"] > 5, "start")
        return self.levels

    def switch(self, level):
        self.page.evaluate("(level) => { hls.nextLevel = level }", level)
        self.until(lambda f: f["level"] == level or f["ended"], f"switch to level {level}")
        return self.plays_on(f"on level {level}")

    def switch_everywhere(self):
        """From every rung to every other; how many switches that were."""
        count, at = 0, 0
        for a, b in walk(len(self.levels)):
            facts = self.facts()
            if facts["ended"] or facts["now"] > facts["duration"] - 10:
                self.seek(1)
            if at != a or count == 0:
                self.switch(a)
            self.switch(b)
            at, count = b, count + 1
        return count

    def seek_about(self, count, seed, end=None):
        """Random places, in turn inside and outside of what is buffered; how many of each."""
        chance, inside, outside = random.Random(seed), 0, 0
        for number in range(count):
            facts = self.facts()
            last = (end or facts["duration"]) - 1.5
            ranges = [(a, min(b, last)) for a, b in facts["buffered"] if min(b, last) - a > 0.5]
            if number % 2 == 0 and ranges:
                a, b = chance.choice(ranges)
                to, inside = chance.uniform(a, b), inside + 1
            else:
                for _ in range(50):
                    to = chance.uniform(0, last)
                    if not any(a <= to <= b for a, b in ranges):
                        break
                outside += not any(a <= to <= b for a, b in ranges)
            if number % 5 == 4 and getattr(self, "levels", None):
                self.page.evaluate("(level) => { hls.nextLevel = level }", chance.randrange(len(self.levels)))
            self.seek(to)
        return inside, outside

    def open_native(self):
        self.page.evaluate(NATIVE, [local(self.site.token(self.rel)["path_playlist_url"])])
        self.until(lambda f: f["now"] > 0.5 and f["frames"] > 5, "start")


def local(url):
    return "/" + url.split("/", 3)[3]


def walk(count):
    """Every ordered pair of different rungs, each beginning where the one before ended as far as that goes."""
    pairs, at = {(a, b) for a in range(count) for b in range(count) if a != b}, 0
    while pairs:
        step = next((pair for pair in sorted(pairs) if pair[0] == at), None) or min(pairs)
        pairs.discard(step)
        at = step[1]
        yield step


def gstreamer(url, seconds=300):
    """Plays a whole lesson with hlsdemux as fast as it goes; how many pictures and pieces of sound came out."""
    sink = "fakesink sync=false silent=false name="
    done = subprocess.run(["timeout", str(seconds), "gst-launch-1.0", "-v", "playbin", f"uri={url}", f"video-sink={sink}picture", f"audio-sink={sink}sound"],
                          capture_output=True, text=True, errors="replace")
    chains = [line for line in done.stdout.splitlines() if "last-message" in line and "chain" in line]
    pictures = sum("picture" in line.split(":", 2)[1] or "/GstFakeSink:picture" in line for line in chains)
    return {"code": done.returncode, "errors": [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("ERROR")],
            "ended": "Got EOS" in done.stdout, "pictures": pictures, "sounds": len(chains) - pictures}
