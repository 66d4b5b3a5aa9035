"""The page that reads, in a real Chromium: `nox -s web` runs this file.

Its name keeps it out of the other sessions, where no browser has to be.
"""

import html
import os
import shutil

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright

from mnistcnn import DigitClassifier
from mnistcnn.artifact import make_page
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import rasterize

pytestmark = pytest.mark.core

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if path is None:
        pytest.fail("There is no Chromium here: set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def classifier():
    return DigitClassifier.from_pretrained()


@pytest.fixture
def open_page(browser, tmp_path):
    """Opens the page; at the end, that it said nothing and asked for none."""
    path = tmp_path / "digits.html"
    path.write_text(make_page(), "utf-8")
    said, asked, contexts = [], [], []

    def open_it(**options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_it
    assert not said and asked == [path.as_uri()] * len(contexts)
    for context in contexts:
        context.close()


def write(label, rng, left=300, size=280):
    """A digit's strokes in the paper's units, every third point of them."""
    strokes = draw_digit(label, rng)
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    placed = [(s - low) / extent * size + (left, 160) for s in strokes]
    return [np.concatenate([s[:-1:3], s[-1:]]) for s in placed]


def spots(page, stroke):
    """Where on the screen a stroke of the paper's units is."""
    box = page.locator("#paper").bounding_box()
    scale = box["width"] / 960
    return (stroke * scale + (box["x"], box["y"])).tolist()


def draw_by_mouse(page, strokes):
    for stroke in strokes:
        first, *others = spots(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for spot in others:
            page.mouse.move(*spot)
        page.mouse.up()


def settle(page):
    """Waits until two frames have been painted."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => "
        "requestAnimationFrame(done)))"
    )


def read(page):
    settle(page)
    return page.inner_text("#number")


def is_lit(page, name):
    return page.eval_on_selector(
        name,
        """(canvas) => {
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext("2d");
            context.drawImage(canvas, 0, 0);
            const { width, height } = copy;
            const { data } = context.getImageData(0, 0, width, height);
            return data.some((value, i) => i % 4 < 3 && value > 128);
        }""",
    )


def test_strokes_are_read_as_python_reads_them(open_page, classifier):
    rng = np.random.default_rng(5)
    page = open_page(viewport={"width": 1200, "height": 800})
    same = 0
    for number in range(100):
        strokes = write(number % 10, rng)
        draw_by_mouse(page, strokes)
        labels = [r.label for r in classifier.read_strokes(strokes)]
        same += read(page) == "".join(labels)
        page.click("#clear")
    assert same >= 97


def test_a_finger_writes_on_a_phone(open_page):
    page = open_page(**PHONE)
    assert not is_lit(page, "#seen") and not is_lit(page, "#layers canvas")
    session = page.context.new_cdp_session(page)

    def touch(kind, *spot):
        points = [{"x": spot[0], "y": spot[1]}] if spot else []
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )

    rng = np.random.default_rng(0)
    for label, left in ((3, 60), (0, 400), (2, 660)):
        for stroke in write(label, rng, left, 220):
            first, *others = spots(page, stroke)
            touch("touchStart", *first)
            for spot in others:
                touch("touchMove", *spot)
            touch("touchEnd")
    assert read(page) == "302"
    assert is_lit(page, "#seen")
    for canvas in page.query_selector_all("#layers canvas"):
        assert is_lit(
            page, f"[aria-label='{canvas.get_attribute('aria-label')}']"
        )
    assert page.inner_text("#bars .best").split()[0] == "2"
    # Nothing sticks out at the side, and the paper did not scroll away.
    wide, shown, top = page.evaluate(
        "() => [document.documentElement.scrollWidth, innerWidth, scrollY]"
    )
    assert wide <= shown and top == 0
    page.tap("#undo")
    expect(page.locator("#number")).not_to_have_text("302")
    page.tap("#clear")
    expect(page.locator("#number")).to_have_text("–")


def test_a_pen_writes(open_page):
    page = open_page()
    session = page.context.new_cdp_session(page)
    (stroke,) = [np.array([[400.0, 120], [400, 300], [402, 480]])]
    kinds = ["mousePressed", "mouseMoved", "mouseReleased"]
    for kind, (x, y) in zip(kinds, spots(page, stroke), strict=True):
        session.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1}
            | {"clickCount": 1, "pointerType": "pen"},
        )
    assert read(page) == "1"


@pytest.mark.parametrize("way", ["opened", "dropped"])
def test_a_photo_is_read(way, open_page, tmp_path):
    rng = np.random.default_rng(2)
    ink = np.zeros((300, 900), np.uint8)
    for place, label in enumerate((4, 7, 0, 2)):
        at = write(label, rng, 60 + 200 * place, 150)
        ink = np.maximum(
            ink, rasterize([s - (0, 80) for s in at], ink.shape, 9)
        )
    light = np.linspace(1, 0.6, ink.shape[1])
    photo = (235 - 0.8 * ink) * light + rng.normal(0, 3, ink.shape)
    path = tmp_path / "photo.jpg"
    cv2.imwrite(str(path), np.clip(photo, 0, 255).astype(np.uint8))
    page = open_page()
    if way == "opened":
        page.set_input_files("#photo", path)
    else:
        page.evaluate(
            """(bytes) => {
                const data = new DataTransfer();
                data.items.add(new File([Uint8Array.from(bytes)], "a.jpg"));
                document.body.dispatchEvent(new DragEvent("drop",
                    {dataTransfer: data, bubbles: true, cancelable: true}));
            }""",
            list(path.read_bytes()),
        )
    page.wait_for_function(
        "() => document.getElementById('number').textContent !== '–'"
    )
    assert read(page) == "4702"
    draw_by_mouse(page, [np.array([[300.0, 100], [300, 400]])])
    assert read(page) == "1"


def test_what_is_no_picture_is_said(open_page, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"none")
    page = open_page()
    page.set_input_files("#photo", path)
    page.wait_for_function(
        "() => document.getElementById('message').textContent.includes('no p')"
    )


def test_it_stands_in_a_frame_as_in_a_notebook(browser, tmp_path):
    path = tmp_path / "notebook.html"
    source = html.escape(make_page())
    path.write_text(
        f'<iframe srcdoc="{source}" width="1000" height="800"></iframe>',
        "utf-8",
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    box = frame.locator("#paper").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 250)
    page.mouse.up()
    frame.locator("#number", has_text="1").wait_for()
    page.close()
