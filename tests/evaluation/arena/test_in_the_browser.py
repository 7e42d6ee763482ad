"""The arena in headless Chromium, with real clicks. Needs Chromium and its driver (Debian: chromium, chromium-driver)."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arena_helpers import examples
from PIL import Image

pytest.importorskip("gradio", reason="the arena's page needs vistune[arena]")
pytest.importorskip("selenium", reason="the browser is driven by selenium")

import uvicorn
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from vistune.data.example import Example
from vistune.evaluation.arena.app import serve_app
from vistune.evaluation.arena.game import Arena
from vistune.evaluation.arena.limits import Limits, voter_hash
from vistune.evaluation.arena.matches import SetQuestions
from vistune.evaluation.arena.players import RecordedPlayer
from vistune.evaluation.arena.store import ArenaStore

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium here: install chromium and chromium-driver"),
    pytest.mark.timeout(600),
]
NAMES = ("Aristarchus-7B", "Berenice-13B")
FREE = Limits(least_seconds=0, words_per_second=0, votes_per_minute=0, battles_per_minute=0)
SALT = b"salt of a test"


class Live(RecordedPlayer):
    """Answers a typed question by what it sees of it, in pieces; questions of the set from its record."""

    live = True

    def knows(self, example: Example) -> bool:
        return True

    def answer(self, example: Example) -> Iterator[str]:
        if example.id in self.answers:
            yield self.answers[example.id]
            return
        size = example.images[0].open().size if example.images else "no picture"
        yield from (f"{len(self.name)} hears: ", example.messages[-1].text, f" ({size})")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Arena]]:
    """URL and arena of a server in this process."""
    asked = examples(40)
    answers = {e.id: "**a picture** of grey <i>clouds</i> ![x](http://203.0.113.9/x.png)" for e in asked}
    players = [Live(NAMES[0], answers), Live(NAMES[1], dict.fromkeys(answers, "- a wall\n- a stone"))]
    store = ArenaStore(tmp_path_factory.mktemp("arena") / "votes.db")
    arena = Arena(players, SetQuestions(asked), store, limits=FREE, seed=3)
    server = uvicorn.Server(uvicorn.Config(serve_app(arena, SALT), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", arena
    server.should_exit = server.force_exit = True
    thread.join(timeout=20)
    arena.close()


@pytest.fixture(scope="module")
def browser(place: tuple[str, Arena]) -> Iterator[Any]:
    """Closed before the server is."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1280,900",
    ):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield found
    found.quit()


