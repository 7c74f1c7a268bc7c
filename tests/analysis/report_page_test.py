"""The report's page in a real browser: every view is there and says something, and what a person does has its effect.

Usage: report_page_test.py ATELIER; exits 77 (skipped) without Chromium.
"""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import synthetic_runs
from browser import Browser, find_chromium

EVIL = '</script><script>window.hurt=1</script><img src=x onerror="window.hurt=1">\'"&amp;'
ALL_VIEWS = ["samples", "trials", "parallel", "front", "slices", "interaction", "evaluation", "curves", "health", "workers",
             "differences", "failures", "commands"]


class PageTest(unittest.TestCase):
    atelier = ""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="atelier-page-")
        cls.folder = Path(cls.scratch.name)
        cls.browser = Browser()
        cls.sweep = cls.report(synthetic_runs.make_sweep(cls.folder / "sweep", trials=12))

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.scratch.cleanup()

    @classmethod
    def report(cls, *folders, options=()):
        file = cls.folder / f"{folders[0].name}.html"
        subprocess.run([cls.atelier, "report", *map(str, folders), "--out", str(file), *options], check=True, capture_output=True)
        return file

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def open(self, file, fragment=""):
        self.browser.open(file, fragment)

    def run_in_page(self, script):
        return self.browser.run(script)

    def views(self):
        return self.browser.run("[...document.querySelectorAll('main section')].map((s) => s.id)")

    def visit(self, view):
        """Goes to a view as a person does, waits until it and its plots are drawn, and returns its text."""
        self.browser.run(f"document.querySelector('.bar a[href=\"#{view}\"]').click()")
        self.browser.until(f"document.querySelector('#{view} .body').childElementCount > 0")
        self.browser.until(f"""[...document.querySelectorAll('#{view} .canvas')].every((c) => {{
            const r = c.getBoundingClientRect();
            return r.bottom < 0 || r.top > innerHeight || c.querySelector('.main-svg') !== null; }})""")
        return self.browser.run(f"document.querySelector('#{view} .body').innerText")

    def rows(self):
        return self.browser.run("[...document.querySelectorAll('#trials tbody tr[data-key] td:nth-child(2)')].map((c) => c.innerText.trim())")

    def chosen(self):
        return self.browser.run("[...document.querySelectorAll('#trials tbody tr[data-key]')].filter((r) => r.querySelector('input').checked).map((r) => r.children[1].innerText.trim())")

    def column(self, head):
        at = self.browser.run(f"[...document.querySelectorAll('#trials thead th')].findIndex((h) => h.innerText.trim() === {json.dumps(head)})")
        return self.browser.run(f"[...document.querySelectorAll('#trials tbody tr[data-key]')].map((r) => r.children[{at}].innerText.trim())")

    def type_filter(self, text):
        self.browser.run(f"(() => {{ const f = document.querySelector('#trials input[type=search]'); f.value = {json.dumps(text)}; f.oninput(); }})()")

    # ---------------------------------------------------------------------------------------------

    def test_every_view_is_there_and_says_something_in_light_and_dark(self):
        for dark in (False, True):
            self.browser.dark(dark)
            self.open(self.sweep)
            self.assertEqual(self.run_in_page("document.documentElement.dataset.theme"), "dark" if dark else "light")
            self.assertEqual(self.views(), ALL_VIEWS)
            for view in ALL_VIEWS:
                self.assertGreater(len(self.visit(view)), 20, view)
        self.browser.dark(False)

    def test_views_fit_the_window(self):
        for width in (1400, 700):
            self.browser.resize(width, 1000)
            self.open(self.sweep)
            for view in ALL_VIEWS:
                self.visit(view)
                self.assertLessEqual(self.run_in_page("document.documentElement.scrollWidth"), width, f"{view} at {width}")
        self.browser.resize(1400, 1000)

    def test_a_click_on_a_heading_sorts_and_another_turns_it_round(self):
        self.open(self.sweep)
        self.visit("trials")
        click = "[...document.querySelectorAll('#trials th button')].find((b) => b.innerText === 'style.weight').click()"
        self.run_in_page(click)
        up = [float(v) for v in self.column("style.weight")]
        self.assertEqual(up, sorted(up))
        self.run_in_page(click)
        down = [float(v) for v in self.column("style.weight")]
        self.assertEqual(down, sorted(up, reverse=True))

    def test_the_table_is_filtered_by_words_and_conditions(self):
        self.open(self.sweep)
        self.visit("trials")
        self.assertEqual(len(self.rows()), 12)
        self.type_filter("state=failed")
        self.assertEqual(self.rows(), ["#7"])
        self.type_filter("pruned")
        self.assertEqual(self.rows(), ["#5"])
        self.type_filter("norm=layer style.weight>=1")
        self.assertTrue(all(norm == "layer" for norm in self.column("generator.norm")))
        self.assertTrue(all(float(weight) >= 1 for weight in self.column("style.weight")))
        self.assertGreater(len(self.rows()), 0)
        self.type_filter("nosuchthing<1")
        self.assertIn('There is no column "nosuchthing"', self.run_in_page("document.querySelector('#trials [role=status]').innerText"))
        self.type_filter("state=failed")
        self.run_in_page("[...document.querySelectorAll('#trials button')].find((b) => b.innerText === 'Choose these rows').click()")
        self.assertEqual(self.chosen(), ["#7"])

    def test_every_view_follows_the_choice(self):
        self.open(self.sweep, "trials=0.0,0.3")
        self.visit("trials")
        self.assertEqual(sorted(self.chosen()), ["#0", "#3"])
        self.visit("samples")
        self.assertEqual(self.run_in_page("document.querySelectorAll('#samples thead th').length"), 3)  # Photo and two trials.
        self.visit("parallel")
        self.assertEqual(self.run_in_page("document.querySelectorAll('#parallel .strong path').length"), 2)
        self.visit("curves")
        self.assertEqual(self.run_in_page("document.querySelectorAll('#curves .legend .chip').length"), 2)
        self.visit("trials")
        self.run_in_page("document.querySelector('#trials tr[data-key=\"0.4\"] input').click()")
        self.visit("curves")
        self.assertEqual(self.run_in_page("document.querySelectorAll('#curves .legend .chip').length"), 3)

    def test_a_reload_keeps_the_choice_and_the_place(self):
        self.open(self.sweep)
        self.visit("trials")
        self.run_in_page("document.querySelector('#trials tr[data-key=\"0.4\"] input').click()")
        self.type_filter("norm=layer")
        chosen, rows = self.chosen(), self.rows()
        self.visit("curves")
        self.run_in_page("[...document.querySelectorAll('#curves button')].find((b) => b.innerText === 'by time').click()")
        self.browser.until("location.hash.includes('time=on')")
        self.browser.reload()
        self.browser.until("document.querySelector('#curves .main-svg') !== null")
        self.assertTrue(self.run_in_page("(() => { const top = document.querySelector('#curves').getBoundingClientRect().top; return top > -50 && top < 200; })()"))
        self.assertEqual(self.run_in_page("[...document.querySelectorAll('#curves button')].find((b) => b.innerText === 'by time').getAttribute('aria-pressed')"), "true")
        self.visit("trials")
        self.assertEqual(self.rows(), rows)
        self.assertEqual(self.chosen(), chosen)

    def test_columns_are_chosen(self):
        self.open(self.sweep)
        self.visit("trials")
        self.assertFalse(self.run_in_page("[...document.querySelectorAll('#trials th')].some((h) => h.innerText.trim() === 'eval.kid')"))
        self.run_in_page("[...document.querySelectorAll('#trials .menu label')].find((l) => l.textContent.startsWith('eval.kid')).querySelector('input').click()")
        self.assertEqual(len(self.column("eval.kid")), 12)

    def test_dragging_along_an_axis_chooses_the_trials_that_pass_there(self):
        self.open(self.sweep)
        self.visit("parallel")
        box = self.run_in_page("(() => { const h = document.querySelector('#parallel .handle[data-axis=\"loss.style.weight\"]').getBoundingClientRect(); return [h.x + h.width / 2, h.y, h.height]; })()")
        self.browser.drag(box[0], box[1] + 8, box[0], box[1] + box[2] / 2)  # The upper half of the axis.
        self.visit("trials")
        chosen = set(self.chosen())
        weights = {label: float(weight) for label, weight in zip(self.rows(), self.column("style.weight"))}
        low, high = min(weights.values()), max(weights.values())
        middle = (low * high) ** 0.5  # Of an axis of powers of ten.
        self.assertEqual(chosen, {label for label, weight in weights.items() if weight >= middle * 0.999})

    def test_the_front_is_of_those_that_none_beats(self):
        self.open(self.sweep)
        text = self.visit("front")
        data = json.loads(self.run_in_page("document.getElementById('data').textContent"))
        points = [(t["values"]["eval.style"], t["values"]["eval.content"]) for t in data["trials"]
                  if t["state"] == "finished" and t["values"]["eval.ssim"] >= 0.4]
        front = [p for p in points if not any(q[0] <= p[0] and q[1] <= p[1] and q != p for q in points)]
        self.assertIn(f"The front: {len(front)} of {len(points)} finished trials", text)

    def test_pointing_at_a_trial_shows_its_picture(self):
        self.open(self.sweep)
        self.visit("front")
        self.run_in_page("document.querySelector('#front .canvas').emit('plotly_hover', {points: [{customdata: 0}], event: {clientX: 300, clientY: 300}})")
        self.assertTrue(self.run_in_page("(() => { const card = document.querySelector('.hover'); return !card.hidden && card.querySelectorAll('img').length === 2 && [...card.querySelectorAll('img')].every((i) => i.complete && i.naturalWidth === 48); })()"))

    def test_the_sheet_shows_the_step_of_the_slider_and_enlarges(self):
        self.open(self.sweep)
        self.visit("samples")
        first = self.run_in_page("document.querySelector('#samples tbody button img').src")
        self.run_in_page("(() => { const s = document.querySelector('#samples input[type=range]'); s.value = 0; s.oninput(); })()")
        self.assertIn("step 266", self.run_in_page("document.querySelector('#samples .controls').innerText"))
        self.assertNotEqual(self.run_in_page("document.querySelector('#samples tbody button img').src"), first)
        self.run_in_page("document.querySelector('#samples tbody button').click()")
        self.assertTrue(self.run_in_page("document.getElementById('zoom').open"))
        self.assertEqual(self.run_in_page("document.querySelectorAll('#zoom .wipe img').length"), 2)
        self.run_in_page("(() => { const s = document.querySelector('#zoom select'); s.value = s.options[1].value; s.onchange(); })()")
        self.assertTrue(self.run_in_page("document.querySelector('#zoom .wipe .left').innerText").startswith("#"))

    def test_two_trials_differ_in_just_the_keys_shown(self):
        self.open(self.sweep, "a=0.0&b=0.1")
        self.visit("differences")
        shown = set(self.run_in_page("[...document.querySelectorAll('#differences tbody:nth-of-type(1) code')].map((c) => c.innerText)"))
        specs = [dict(re.findall(r"^\[?(.+?)\]? = (.+)$", text, re.M)) for text in (self.flat_spec(n) for n in (0, 1))]
        self.assertEqual(shown, {key for key in specs[0] if specs[0][key] != specs[1][key]})

    def flat_spec(self, number):
        table, lines = "", []
        for line in (self.folder / "sweep" / "trials" / f"{number:06}" / "spec.toml").read_text().splitlines():
            if line.startswith("["):
                table = line.strip("[]") + "."
            else:
                lines.append(table + line)
        return "\n".join(lines)

    def test_the_timeline_has_a_bar_for_each_piece_of_work(self):
        self.open(self.sweep)
        text = self.visit("workers")
        self.assertIn("3 workers", text)
        self.assertEqual(self.run_in_page("document.querySelectorAll('#workers .lane i').length"), 12)

    def test_hostile_names_stay_text(self):
        sweep = synthetic_runs.make_sweep(self.folder / "hostile", trials=3, name=EVIL)
        for number in range(3):
            trial = sweep / "trials" / f"{number:06}"
            trial.joinpath("trial.toml").write_text(f"number = {number}\n[parameters]\n{json.dumps(EVIL)} = {json.dumps(EVIL + str(number))}\n\"loss.style.weight\" = {number + 1}\n")
            trial.joinpath("metrics.jsonl").write_text(json.dumps({"step": 1, EVIL: 2}) + "\n" + json.dumps({"step": 2, EVIL: 3}) + "\n")
        trial.joinpath("result.toml").write_text(f"state = \"failed\"\nreason = {json.dumps(EVIL)}\n")
        trial.joinpath("log.txt").write_text(EVIL)
        (sweep / "journal" / "evil.jsonl").write_text(json.dumps({"event": "worker", "host": EVIL, "time": "2030-01-31T08:00:00Z"}) + "\n")
        self.open(self.report(sweep))
        self.assertEqual(self.run_in_page("document.querySelector('h1').innerText"), EVIL)
        for view in self.views():
            self.visit(view)
        self.assertIsNone(self.run_in_page("window.hurt ?? null"))
        self.assertEqual(self.run_in_page("document.querySelectorAll('img[src=x]').length"), 0)

    def test_little_or_nothing_makes_a_page_too(self):
        empty = self.folder / "empty"
        (empty / "trials").mkdir(parents=True)
        (empty / "sweep.toml").write_text('name = "empty"\nminimize = "eval.style"\n')
        one = synthetic_runs.make_sweep(self.folder / "one", trials=1)
        two = synthetic_runs.make_sweep(self.folder / "two", trials=2)
        failed = synthetic_runs.make_sweep(self.folder / "failed", trials=5, all_failed=True)
        bare = synthetic_runs.make_sweep(self.folder / "bare", trials=4, pictures=False)
        command = synthetic_runs.make_command_sweep(self.folder / "command")
        damaged = synthetic_runs.make_sweep(self.folder / "damaged", trials=4)
        (damaged / "trials/000000/samples/00000800/00.png").write_bytes(b"\x89PNG\r\n\x1a\ntruncated")
        with (damaged / "trials/000001/metrics.jsonl").open("a") as metrics:
            metrics.write('{"step": 820, "generator.sty')
        (damaged / "trials/000002/trial.toml").write_text("\x01")
        running = synthetic_runs.make_sweep(self.folder / "running", trials=8, running=True)
        for folders in ([empty], [one], [two], [failed], [bare], [command], [damaged], [running], [one, command], [one / "trials" / "000000", two / "trials/000001"]):
            with self.subTest(folders=[f.name for f in folders]):
                self.open(self.report(*folders))
                views = self.views()
                self.assertIn("trials", views)
                for view in views:
                    self.assertGreater(len(self.visit(view)), 0, view)

    def test_views_without_anything_to_show_are_left_out(self):
        self.open(self.report(synthetic_runs.make_command_sweep(self.folder / "python")))
        for view in ("samples", "evaluation", "health", "workers", "importance"):
            self.assertNotIn(view, self.views())
            self.assertIsNone(self.run_in_page(f"document.querySelector('.bar a[href=\"#{view}\"]')"))

    def test_findings_importance_and_intervals_are_shown_when_there(self):
        html = self.sweep.read_text()
        more = {"findings": [{"text": "Trial #3 is best.", "kind": "best", "trials": [3]}, {"text": "Few trials.", "kind": "caution", "trials": []}],
                "importance": [{"objective": "eval.style", "n": 10, "enough": True, "method": "PED-ANOVA (Watanabe et al. 2023)",
                                "parameters": [{"key": "loss.style.weight", "share": 0.61, "low": 0.4, "high": 0.8}, {"key": "generator.norm", "share": 0.2, "low": 0.1, "high": 0.3}],
                                "interactions": [{"keys": ["loss.style.weight", "generator.norm"], "share": 0.1}]},
                               {"objective": "eval.content", "n": 3, "enough": False, "method": "PED-ANOVA (Watanabe et al. 2023)", "why": "Not enough trials to say (n = 3).", "parameters": []}],
                "intervals": {"3": {"eval.style": {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 3}}}, "ranks": {"3": {"low": 1, "high": 4}}}
        file = self.folder / "more.html"
        start = html.index('id="data">') + len('id="data">')
        end = html.index("</script>", start)
        data = {**json.loads(html[start:end]), **more}
        file.write_text(html[:start] + json.dumps(data).replace("<", "\\u003c") + html[end:])
        self.open(file)
        self.assertIn("Trial #3 is best.", self.run_in_page("document.getElementById('masthead').innerText"))
        self.run_in_page("document.querySelector('.finding button').click()")
        self.visit("trials")
        self.assertEqual(self.chosen(), ["#3"])
        self.assertIn("[0.4, 0.6]", self.run_in_page("document.querySelector('#trials tr[data-key=\"0.3\"]').innerText"))
        text = self.visit("importance")
        self.assertIn("61 %", text)
        self.assertIn("40–80", text)
        self.assertIn("Not enough trials to say", text)
        self.assertIn("n = 10", text)

    def test_paper_shows_every_view(self):
        self.open(self.sweep)
        self.assertGreater(len(self.browser.pdf()), 100_000)
        undrawn = self.run_in_page("[...document.querySelectorAll('.canvas')].filter((c) => !c.querySelector('.main-svg')).length + [...document.querySelectorAll('section .body')].filter((b) => !b.childElementCount).length")
        self.assertEqual(undrawn, 0)

    def test_pictures_beside_the_page_are_shown(self):
        self.open(self.report(self.folder / "sweep", options=["--assets"]))
        self.visit("samples")
        self.browser.until("[...document.querySelectorAll('#samples img')].every((i) => i.complete)")
        self.assertTrue(self.run_in_page("document.querySelectorAll('#samples img').length > 10 && [...document.querySelectorAll('#samples img')].every((i) => i.naturalWidth === 48)"))
        self.report(self.folder / "sweep")

    def test_a_thousand_trials_open_with_few_rows_in_the_page(self):
        big = synthetic_runs.make_sweep(self.folder / "big", trials=1000, records=5, pictures=False, workers=8)
        self.open(self.report(big))
        self.visit("trials")
        self.assertLess(self.run_in_page("document.querySelectorAll('#trials tbody tr').length"), 100)
        self.run_in_page("(() => { const s = document.querySelector('#trials .scroll'); s.scrollTop = s.scrollHeight; })()")
        last = self.run_in_page("JSON.parse(document.getElementById('data').textContent).trials.findLast((t) => t.rank === null).label")
        self.browser.until(f"[...document.querySelectorAll('#trials tbody td b')].some((b) => b.innerText === {json.dumps(last)})")
        self.run_in_page("[...document.querySelectorAll('#trials button')].find((b) => b.innerText === 'All').click()")
        for view in self.views():
            self.visit(view)


if __name__ == "__main__":
    if not find_chromium():
        print("skipped: there is no chromium to show the page in")
        sys.exit(77)
    PageTest.atelier = sys.argv.pop(1)
    unittest.main(verbosity=2)
