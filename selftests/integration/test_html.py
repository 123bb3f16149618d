# SPDX-License-Identifier: MIT
"""--report html: the page, opened in headless Chromium, filtered, clicked, and read by keys."""

import json
import os
import signal

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from program import wait_for

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


class Browser:
    """Chromium at one page; what its console says is an error."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, fragment=""):
        self.driver.get("about:blank")
        self.driver.get(f"file://{path}{fragment}")
        wait_for(lambda: self.script("return document.documentElement.dataset.ready"), "the page is drawn")
        return self

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.texts(selector)[0]

    def texts(self, selector):
        """In one go: the page may put new elements in their place at any time."""
        return self.script("return [...document.querySelectorAll(arguments[0])].map(one => one.innerText.trim())",
                           selector)

    def type(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def filter(self, text):
        box = self.find("#filter")
        box.clear()
        box.send_keys(text)

    def console(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--window-size=1400,1000", f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium):
    browser = Browser(chromium)
    browser.console()
    yield browser
    assert browser.console() == []


@pytest.fixture
def page(cloche):
    """The page of one run of every kind of suite, and that run."""
    for name, text in (
            ("passes", "echo fine\n"), ("fails", "printf '\\033[31mred\\033[0m\\n'; exit 3\n"),
            ("leaves", "sleep 1000 &\n"), ("skips", "exit 77\n"),
            ("reads-tags", f"cat <<'END'\n{HOSTILE}\nEND\nexit 1\n")):
        cloche.script(f"suites/{name}", "#!/bin/sh\n" + text)
    result = cloche("run", "-j2", "--report=html=page.html", "--report=jsonl", "suites",
                    cloche.sample("saying"), cloche.sample("comparing"))
    assert result.status == 100 and not result.err, result
    return cloche.cwd / "page.html", result


def test_the_page_is_all_it_needs(page, browser):
    path, result = page
    browser.open(path)
    assert browser.script("return performance.getEntriesByType('resource').length") == 0
    assert path.stat().st_size - len(result.raw_out) < 80 << 10
    assert browser.driver.title == f"\u2717 cloche {result.events[0]['id']}"
    ended = [event for event in result.events if event["event"] == "case-ended"]
    assert browser.text("#result") == f"{sum(case['failure'] for case in ended)} failures"
    assert browser.text("#shown") == f"all {len(ended)} cases"


def test_every_case_and_verdict(page, browser):
    """What the page has read is what the JSON lines of the run say."""
    path, result = page
    browser.open(path)
    seen = browser.script("return cases.map(c => [c.suite, c.name, c.verdict, c.seconds, c.max_rss_kib])")
    assert sorted(seen) == sorted([case["suite"], case["name"], case["verdict"], case["seconds"],
                                   case["max_rss_kib"]] for case in result.events
                                  if case["event"] == "case-ended")
    counts = {button.get_attribute("data-verdict"): int(button.find_element(By.TAG_NAME, "b").text)
              for button in browser.all("#verdicts button")}
    verdicts = [case["verdict"] for case in result.events if case["event"] == "case-ended"]
    assert counts == {verdict: verdicts.count(verdict) for verdict in set(verdicts)}


def test_filter(page, browser):
    path, _ = page
    browser.open(path).filter("comparing strings")
    assert browser.text("#shown").startswith("1 of ")
    assert browser.text("#failure-list .name") == "strings"
    assert browser.texts("#rows .name") == ["strings"]
    assert browser.text("#failure-list del") == "- two" and browser.text("#failure-list ins") == "+ 2"
    browser.filter("/^.*(fails|passes)$/")
    assert set(browser.texts("#rows .name")) >= {"fails", "passes"}
    browser.filter("/(/")
    assert browser.text("#shown") == "no regular expression"
    browser.filter("nothing has this name")
    assert browser.text("#shown").startswith("0 of ")
    assert browser.text("#failure-list") == "None of what is shown failed."
    browser.find("#filter").send_keys(Keys.ESCAPE)
    assert browser.text("#shown").startswith("all ")


def test_verdict_buttons(page, browser):
    path, _ = page
    browser.open(path)
    button = browser.find("#verdicts [data-verdict=fail]")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert not browser.script("return shown.some(c => c.verdict === 'fail')")
    button.click()
    skip = browser.find("#verdicts [data-verdict=skip]")
    ActionChains(browser.driver).key_down(Keys.SHIFT).click(skip).key_up(Keys.SHIFT).perform()
    assert browser.script("return shown.every(c => c.verdict === 'skip')")
    assert set(browser.texts("#rows .name")) == {"skips"}


def bar_of(browser, name):
    """Where in the canvas the bar of that case is, from its middle."""
    return browser.script("""
        const bar = bars.find(one => one.c.name === arguments[0]), box = canvas.getBoundingClientRect();
        const scale = box.width / (to - from);
        return [Math.round((bar.started + bar.seconds / 2 - from) * scale - box.width / 2),
            Math.round((bar.slot + .5) * lane_height() - box.height / 2)]""", name)


def test_a_bar_is_clicked(page, browser):
    """After the picture was enlarged, so that the bar is to be hit."""
    path, _ = page
    browser.open(path)
    browser.script("""const bar = bars.find(one => one.c.name === 'fails');
        zoom(bar.started - bar.seconds, bar.started + 2 * bar.seconds)""")
    canvas = browser.find("#canvas")
    x, y = bar_of(browser, "fails")
    ActionChains(browser.driver).move_to_element_with_offset(canvas, x, y).click().perform()
    assert browser.find("#detail").is_displayed()
    assert browser.text("#about h2") == "fails"
    text = browser.text("#about")
    assert "exit status 3" in text and "peak memory" in text and "context switches" in text
    red = browser.find("#about pre span")
    assert red.text == "red"
    assert browser.script("return location.hash") == browser.script("return '#' + opened.id")
    browser.type(Keys.ESCAPE)
    assert not browser.find("#detail").is_displayed()


def test_dragging_enlarges(page, browser):
    path, _ = page
    browser.open(path)
    ActionChains(browser.driver).move_to_element(browser.find("#canvas")).click_and_hold() \
        .move_by_offset(200, 0).release().perform()
    a, b, span = browser.script("return [from, to, span]")
    assert 0 < a < b < span
    assert not browser.find("#detail").is_displayed()
    browser.find("#whole").click()
    assert browser.script("return [from, to]") == [0, span]


def test_by_keys_alone(page, browser):
    path, _ = page
    browser.open(path)
    browser.type("/")
    browser.type("fails")
    assert browser.script("return document.activeElement.id") == "filter"
    browser.script("document.activeElement.blur()")
    browser.type("c", Keys.END, Keys.HOME, Keys.ENTER)
    first = browser.text("#about h2")
    assert first == browser.script("return shown[0].title")
    browser.type("n")
    assert browser.text("#about h2") == browser.script("return shown[1].title")
    browser.type("p", Keys.ESCAPE)
    assert browser.script("return document.activeElement.id") == "grid"
    browser.type("t", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "+", Keys.ENTER)
    assert browser.text("#about h2") == browser.script("return marked.c.title")
    assert browser.script("return to - from < span")
    browser.type(Keys.ESCAPE, "0")
    assert browser.script("return document.activeElement.id") == "canvas"
    assert browser.script("return to - from === span")
    before = browser.script("return getComputedStyle(document.documentElement).backgroundColor")
    browser.type("d")
    assert before != browser.script("return getComputedStyle(document.documentElement).backgroundColor")


def test_sorted_by_what_a_case_used(page, browser):
    path, _ = page
    browser.open(path)
    for key in ("seconds", "memory", "name"):
        browser.find(f"#columns [data-key={key}] button").click()
        rows = browser.script("return shown.map(c => [c.seconds, c.max_rss_kib, c.suite + '\\0' + c.title])")
        column = {"seconds": 0, "memory": 1, "name": 2}[key]
        values = [row[column] for row in rows]
        assert values == sorted(values, reverse=key != "name")
    assert browser.find("#columns [data-key=name]").get_attribute("aria-sort") == "ascending"


def test_left_behind(page, browser):
    path, _ = page
    browser.open(path)
    row = browser.find("#left-list tr")
    assert "leaves" in row.text and "sleep 1000" in row.text
    row.find_element(By.TAG_NAME, "button").click()
    assert browser.text("#about h2") == "leaves"


def test_what_a_test_says_is_text(page, browser):
    """Tags in output and names are shown, and are none."""
    path, _ = page
    browser.open(path).filter("reads-tags")
    assert browser.driver.title.startswith("\u2717 cloche")
    assert HOSTILE in browser.text("#failure-list pre")
    assert not browser.all("img")
    assert browser.script("return document.scripts.length") == 2


def test_hostile_names(cloche, browser):
    name = "<img src=x onerror=alert(1)> & <b>\u202ebold"
    cloche.script("suites/" + name, "#!/bin/sh\nexit 1\n")
    assert cloche("run", "--report=html=page.html", "suites").status == 100
    browser.open(cloche.cwd / "page.html")
    assert browser.text("#failure-list .name") == name.replace("\u202e", "\\u202e")
    assert not browser.all("img") and not browser.all("#failure-list .name b")


def test_a_link_to_a_case(page, browser):
    path, result = page
    number = result.cases["fails"]["number"]
    browser.open(path, f"#case-{number}")
    assert browser.text("#about h2") == "fails"


def test_every_attempt_has_a_bar(cloche, browser):
    suite = cloche.script("flaps", "#!/bin/sh\necho try; exit 1\n")
    cloche("run", "--retries=2", "--report=html=page.html", suite)
    browser.open(cloche.cwd / "page.html")
    assert browser.script("return bars.map(bar => bar.attempt)") == [1, 2, 3]
    assert [text.split(":")[0] for text in browser.texts("#failure-list details details summary")] == \
        ["attempt 1", "attempt 2"]


def test_slow_cases(cloche, browser):
    """They are marked, and a button shows them alone."""
    report = cloche.cwd / "page.html"
    told = f"until grep -q 'case-slow.*\"%s\"' {report}; do sleep 0.02; done"
    cloche.script("suites/slow", f"#!/bin/sh\n{told % 'slow'}\n")
    cloche.script("suites/slow_fails", f"#!/bin/sh\n{told % 'slow_fails'}\nexit 1\n")
    cloche.script("suites/fails", "#!/bin/sh\nexit 1\n")
    cloche("run", "--root=host", "--slow-after=1s", "--report=html=page.html", "suites")
    browser.open(report)
    button = browser.find("#only-slow")
    assert button.text == "slow 2" and button.get_attribute("aria-pressed") == "false"
    assert browser.texts("#shown") == ["all 3 cases"]
    assert sorted(browser.texts("#rows tr:has(.slow) .name")) == ["slow", "slow_fails"]
    assert browser.texts("#failure-list details:has(.slow) .name") == ["slow_fails"]
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert sorted(browser.texts("#rows .name")) == ["slow", "slow_fails"]
    assert browser.text("#shown") == "2 of 3 cases"
    browser.filter("_fails")
    assert browser.texts("#rows .name") == ["slow_fails"] and button.text == "slow 1"
    browser.find("#failure-list .body button").click()
    assert "still running after 1.0" in browser.text("#about")
    browser.type(Keys.ESCAPE)
    browser.filter("")
    button.click()
    assert browser.text("#shown") == "all 3 cases"


def test_nobody_was_slow(page, browser):
    path, _ = page
    browser.open(path)
    assert not browser.find("#only-slow").is_displayed()


def test_of_a_killed_run(cloche, browser):
    """A page without an end is a page: it tells what has ended, and what was running."""
    cloche.script("suites/s0", "#!/bin/sh\n")
    cloche.script("suites/s1", "#!/bin/sh\nsleep 1000\n")
    process = cloche.popen(cloche.path, "run", "-j1", "--report=html=page.html", "suites")
    page = cloche.cwd / "page.html"
    wait_for(lambda: page.exists() and page.read_text().count('"case-started"') == 3, "the second one runs")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    page.write_text(page.read_text() + '{"v":1,"event":"case-en')  # and a line that is not whole
    browser.open(page)
    assert "This page has no end" in browser.text("#notice")
    assert browser.script("return cases.map(c => [c.name, c.verdict])") == [["s0", "pass"], ["s1", "running"]]


def test_ten_thousand_cases(cloche, browser):
    """Only the rows that can be seen exist, and all of them can be reached."""
    cloche("run", "-j1", "--report=html=page.html", cloche.script("fails", "#!/bin/sh\nexit 1\n"))
    page = cloche.cwd / "page.html"
    before, line, after = page.read_text().partition([line for line in page.read_text().splitlines()
                                                      if line.startswith('{"v":1,"event":"case-ended"')][0])
    case = json.loads(line)
    lines = [json.dumps({**case, "number": i, "name": f"row/{i:05}", "slot": i % 8, "started": i // 8,
                         "failure": i % 100 == 77, "verdict": "fail" if i % 100 == 77 else "pass"})
             for i in range(10000)]
    page.write_text(before + "\n".join(lines) + after)
    browser.open(page)
    assert browser.text("#shown") == "all 10,000 cases"
    assert browser.script("return [lanes, bars.length]") == [8, 10000]
    assert len(browser.all("#rows tr")) < 100
    browser.type("c", Keys.END)
    assert browser.script("return here") == 9999
    wait_for(lambda: browser.script(
        "return document.querySelector('#rows tr.here')?.getAttribute('aria-rowindex')") == "10001",
        "the last row is there")
    browser.filter("row/00077")
    assert browser.text("#failure-list .name") == "row/00077"
