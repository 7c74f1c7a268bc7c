#!/usr/bin/env python3
"""What a report of a large sweep costs: seconds to write it, its size, and seconds until Chromium shows its table.
Plots are drawn when they come into view.

Usage: report.py [--trials 1000] [--records 500] [--rounds 3]   after  cmake --build build/release --target atelier
"""
import argparse, pathlib, statistics, subprocess, sys, tempfile, time

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "tests/analysis"))
import synthetic_runs
from browser import Browser

parser = argparse.ArgumentParser()
parser.add_argument("--trials", type=int, default=1000)
parser.add_argument("--records", type=int, default=500)
parser.add_argument("--rounds", type=int, default=3)
arguments = parser.parse_args()

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    sweep = synthetic_runs.make_sweep(folder / "sweep", trials=arguments.trials, records=arguments.records, pictures=False, workers=8)
    page, writing = folder / "report.html", []
    for _ in range(arguments.rounds):
        begin = time.perf_counter()
        subprocess.run([root / "build/release/bin/atelier", "report", sweep, "--out", page], check=True, stdout=subprocess.DEVNULL)
        writing.append(time.perf_counter() - begin)
    with Browser() as browser:
        opening = []
        for _ in range(arguments.rounds):
            begin = time.perf_counter()
            browser.open(page)
            browser.until("document.getElementById('trials').scrollIntoView(true), !!document.querySelector('#trials tr[data-key]')")
            opening.append(time.perf_counter() - begin)
    print(f"{arguments.trials} trials with {arguments.records} records: written in {statistics.median(writing):.2f} s ({min(writing):.2f} to {max(writing):.2f}), "
          f"{page.stat().st_size / 1e6:.1f} MB, open in {statistics.median(opening):.2f} s ({min(opening):.2f} to {max(opening):.2f})")