class Page:
    """What a person does with the page."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver, self.url = driver, url

    def until(self, condition: Callable[[Any], Any]) -> Any:
        return WebDriverWait(self.driver, 90).until(condition)

    def open(self, width: int = 1280) -> Page:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get(self.url)
        return self.ready()

    def ready(self) -> Page:
        """Wait until a vote can be cast."""
        self.until(lambda d: d.find_elements(By.ID, "vote-bad") and self.button("vote-bad").is_enabled())
        return self

    def button(self, identity: str) -> Any:
        return self.driver.find_element(By.ID, identity)

    def vote(self, identity: str) -> str:
        """Click, wait for the names, and return what is told."""
        self.button(identity).click()
        self.until(lambda d: len(d.find_elements(By.CSS_SELECTOR, ".who.told")) == 2)
        return self.told()

    def told(self) -> str:
        return self.driver.find_element(By.ID, "result").text

    def answers(self) -> list[str]:
        return [one.text for one in self.driver.find_elements(By.CSS_SELECTOR, ".block.said")]

    def tab(self, name: str) -> None:
        next(t for t in self.driver.find_elements(By.CSS_SELECTOR, "button[role=tab]") if t.text == name).click()


@pytest.fixture
def page(browser: Any, place: tuple[str, Arena]) -> Page:
    place[1].limits = FREE
    return Page(browser, place[0])


def votes(place: tuple[str, Arena]) -> list[Any]:
    return list(place[1].store.voted())


def test_a_vote_by_a_click_reveals_the_names(page: Page, place: tuple[str, Arena]) -> None:
    before = len(votes(place))
    page.open()
    source = page.driver.page_source
    assert not any(name in source for name in NAMES), "nothing in the page tells who answers"
    assert "what is in picture" in page.driver.find_element(By.CSS_SELECTOR, ".ask").text
    picture = page.driver.find_element(By.CSS_SELECTOR, ".asked img")
    assert page.driver.execute_script("return arguments[0].naturalWidth", picture) == 8
    left, right = page.answers()
    told = page.vote("vote-b")
    battle, vote = votes(place)[-1]
    assert len(votes(place)) == before + 1 and vote.winner == "b" and vote.flags == ()
    assert vote.voter == voter_hash("127.0.0.1", SALT), "no address is stored"
    assert told == f"You preferred {battle.b} to {battle.a}."
    heads = [one.text for one in page.driver.find_elements(By.CSS_SELECTOR, ".who")]
    assert battle.a in heads[0] and battle.b in heads[1] and "your choice" in heads[1]
    assert (NAMES[1] == battle.a) == ("wall" in left) and (NAMES[1] == battle.b) == ("wall" in right)
    assert not any(page.button(f"vote-{w}").is_enabled() for w in ("a", "b", "tie", "bad"))


def test_next_battle_hides_the_names_again(page: Page, place: tuple[str, Arena]) -> None:
    page.open().vote("vote-tie")
    first = page.driver.find_element(By.CSS_SELECTOR, ".asked").get_attribute("innerHTML")
    assert page.button("next").text == "Next battle"
    page.button("next").click()
    page.until(lambda d: not d.find_elements(By.CSS_SELECTOR, ".who.told"))
    page.ready()
    assert page.driver.find_element(By.CSS_SELECTOR, ".asked").get_attribute("innerHTML") != first
    assert not any(name in page.driver.page_source for name in NAMES) and page.button("next").text == "Skip"


def test_answers_are_shown_as_markdown_and_load_nothing(page: Page) -> None:
    page.driver.get_log("performance")
    page.open()
    shown = next(text for text in page.answers() if "clouds" in text)
    assert shown == "a picture of grey <i>clouds</i> x", "markup of a model is text, its links are gone"
    assert page.driver.find_elements(By.CSS_SELECTOR, ".said strong") and page.driver.find_elements(
        By.CSS_SELECTOR, ".said li"
    )
    page.tab("Leaderboard")
    page.until(lambda d: d.find_elements(By.CSS_SELECTOR, "#board .vt-board"))
    log = [entry["message"] for entry in page.driver.get_log("performance")]
    asked = [line for line in log if '"Network.requestWillBeSent"' in line]
    assert asked and not [line[:300] for line in asked if '"url":"http' in line and page.url not in line], (
        "one host only"
    )


def test_equal_answers_can_only_tie(page: Page, place: tuple[str, Arena]) -> None:
    players = place[1].players
    kept = {name: dict(player.answers) for name, player in players.items()}  # type: ignore[attr-defined]
    for player in players.values():
        player.answers.update(dict.fromkeys(player.answers, "just this"))  # type: ignore[attr-defined]
    try:
        page.open()
        assert page.told() == "Both models gave the same answer." and page.answers() == ["just this"] * 2
        assert [page.button(f"vote-{w}").is_enabled() for w in ("a", "b", "tie", "bad")] == [False, False, True, True]
        page.vote("vote-tie")
        assert votes(place)[-1][0].same and votes(place)[-1][1].flags == ()
    finally:
        for name, player in players.items():
            player.answers.update(kept[name])  # type: ignore[attr-defined]


def test_limits_are_told(page: Page, place: tuple[str, Arena]) -> None:
    place[1].limits = Limits(least_seconds=3600)
    told = page.open().vote("vote-a")
    assert "kept but not counted" in told and votes(place)[-1][1].flags == ("fast",)
    page.button("next").click()
    page.until(lambda d: not d.find_elements(By.CSS_SELECTOR, ".who.told"))
    page.ready()
    place[1].limits = Limits(votes_per_minute=1, least_seconds=0)
    count = len(votes(place))
    page.button("vote-a").click()
    page.until(lambda d: "please wait" in page.told())
    assert "At most 1 votes a minute" in page.told() and len(votes(place)) == count
    assert page.button("vote-a").is_enabled(), "it can be cast later"


def test_keys_vote(page: Page, place: tuple[str, Arena]) -> None:
    page.open()
    ActionChains(page.driver).send_keys("4").perform()
    page.until(lambda d: d.find_elements(By.CSS_SELECTOR, ".who.told"))
    assert votes(place)[-1][1].winner == "bad"
    ActionChains(page.driver).send_keys("n").perform()
    page.until(lambda d: not d.find_elements(By.CSS_SELECTOR, ".who.told"))


def test_a_question_of_ones_own_with_a_picture(page: Page, place: tuple[str, Arena], tmp_path: Path) -> None:
    Image.fromarray(np.full((30, 50, 3), 90, np.uint8)).save(tmp_path / "own.png")
    page.open()
    page.driver.find_element(By.CSS_SELECTOR, "#own button").click()
    text = page.until(lambda d: d.find_element(By.CSS_SELECTOR, "#own-question textarea"))
    page.until(lambda d: text.is_displayed())
    page.driver.find_element(By.CSS_SELECTOR, "#own-picture input[type=file]").send_keys(str(tmp_path / "own.png"))
    page.until(lambda d: d.find_elements(By.CSS_SELECTOR, "#own-picture img"))
    text.send_keys("is it <b>grey</b>? 1234")
    page.button("ask").click()
    page.until(lambda d: "grey" in d.find_element(By.CSS_SELECTOR, ".ask").text)
    page.ready()
    assert page.driver.find_element(By.CSS_SELECTOR, ".ask").text == "is it <b>grey</b>? 1234", (
        "escaped; keys were no votes"
    )
    assert all("(50, 30)" in answer for answer in page.answers())
    page.vote("vote-a")
    battle, vote = votes(place)[-1]
    assert (battle.source, battle.question, vote.winner) == ("typed", "is it <b>grey</b>? 1234", "a")


def test_leaderboard_shows_the_votes(page: Page, place: tuple[str, Arena]) -> None:
    for winner in ("vote-a", "vote-b", "vote-tie"):
        page.open().vote(winner)
    page.tab("Leaderboard")
    count = place[1].leaderboard().counted
    page.until(lambda d: [one.text for one in d.find_elements(By.CSS_SELECTOR, ".tiles b")][:1] == [str(count)])
    names = [one.text for one in page.driver.find_elements(By.CSS_SELECTOR, "#board tbody th.name")]
    assert sorted(names) == sorted(NAMES)
    page.driver.get(f"{page.url}/leaderboard")
    assert page.driver.find_element(By.TAG_NAME, "h1").text == "Arena" and NAMES[0] in page.driver.page_source


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.open(width)
    wide = "return [document.documentElement.scrollWidth, innerWidth]"
    shown, room = page.driver.execute_script(wide)
    assert shown <= room == width
    page.tab("Leaderboard")
    page.until(lambda d: d.find_elements(By.CSS_SELECTOR, "#board .vt-board"))
    shown, room = page.driver.execute_script(wide)
    assert shown <= room
