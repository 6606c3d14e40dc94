"""The plot of scripts/bench-transcode: bytes against likeness, CPU as size."""
import math

COLOURS = {"ours": "#0b6e4f", "reference": "#b3392f", "veryfast": "#c98a1b", "same": "#8a6fb0"}
WIDTH, HEIGHT, LEFT, TOP = 460, 320, 60, 40


def decibel(ssim):
    return -10 * math.log10(max(1 - ssim, 1e-5))


def panel(result, x, y):
    """One clip: a line for each way of making it, a point for each rung."""
    points = {who: [(row[who]["bytes"], decibel(row[who]["mean"]), row["name"]) for row in result["rungs"] if who in row and "mean" in row[who]] for who in COLOURS}
    every = [p for line in points.values() for p in line]
    if not every:
        return ""
    low, high = math.log10(min(p[0] for p in every)) - 0.1, math.log10(max(p[0] for p in every)) + 0.1
    bottom, top = min(p[1] for p in every) - 0.5, max(p[1] for p in every) + 0.5
    across = lambda b: x + LEFT + (math.log10(b) - low) / (high - low) * (WIDTH - LEFT - 20)
    up = lambda v: y + HEIGHT - 40 - (v - bottom) / (top - bottom) * (HEIGHT - TOP - 60)
    text = f'<text x="{x + LEFT}" y="{y + 20}" font-weight="bold">{result["clip"]}</text>'
    text += f'<path d="M{x + LEFT} {y + TOP}V{y + HEIGHT - 40}H{x + WIDTH - 20}" fill="none" stroke="#888"/>'
    for part in range(5):
        size, likeness = 10 ** (low + (high - low) * part / 4), bottom + (top - bottom) * part / 4
        text += f'<text x="{across(size):.0f}" y="{y + HEIGHT - 24}" text-anchor="middle">{size / 1e6:.2f}</text>'
        text += f'<text x="{x + LEFT - 6}" y="{up(likeness):.0f}" text-anchor="end">{1 - 10 ** (-likeness / 10):.4f}</text>'
    for who, line in points.items():
        if not line:
            continue
        cpu = result["summary"].get(who, {}).get("cpu")
        radius = 3 + 2 * math.sqrt(cpu / 4) if cpu else 3
        text += f'<polyline points="{" ".join(f"{across(b):.1f},{up(v):.1f}" for b, v, _ in line)}" fill="none" stroke="{COLOURS[who]}"/>'
        for size, likeness, name in line:
            text += f'<circle cx="{across(size):.1f}" cy="{up(likeness):.1f}" r="{radius:.1f}" fill="{COLOURS[who]}" fill-opacity="0.35" stroke="{COLOURS[who]}"/>'
            text += f'<text x="{across(size):.1f}" y="{up(likeness) - radius - 2:.1f}" text-anchor="middle" fill="{COLOURS[who]}">{name}</text>'
    return text


def draw(results):
    """The whole picture as SVG."""
    rows = (len(results) + 1) // 2
    size = f"{2 * WIDTH} {rows * HEIGHT + 50}"
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="11">'
    text += f'<rect width="{2 * WIDTH}" height="{rows * HEIGHT + 50}" fill="#fff"/>'
    names = {"ours": "ours", "reference": "ffmpeg medium, average rates", "veryfast": "ffmpeg veryfast, our rate control", "same": "ffmpeg medium at our rate (capped rungs)"}
    for number, (who, colour) in enumerate(COLOURS.items()):
        text += f'<circle cx="{70 + number * 215}" cy="16" r="6" fill="{colour}"/><text x="{80 + number * 215}" y="20">{names[who]}</text>'
    text += '<text x="70" y="38" fill="#555">MB against SSIM (logarithmic in 1 − SSIM); the size of a point is the CPU time of the whole ladder</text>'
    for number, result in enumerate(results):
        text += panel(result, number % 2 * WIDTH, 50 + number // 2 * HEIGHT)
    return text + "</svg>\n"
