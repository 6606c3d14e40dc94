"""What scripts/bench-transcode says about finished rungs: likeness frame by frame, and peaks of the rate."""
import os, re, subprocess


def join(place, rung):
    """Decrypts our segments into one file, keys as the stand-in makes them."""
    path = f"{place}.ts"
    with open(path, "wb") as joined:
        for number, _, _ in rung["segments"]:
            key_number = rung["ordinal"] << 16 | number // 20
            key = bytes((key_number * 31 + n) & 255 for n in range(16))
            vector = rung["ordinal"].to_bytes(8, "big") + number.to_bytes(8, "big")
            joined.write(subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", key.hex(), "-iv", vector.hex(), "-in", f"{place}/{number}.ts"], check=True, capture_output=True).stdout)
    return path


def playlist_bytes(path):
    place = os.path.dirname(path)
    return sum(os.path.getsize(f"{place}/{line.strip()}") for line in open(path) if line.strip() and line[0] != "#")


def ssim(path, clip, rung):
    """SSIM against the clip scaled as we scale, mean and 5th percentile of the frames, paired by their order."""
    even = "settb=1/1000,setpts=N*40"
    graph = f"[0:v]{even}[a];[1:v]scale={rung['width']}:{rung['height']}:flags=bicubic+accurate_rnd,format=yuv420p,{even}[b];[a][b]ssim=stats_file=-"
    open_ = ["-allowed_extensions", "ALL", "-protocol_whitelist", "file,crypto,data"] if path.endswith("m3u8") else []
    done = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *open_, "-vsync", "passthrough", "-i", path, "-i", clip, "-lavfi", graph, "-f", "null", "/dev/null"], cwd=os.path.dirname(path), capture_output=True, text=True, check=True)
    values = sorted(float(x) for x in re.findall(r"All:([0-9.]+)", done.stdout))
    return {"mean": sum(values) / len(values), "p5": values[int(len(values) * 0.05)], "frames": len(values)}


def peaks(path, rung):
    """The highest rate of a segment, of any six seconds, and of any six seconds over a border of two segments."""
    if rung["copied"]:
        return {}
    text = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=dts,size", "-of", "csv=p=0", path], capture_output=True, text=True, check=True).stdout
    packets = [(int(a), int(b) * 8) for a, b in (line.split(",")[:2] for line in text.split() if line)]
    cap = rung["cap"]
    worst = border = 0
    start = total = 0
    cuts, at = set(), packets[0][0]
    for _, length, _ in rung["segments"]:
        cuts.add(at)
        at += length
    for time, size in packets:
        total += size
        while packets[start][0] <= time - 540000:
            total -= packets[start][1]
            start += 1
        if time - packets[0][0] >= 540000:
            worst = max(worst, total)
            if any(packets[start][0] + 45000 < cut <= time - 45000 for cut in cuts):
                border = max(border, total)
    whole = [b * 8 * 90000 / d / cap for _, d, b in rung["segments"] if d > 90000]
    return {"segment": max(whole, default=0), "window": worst / 6 / cap, "border": border / 6 / cap}
