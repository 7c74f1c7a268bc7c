"""Writes sweeps and runs as Atelier leaves them, of any size, with nothing trained: for tests of the report's page."""

import json
import math
import random
import struct
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

CLOCK = datetime(2030, 1, 31, 8, tzinfo=timezone.utc)


def png(pixel, side=48):
    """A PNG of side x side pixels; pixel(x, y) in [0, 1) gives its (red, green, blue)."""
    rows = b"".join(
        b"\0" + bytes(max(0, min(255, int(c))) for x in range(side) for c in pixel(x / side, y / side)) for y in range(side))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def photo(which):
    """A landscape: sky, a sun and hills, another for each number."""
    def pixel(x, y):
        hill = 0.62 + 0.12 * math.sin(6 * x + 2 * which) + 0.04 * math.sin(23 * x)
        if y > hill:
            return 40 + 90 * (1 - y), 110 + 60 * math.sin(9 * x + which) * y, 50
        if (x - 0.7) ** 2 + (y - 0.25 - 0.05 * which) ** 2 < 0.012:
            return 255, 235, 160
        return 120 + 40 * which, 165 + 40 * y, 235
    return pixel


def drawn(which, strength):
    """The photo in flat colours, the flatter the stronger."""
    def pixel(x, y):
        step = 1 + 70 * strength
        return tuple(step * round(c / step) + 12 * strength for c in photo(which)(x, y))
    return pixel


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, bytes):
        file.write_bytes(text)
    else:
        file.write_text(text)


def toml(value):
    return json.dumps(value) if isinstance(value, (str, bool, list)) else repr(value)


def spec_text(content, style, norm, width):
    return (f'name = "quick"\nseed = 0\nkind = "photo-to-anime"\n[data]\nphotos = "data/starter/photos"\nbatch = 4\n'
            f'[generator]\nwidth = {width}\nnorm = "{norm}"\nblocks = 4\n[loss.adversarial]\nweight = 1.0\n'
            f"[loss.content]\nweight = {content}\n[loss.style]\nweight = {style}\n"
            "[health]\nlead = 0.98\nchange = 0.005\nspread = 0.05\n")


def curve_lines(rng, records, content, style, until):
    lines = []
    for i in range(1, until + 1):
        t = i / records
        lines.append(json.dumps({
            "step": 20 * i, "epoch": round(0.3 * i, 4), "time": round(1.7 * i + 0.2 * math.sin(i), 3), "phase": "train",
            "generator.adversarial": 0.7 + 0.5 * t + 0.1 * rng.random(),
            "generator.content": 100 * math.exp(-3 * t) / (1 + content) + 3 * rng.random(),
            "generator.style": 2000 * math.exp(-2 * t) / (1 + style) + 30 * rng.random(),
            "generator.total": 40 * math.exp(-2 * t) + rng.random(),
            "discriminator.total": 1.4 - 0.5 * t + 0.1 * rng.random(),
            "health.discriminator_lead": 0.5 + 0.4 * t + 0.03 * rng.random(),
            "health.generator_gradient": 10 ** (3 - t + 0.2 * rng.random()),
            "health.output_change": 0.02 + 0.1 * t, "lr.generator": 5e-4 * (1 - t)}))
    return "\n".join(lines) + "\n"


