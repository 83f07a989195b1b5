"""The HTML report holds what matters, is valid, and loads nothing."""

import base64
import json
import re
import zlib
from html.parser import HTMLParser

import pytest
from conformance.reports import html

VOID = {"meta", "br", "wbr", "input", "link", "img", "hr"}
# Attributes that make a browser load something.
LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest", "style"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;</td></dd></textarea>{{ 7*7 }}"


class Page(HTMLParser):
    """Collects the elements of a page and notes what is not balanced."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.elements, self.texts, self.scripts = [], [], [], [], []
        self.feed(text)
        self.close()
        self.faults += [f"<{name}> is never closed" for name in self.open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"{self.getpos()}: </{tag}> where {self.open[-3:]} is open")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.scripts.append((self.open[-1], data))
        else:
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.texts).replace("\u200b", ""))


@pytest.fixture(scope="module")
def page(run):
    return Page(html.render([run]))


def test_every_element_is_closed_where_it_should_be(page):
    assert page.faults == []


def test_ids_are_unique_and_written_pages_are_reached_without_javascript(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    inner = {a["href"] for tag, a in page.elements if tag == "a" and a.get("href", "").startswith("#")}
    assert len(ids) == len(set(ids))
    assert {"#/", "#/matrix", "#/about"} <= inner
    assert {"/", "/matrix", "/about"} <= set(ids)


def test_nothing_is_loaded_from_elsewhere(page):
    loading = [(tag, a) for tag, a in page.elements if LOADING & set(a) or tag in ("link", "img", "iframe", "base")]
    assert loading == []
    assert all(a["href"].startswith(("#", "https://")) for tag, a in page.elements if "href" in a)
    (style,) = [text for kind, text in page.scripts if kind == "style"]
    script = page.scripts[-1][1]
    assert not re.search(r"@import|url\(", style)
    assert not re.search(
        r"fetch\(|XMLHttpRequest|import\(|WebSocket|EventSource|sendBeacon|eval\(|new Function", script
    )


def test_only_the_page_s_own_style_and_script_are_allowed(page):
    (policy,) = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_what_needs_a_person_comes_first_and_names_each_cause(page):
    needs = page.text[page.text.index("One line for each cause") : page.text.index("What was found")]
    for said in (
        "crashes",
        "the process died: signal 11 (SIGSEGV)",
        "no answer within 30 s",
        "0 where 2.0611536e-09 is right",
        "ValueError: Cannot apply softmax",
        "nan for an input that is invalid",
        "conforms now; record tf-keras/softmax-nan says that it deviates",
        "torch/never-seen",
    ):
        assert said in needs


def test_records_link_upstream(run):
    assert "pytorch/pytorch#195529" in [record["upstream"] for record in data_of(html.render([run]))["records"]]


def test_the_header_says_what_ran_where(page):
    for said in (
        "torch 2.13.0",
        "JAX_ENABLE_X64 True",
        "cases 5d6f5a1c9b0e",
        "complete, ",
        "processor x86-64, 2 cores",
    ):
        assert said in page.text.replace("\xa0", " ")


def test_hostile_text_stays_text(make):
    checks = [
        make.check(
            HOSTILE, HOSTILE, "torch", HOSTILE, verdict="rejects", expectation="unexpected", message=HOSTILE,
            says=HOSTILE, flags=(HOSTILE,), outcome=HOSTILE, right=HOSTILE, warnings=(HOSTILE,), record=HOSTILE,
        )
    ]  # fmt: skip
    record = make.record(HOSTILE, "torch", "rejects", HOSTILE, HOSTILE, HOSTILE, 1, False)
    environments = [make.environment("torch", switches={HOSTILE: HOSTILE}), make.failed]
    run = make.run_of(checks, environments=environments, records=[record], path=HOSTILE)
    run.flags = {HOSTILE: {"why": HOSTILE, "effect": HOSTILE, "references": [HOSTILE]}}
    page = Page(html.render([run, make.rich_run(1)]))
    assert page.faults == []
    assert [a.get("type") for tag, a in page.elements if tag == "script" and "id" not in a] == [None]
    assert "img" not in [tag for tag, _ in page.elements]
    assert HOSTILE in page.text
    assert "49" not in re.findall(r"</textarea>(\S+)", page.text)


def test_an_environment_that_did_not_start_is_a_banner(make):
    run = make.run_of([make.tail()], environments=[make.environment("torch"), make.failed])
    page = Page(html.render([run]))
    assert ("div", {"class": "banner", "role": "alert"}) in page.elements
    assert "tensorflow-addons did not start." in page.text
    assert "No module named 'tensorflow_addons'" in page.text


def test_a_run_that_was_stopped_says_so(make):
    run = make.run_of([make.tail()])
    run.end = None
    text = Page(html.render([run])).text
    assert "This run is incomplete. It ended after 1 check and wrote no end" in text
    assert "conformance run --resume run.jsonl" in text


def test_a_run_with_nothing_to_explain_says_so(make):
    page = Page(html.render([make.run_of(make.ordinary_checks(["torch"], 1))]))
    assert "Nothing: every check is as expected" in page.text
    assert page.faults == []


def test_a_run_without_any_check_still_is_a_page(make):
    page = Page(html.render([make.run_of([], environments=[make.failed], complete=False)]))
    assert page.faults == []
    assert "No check was run." in page.text
    assert "as expected" not in page.text.partition("How this is judged")[0]


def test_two_runs_of_an_adapter_say_first_what_changed(make):
    old = make.run_of([make.right_tail()])
    new = make.run_of([make.tail()], environments=[make.environment("torch", version="2.14.0")], path="new.jsonl")
    page = Page(html.render([old, new]))
    assert page.faults == []
    assert "torch 2.13.0 → torch 2.14.0" in page.text
    assert page.text.index("1 change of behaviour needs a decision") < page.text.index("What was found")
    assert "✖ broken" in page.text


def test_runs_of_other_adapters_stand_side_by_side_and_are_not_compared(make):
    one = make.run_of([*make.ordinary_checks(["torch", "jax"], 1)])
    two = make.run_of([*make.ordinary_checks(["tf-keras", "keras-tensorflow"], 1)])
    assert "there is nothing to compare" in Page(html.render([one, two])).text


def test_what_only_the_old_version_did_asks_nobody_to_act(make):
    new = make.right_tail()
    runs = [
        make.run_of([make.tail()]),
        make.run_of([new], environments=[make.environment("torch", version="2.14.0")]),
    ]
    text = Page(html.render(runs)).text
    assert "None in the new run" in text
    assert "1 cause only in earlier runs" in text


def test_what_both_versions_do_is_no_reason_against_the_upgrade(make):
    runs = [
        make.run_of([make.tail()]),
        make.run_of([make.tail()], environments=[make.environment("torch", version="2.14.0")]),
    ]
    text = Page(html.render(runs)).text
    assert "None is new." in text
    assert "1 cause of both versions, which the upgrade does not change" in text


def data_of(text):
    """The index of a page, unpacked as its script does."""
    (packed,) = re.findall(r'id="index">([^<]*)<', text)
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def details_of(text):
    """(level, blocks) of a page."""
    (packed,) = re.findall(r'id="details">([^<]*)<', text)
    level, *blocks = packed.split("\n")
    return int(level), [json.loads(zlib.decompress(base64.b64decode(block))) for block in blocks]


def test_every_check_is_inside_the_page(run):
    text = html.render([run])
    _, blocks = details_of(text)
    assert len(data_of(text)["checks"]["variant"]) == len(run.checks)
    assert sum(len(block["outcome"]) for block in blocks) == len(run.checks)


def test_where_a_page_would_be_too_large_details_of_what_conforms_are_left_out(run):
    text = html.render([run], limit=1)
    level, blocks = details_of(text)
    (tail,) = [
        block["worst"]["value"][0]
        for block, operation in zip(blocks, data_of(text)["operations"], strict=True)
        if operation["name"] == "binary_cross_entropy_with_logits"
    ]
    assert level > 0
    assert len(text) < len(html.render([run]))
    assert "2.0611536e-09" in tail


def test_the_same_run_gives_the_same_page(run):
    assert html.render([run]) == html.render([run])


def contrast(one, other):
    """WCAG 2: contrast ratio of two colours #rrggbb."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_meets_wcag_aa(scheme):
    style = (html.TEMPLATES / "style" / "10-base.css").read_text("utf-8")
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", style)
    colours = {name: both[scheme] for name, *both in pairs}
    grounds = ("page", "panel", "sunk", "good", "noted", "off", "bad", "none")
    too_faint = [
        (ink, ground, contrast(colours[ink], colours[ground]))
        for ink in ("text", "quiet", "link")
        for ground in grounds
        if contrast(colours[ink], colours[ground]) < 4.5
    ]
    # What is drawn and no text: 3 to 1 (WCAG 2.2, 1.4.11).
    too_faint += [
        (edge, "panel", contrast(colours[edge], colours["panel"]))
        for edge in ("good-edge", "noted-edge", "off-edge", "bad-edge", "focus")
        if contrast(colours[edge], colours["panel"]) < 3
    ]
    assert too_faint == []
    banner = re.search(r"--banner: (#[0-9a-f]{6}); --banner-text: (#[0-9a-f]{6})", style).groups()
    assert contrast(*banner) >= 4.5
