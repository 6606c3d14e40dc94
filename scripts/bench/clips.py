"""The clips scripts/bench-transcode works on, made once and kept."""
import os, shutil, subprocess

# Of each: as it is (the top rung is copied), and the same bits marked as level 5.1, which is never copied.
NAMES = ["film", "film-encoded", "lecture", "lecture-encoded", "street", "street-encoded"]
STREET = "/usr/share/doc/opencv-doc/examples/data/vtest.avi"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

SLIDES = [
    ("What a limit is", ["A sequence comes as near as we like", "and stays there from some place on", "No last member is needed"]),
    ("Three examples", ["1/n goes to 0", "n/(n+1) goes to 1", "the signs of (-1)^n go nowhere"]),
    ("Why we care", ["Slopes are limits of quotients", "Areas are limits of sums", "Series are limits of partial sums"]),
    ("Exercises", ["Show that 2n/(n+3) goes to 2", "Find a sequence with two limit points", "Read chapter 4 until Thursday"]),
]
SPEECH = " ".join(f"{title}. {'. '.join(lines)}. Let us look at this slowly, because it is the heart of the matter." for title, lines in SLIDES)


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words], check=True)


def film(path, source):
    ffmpeg("-ss", "120", "-t", "60", "-i", source, "-c", "copy", "-avoid_negative_ts", "make_zero", path)


def lecture(path):
    """A minute of slides in 720p with a small moving pointer, and a voice."""
    voice = path + ".wav"
    if shutil.which("espeak-ng"):
        subprocess.run(["espeak-ng", "-s", "120", "-w", voice, SPEECH * 2], check=True)
    else:
        ffmpeg("-f", "lavfi", "-i", "anoisesrc=c=pink:d=60,tremolo=f=3:d=0.9,lowpass=f=2500", voice)
    draws = []
    for number, (title, lines) in enumerate(SLIDES):
        shown = f"enable='between(t,{number * 15},{number * 15 + 14.999})'"
        for row, text in enumerate([title] + lines):
            text = text.replace("'", "").replace(":", r"\:")
            draws.append(f"drawtext=fontfile={FONT}:text='{text}':x=90:y={80 if row == 0 else 150 + row * 90}:fontsize={60 if row == 0 else 40}:fontcolor={'0x1a3c6e' if row == 0 else '0x222222'}:{shown}")
    draws.append(f"drawtext=fontfile={FONT}:text='o':x=640+400*sin(t/3):y=640+30*cos(t/2):fontsize=24:fontcolor=red")
    ffmpeg("-f", "lavfi", "-i", "color=0xf8f6f0:s=1280x720:r=25:d=60", "-i", voice, "-t", "60", "-vf", ",".join(draws), "-c:v", "libx264", "-preset", "medium", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-af", "apad", path)
    os.remove(voice)


def street(path):
    """A street camera's frames at 25 a second, cut and enlarged to 1080p."""
    ffmpeg("-r", "25", "-i", STREET, "-f", "lavfi", "-i", "sine=f=300:r=48000", "-t", "20", "-vf", "crop=768:432,scale=1920:1080:flags=lanczos", "-c:v", "libx264", "-preset", "medium", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", path)


def make(name, source, cache):
    """The clip's path; None where what it is made of is not here."""
    os.makedirs(cache, exist_ok=True)
    path = f"{cache}/{name}.mp4"
    if os.path.exists(path):
        return path
    base, _, encoded = name.partition("-")
    part = f"{cache}/{name}.part.mp4"
    if encoded:
        origin = make(base, source, cache)
        if origin is None:
            return None
        ffmpeg("-i", origin, "-c", "copy", "-bsf:v", "h264_metadata=level=5.1", part)
    elif base == "film":
        film(part, source)
    elif base == "lecture":
        lecture(part)
    elif not os.path.exists(STREET):
        print(f"{name}: left out, {STREET} is not here (Debian's opencv-doc)")
        return None
    else:
        street(part)
    os.rename(part, path)
    return path
