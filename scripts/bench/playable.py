"""The measuring of scripts/bench-playable: ENV RUNS CLIP…"""
import http.client, json, os, re, subprocess, sys, tempfile, time, urllib.parse, urllib.request

env, runs, clips = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
values = dict(line.strip().split("=", 1) for line in open(env) if "=" in line)
values = {name: value.strip("'") for name, value in values.items()}
base, key, origin = values["BASE_URL"], values["API_KEY"], values["ALLOWED_ORIGIN"]
host = urllib.parse.urlsplit(base).netloc


def get(path, headers):
    request = urllib.request.Request(base + path, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def upload(file, rel):
    """Sends the form in one go; answers the task and the moment after the last byte."""
    boundary = "bench-playable-boundary"
    names = zip(("trainer_id", "course_id", "module_id", "lesson_id"), rel.split("/"))
    head = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in names)
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="video"; filename="clip.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    tail = f"\r\n--{boundary}--\r\n"
    connection = http.client.HTTPConnection(host, timeout=120)
    connection.putrequest("POST", "/upload/lesson")
    connection.putheader("X-API-Key", key)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={boundary}")
    connection.putheader("Content-Length", str(len(head) + os.path.getsize(file) + len(tail)))
    connection.endheaders()
    connection.send(head.encode())
    with open(file, "rb") as data:
        while piece := data.read(1 << 20):
            connection.send(piece)
    connection.send(tail.encode())
    last = time.monotonic()
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert answer.status != 413, "the demo must take large uploads: MAX_CONTENT_LENGTH=1073741824 scripts/demo start"
    assert answer.status == 202, body
    return body["task_id"], last


def first_segments(rel, headers):
    """The playlists of picture and sound, and for each the first segment in the first 30 s."""
    master = get(f"/hls2/{rel}/output.m3u8", headers).decode()
    uris = [line for line in master.splitlines() if line and line[0] != "#"][:1]
    uris += re.findall(r'#EXT-X-MEDIA:.*URI="([^"]+)"', master)[:1]
    if len(uris) < 2:
        return None
    for uri in uris:
        lines = get(f"/hls2/{rel}/{uri}", headers).decode().splitlines()
        segment = next((line for line in lines if line and line[0] != "#"), None)
        if not segment:
            return None
        key_line = next(line for line in lines if line.startswith("#EXT-X-KEY"))
        directory = f"/hls2/{rel}/" + uri.rpartition("/")[0] + "/"
        data = get(directory + segment, headers)
        key_bytes = get(urllib.parse.urljoin(directory, key_line.split('URI="')[1].split('"')[0]), headers)
        iv = key_line.split("IV=0x")[1][:32]
        plain = subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", key_bytes.hex(), "-iv", iv], input=data, capture_output=True, check=True).stdout
        subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", "pipe:0", "-f", "null", "-"], input=plain, check=True, capture_output=True)
    return True


def measure(file, rel):
    task, last = upload(file, rel)
    token = None
    while time.monotonic() - last < 120:
        state = json.loads(get(f"/api/tasks/{task}", {"X-API-Key": key}))
        if state["state"] in ("failed", "cancelled"):
            sys.exit(f"the task ended: {state}")
        if state["playable"]:
            if not token:
                answer = get(f"/api/get-video-token/v2?user_id=bench&rel={rel}", {"X-API-Key": key})
                token = {"Authorization": "Bearer " + json.loads(answer)["token"], "Referer": origin + "/"}
            if first_segments(rel, token):
                took = time.monotonic() - last
                urllib.request.urlopen(urllib.request.Request(f"{base}/api/tasks/{task}", method="DELETE", headers={"X-API-Key": key})).read()
                time.sleep(2)
                return took
        time.sleep(0.02)
    sys.exit("not playable in two minutes")


def peer(file):
    """ffmpeg, copying into encrypted HLS: how long until the whole playlist is there."""
    with tempfile.TemporaryDirectory() as directory:
        open(f"{directory}/k", "wb").write(os.urandom(16))
        open(f"{directory}/i", "w").write(f"k\n{directory}/k\n")
        began = time.monotonic()
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", file, "-c", "copy", "-f", "hls", "-hls_time", "6", "-hls_list_size", "0",
                        "-hls_key_info_file", f"{directory}/i", f"{directory}/o.m3u8"], check=True, capture_output=True)
        return time.monotonic() - began


for number, file in enumerate(clips):
    ours, theirs = [], []
    for run in range(runs):
        ours.append(measure(file, f"bench/playable/c{number}/r{run}"))
        theirs.append(peer(file))
    name = os.path.basename(file)
    print(f"{name}: first picture and sound {min(ours):.2f} … {sorted(ours)[len(ours) // 2]:.2f} … {max(ours):.2f} s after the last byte; "
          f"ffmpeg -c copy of the whole {min(theirs):.2f} … {max(theirs):.2f} s; ratio of medians "
          f"{sorted(ours)[len(ours) // 2] / sorted(theirs)[len(theirs) // 2]:.2f}")
