"""The measuring of scripts/bench-transcode."""
import argparse, contextlib, fcntl, json, os, shutil, statistics, subprocess, tempfile, time
import clips, frontier, quality

GUIDE = {1080: 5000, 720: 3000, 480: 1500, 360: 800}
RATE_CONTROL = "aq-mode=2:aq-strength=0.7:rc-lookahead=20:trellis=1"


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench-transcode",
        description="Makes whole ladders of real clips in interleaved runs: ours (the product's plan and helper), one "
        "ffmpeg that makes the same rungs with libx264 medium at the guides' average rates, and the same at veryfast "
        "with our rate control. Prints wall, CPU, bytes and SSIM of each rung and writes a plot of the frontier.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (5)")
    parser.add_argument("--clip", action="append", choices=clips.NAMES, help="only this clip; may be given again")
    parser.add_argument("--workers", type=int, default=2, help="workers to stand in for (2)")
    parser.add_argument("--choices", help="the operator's choices as JSON, as tasks.choices holds them")
    parser.add_argument("--only-ours", action="store_true", help="neither reference nor peer")
    parser.add_argument("--lock", help="hold this file's lock during each run, so that nothing that honours it disturbs")
    parser.add_argument("--out", help="directory for result.json and frontier.svg (the cache's results)")
    parser.add_argument("--film", help=argparse.SUPPRESS)
    parser.add_argument("--cache", help=argparse.SUPPRESS)
    parser.add_argument("--programs", help=argparse.SUPPRESS)
    return parser.parse_args()


@contextlib.contextmanager
def quiet(path):
    """Nobody else who honours the lock works meanwhile."""
    if not path:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def timed(command, lock):
    """Runs a command; wall and CPU seconds, peak memory of one process in MB, what it printed."""
    with tempfile.TemporaryFile() as output, quiet(lock):
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"failed: {' '.join(command)}")
        output.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, output.read()


def ours(clip, place, options):
    shutil.rmtree(place, ignore_errors=True)
    command = [f"{options.programs}/transcoder", clip, "mp4", place, str(options.workers)]
    # As the others do: pictures for seeking and winding are no part of the ladder.
    wall, cpu, memory, text = timed(command + ([options.choices] if options.choices else []) + ["--ladder"], options.lock)
    return json.loads(text) | {"wall": wall, "cpu": cpu, "memory": memory}