def make_sweep(folder, trials=12, records=40, seed=1, pictures=True, workers=3, name="loss-weights", running=False,
               all_failed=False):
    """A sweep over two loss weights, a norm and, only for one norm, the width; the style objective depends on them."""
    rng = random.Random(seed)
    write(folder / "sweep.toml",
          f'name = {toml(name)}\nexperiment = "quick.toml"\ntrials = {trials + (4 if running else 0)}\n'
          'minimize = ["eval.style", "eval.content"]\nconstraints = ["eval.ssim >= 0.4"]\n[space]\n'
          '"loss.content.weight" = { log = [0.1, 30] }\n"loss.style.weight" = { log = [0.1, 30] }\n'
          '"generator.norm" = { choice = ["layer", "instance", "none"] }\n"generator.width" = { int = [8, 32] }\n')
    (folder / "trials").mkdir(parents=True, exist_ok=True)
    clocks = [CLOCK + timedelta(seconds=20 * w) for w in range(workers)]
    journals = [[{"event": "worker", "host": f"node{w}", "pid": 4000 + w, "ranks": 1, "time": stamp(clocks[w])}] for w in range(workers)]
    for number in range(trials):
        trial = folder / "trials" / f"{number:06}"
        content, style = (round(10 ** rng.uniform(-1, 1.5), 4) for _ in range(2))
        norm = rng.choice(["layer", "instance", "none"])
        width = rng.randint(8, 32)
        parameters = {"loss.content.weight": content, "loss.style.weight": style, "generator.norm": norm}
        if norm == "layer":
            parameters["generator.width"] = width
        write(trial / "trial.toml", f"number = {number}\nidentity = \"x{number}\"\n[parameters]\n" +
              "".join(f'"{key}" = {toml(value)}\n' for key, value in parameters.items()))
        write(trial / "spec.toml", spec_text(content, style, norm, width))
        write(trial / "provenance.toml", f'version = "0.1.0"\nhost = "node{number % workers}"\ndata_digest = "43e7b178fc1e458d"\nranks = 1\n')
        state = "failed" if all_failed or number % 11 == 7 else "pruned" if number % 9 == 5 else "finished"
        still = running and number >= trials - 2
        done = records if state == "finished" and not still else max(1, records // 3)
        write(trial / "metrics.jsonl", curve_lines(rng, records, content, style, done))
        values = {"eval.style": round(1 / (0.3 + style ** 0.4) + 0.2 * (norm == "none") + 0.05 * rng.random(), 4),
                  "eval.content": round(0.3 + 0.12 * math.log10(1 + 30 * style / content) + 0.03 * rng.random(), 4),
                  "eval.ssim": round(0.9 - 0.2 * math.log10(1 + 9 * style / content), 4),
                  "eval.kid": round(2 / (1 + style) + 0.1 * rng.random(), 4)}
        if not still:
            reason = {"failed": "the loss is not a number at step 260: generator.style", "pruned": "behind 6 of 8 trials at step 260"}.get(state, "")
            write(trial / "result.toml", f"state = \"{state}\"\nreason = \"{reason}\"\nsteps = {20 * done}\nseconds = {1.7 * done}\n[values]\n" +
                  "".join(f'"{key}" = {value}\n' for key, value in values.items() if state != "failed"))
        if state == "failed":
            write(trial / "log.txt", "training\nstep 240\nstep 260: generator.style is nan\n")
        if pictures:
            for which in range(3):
                write(trial / "samples" / "input" / f"{which:02}.png", png(photo(which)))
                for step in range(1, 4):
                    if step <= 3 * done / records:
                        write(trial / "samples" / f"{20 * records * step // 3:08}" / f"{which:02}.png",
                              png(drawn(which, min(0.5, style / 30) + step / 6)))
        w = number % workers
        journals[w].append({"event": "start", "trial": number, "time": stamp(clocks[w])})
        clocks[w] += timedelta(seconds=1.7 * done)
        if not still:
            journals[w].append({"event": "end", "trial": number, "state": state, "time": stamp(clocks[w]), "seconds": 1.7 * done})
        clocks[w] += timedelta(seconds=rng.uniform(1, 25))
    for w, journal in enumerate(journals):
        if not running:
            journal.append({"event": "leave", "time": stamp(clocks[w])})
        write(folder / "journal" / f"node{w}-{4000 + w}.jsonl", "".join(json.dumps(event) + "\n" for event in journal))
    return folder


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def make_command_sweep(folder, trials=6, name="python"):
    """Trials of another program: no spec, no pictures, measures of its own; no journal."""
    rng = random.Random(2)
    write(folder / "sweep.toml", f'name = {toml(name)}\ncommand = ["python3", "train.py", "--lr", "{{lr}}"]\n'
          'maximize = "accuracy"\n[space]\nlr = { log = [1e-4, 1] }\n')
    for number in range(trials):
        trial = folder / "trials" / f"{number:06}"
        lr = 10 ** rng.uniform(-4, 0)
        write(trial / "trial.toml", f"number = {number}\n[parameters]\nlr = {lr}\n")
        write(trial / "metrics.jsonl", "".join(json.dumps({"step": i, "accuracy": 1 - math.exp(-i * lr)}) + "\n" for i in range(1, 11)))
        write(trial / "result.toml", f'state = "finished"\nsteps = 10\nseconds = 2.5\n[values]\naccuracy = {1 - math.exp(-10 * lr)}\n')
    return folder


if __name__ == "__main__":
    import argparse
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--records", type=int, default=40)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--running", action="store_true")
    given = parser.parse_args()
    make_sweep(given.folder, given.trials, given.records, pictures=not given.no_pictures, workers=given.workers, running=given.running)