def peer(clip, place, rungs, video_options, lock):
    """One ffmpeg that makes these rungs and the sound as encrypted HLS."""
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    with open(f"{place}/key", "wb") as file:
        file.write(bytes(range(16)))
    with open(f"{place}/info", "w") as file:
        file.write(f"key\n{place}/key\n000102030405060708090a0b0c0d0e0f\n")
    split = f"[0:v]split={len(rungs)}" + "".join(f"[s{n}]" for n in range(len(rungs))) + ";"
    split += ";".join(f"[s{n}]scale={r['width']}:{r['height']}:flags=bicubic[v{n}]" for n, r in enumerate(rungs))
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", clip, "-filter_complex", split]
    for n, rung in enumerate(rungs):
        command += ["-map", f"[v{n}]", f"-c:v:{n}", "libx264"]
        for name, value in video_options(rung).items():
            command += [f"-{name}:v:{n}", value]
    command += ["-map", "0:a", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough"]
    command += ["-force_key_frames", "expr:gte(t,n_forced*6)", "-sc_threshold", "0", "-g", "250"]
    command += ["-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_key_info_file", f"{place}/info"]
    command += ["-var_stream_map", " ".join(f"v:{n},agroup:a" for n in range(len(rungs))) + " a:0,agroup:a"]
    command += ["-hls_segment_filename", f"{place}/%v-%d.ts", "-master_pl_name", "master.m3u8", f"{place}/%v.m3u8"]
    wall, cpu, memory, _ = timed(command, lock)
    return {"wall": wall, "cpu": cpu, "memory": memory}


def medium(rung):
    rate = GUIDE.get(min(rung["width"], rung["height"]), rung["cap"] // 1000)
    return {"preset": "medium", "b": f"{rate}k", "maxrate": f"{rate * 107 // 100}k", "bufsize": f"{rate * 3 // 2}k"}


def at_our_rate(rung):
    rate = rung["bytes"] * 8 / rung["seconds"]
    return {"preset": "medium", "b": f"{rate:.0f}", "maxrate": f"{rate * 1.07:.0f}", "bufsize": f"{rate * 1.5:.0f}"}


def veryfast(rung):
    factor = rung["rate_factor"] or {1080: 23, 720: 22, 480: 21}.get(min(rung["width"], rung["height"]), 20)
    cap = max(rung["cap"], 100_000)
    return {"preset": "veryfast", "crf": str(factor), "maxrate": str(cap), "bufsize": str(cap * 3 // 2), "x264-params": RATE_CONTROL}


def is_capped(rung):
    """The 0.7 rule, not the configured figure, limits it."""
    return not rung["copied"] and rung["cap"] < 1000 * GUIDE.get(min(rung["width"], rung["height"]), 0)


def measure(name, clip, options, work):
    """All runs of one clip and the quality of what they made."""
    runs = {"ours": [], "reference": [], "veryfast": []}
    rungs = None
    for number in range(options.runs):
        made = ours(clip, f"{work}/ours", options)
        runs["ours"].append(made)
        if rungs is None:
            rungs = [r for r in made["renditions"] if r["kind"] == "video"]
            for rung in rungs:
                rung["bytes"] = sum(s[2] for s in rung["segments"])
                rung["seconds"] = sum(s[1] for s in rung["segments"]) / 90000
        if not options.only_ours:
            runs["reference"].append(peer(clip, f"{work}/reference", rungs, medium, options.lock))
            runs["veryfast"].append(peer(clip, f"{work}/veryfast", rungs, veryfast, options.lock))
        print(f"  run {number + 1}: " + ", ".join(f"{k} {v[-1]['wall']:.1f} s ({v[-1]['cpu']:.1f} s CPU)" for k, v in runs.items() if v), flush=True)
    rows = []
    capped = [r for r in rungs if is_capped(r)]
    if capped and not options.only_ours:
        peer(clip, f"{work}/same", capped, at_our_rate, options.lock)
    for index, rung in enumerate(rungs):
        joined = quality.join(f"{work}/ours/{rung['ordinal']}", rung)
        row = {"name": rung["name"], "copied": rung["copied"], "capped": is_capped(rung), "cap": rung["cap"], "ours": {"bytes": rung["bytes"]}}
        row["peak"] = quality.peaks(joined, rung)
        if not rung["copied"]:
            row["ours"] |= quality.ssim(joined, clip, rung)
        if not options.only_ours:
            for who in ("reference", "veryfast"):
                row[who] = {"bytes": quality.playlist_bytes(f"{work}/{who}/{index}.m3u8")} | quality.ssim(f"{work}/{who}/{index}.m3u8", clip, rung)
            if rung in capped:
                number = capped.index(rung)
                row["same"] = {"bytes": quality.playlist_bytes(f"{work}/same/{number}.m3u8")} | quality.ssim(f"{work}/same/{number}.m3u8", clip, rung)
        rows.append(row)
    total = {"bytes": sum(s[2] for r in runs["ours"][0]["renditions"] for s in r["segments"])}
    summary = {who: {k: statistics.median(r[k] for r in all) for k in ("wall", "cpu", "memory")} for who, all in runs.items() if all}
    return {"clip": name, "obstacle": runs["ours"][0]["obstacle"], "runs": options.runs, "summary": summary, "rungs": rows, "total": total}


def verdict(text, value, goal, below=True):
    good = value <= goal if below else value >= goal
    print(f"  {'met   ' if good else 'MISSED'} {text}: {value:.4g} (goal {'≤' if below else '≥'} {goal:.4g})")


def report(result):
    summary, rungs = result["summary"], result["rungs"]
    for row in rungs:
        for who in ("ours", "reference", "veryfast", "same"):
            if who in row:
                value = row[who]
                text = f"{value['mean']:.4f} / {value['p5']:.4f}, {value['frames']} frames" if "mean" in value else "copied"
                note = f"  peak: segment {row['peak']['segment']:.2f}, any 6 s {row['peak']['window']:.2f}, 6 s over a border {row['peak']['border']:.2f} of the cap" if who == "ours" and not row["copied"] else ""
                print(f"  {row['name']:>6} {who:<9} {value['bytes'] / 1e6:8.3f} MB  SSIM {text}{note}")
    for who, value in summary.items():
        print(f"  {who:<9} wall {value['wall']:.1f} s, CPU {value['cpu']:.1f} s, largest process {value['memory']:.0f} MB")
    if "reference" not in summary:
        return
    copied = any(row["copied"] for row in rungs)
    for measure_, of in (("wall", "wall"), ("cpu", "CPU")):
        print(f"  {of}: {summary['ours'][measure_] / summary['reference'][measure_]:.3f} of the reference's, {summary['ours'][measure_] / summary['veryfast'][measure_]:.3f} of veryfast's")
    verdict("wall of the reference's", summary["ours"]["wall"] / summary["reference"]["wall"], 0.3 if copied else 0.5)
    verdict("wall of veryfast's", summary["ours"]["wall"] / summary["veryfast"]["wall"], 0.7 if copied else 1.1)
    lecture = result["clip"].startswith("lecture")
    free = [row for row in rungs if not row["copied"] and not row["capped"]]
    if free and not lecture:
        verdict("bytes of uncapped rungs", sum(r["ours"]["bytes"] for r in free) / sum(r["reference"]["bytes"] for r in free), 0.55)
        for row in free:
            verdict(f"{row['name']} SSIM less", row["reference"]["mean"] - row["ours"]["mean"], 0.007)
            verdict(f"{row['name']} SSIM p5 less", row["reference"]["p5"] - row["ours"]["p5"], 0.01)
    for row in rungs:
        if "same" in row and not lecture:
            verdict(f"{row['name']} (capped) SSIM less at the same rate ({row['same']['bytes'] / row['ours']['bytes']:.2f} of our bytes)", row["same"]["mean"] - row["ours"]["mean"], 0)
            verdict(f"{row['name']} (capped) SSIM p5 less at the same rate", row["same"]["p5"] - row["ours"]["p5"], 0)
        if lecture and not row["copied"]:
            verdict(f"{row['name']} bytes", row["ours"]["bytes"] / row["reference"]["bytes"], 1)
            verdict(f"{row['name']} SSIM", row["ours"]["mean"], 0.999, below=False)


def main():
    options = arguments()
    out = options.out or f"{options.cache}/results"
    os.makedirs(out, exist_ok=True)
    results = []
    for name in options.clip or clips.NAMES:
        clip = clips.make(name, options.film, options.cache)
        if clip is None:
            continue
        print(f"{name} ({os.path.getsize(clip) / 1e6:.1f} MB)", flush=True)
        with tempfile.TemporaryDirectory(prefix="bench-transcode-") as work:
            result = measure(name, clip, options, work)
        report(result)
        results.append(result)
        with open(f"{out}/result.json", "w") as file:
            json.dump(results, file, indent=1)
        with open(f"{out}/frontier.svg", "w") as file:
            file.write(frontier.draw(results))
    print(f"written: {out}/result.json {out}/frontier.svg")


main()
