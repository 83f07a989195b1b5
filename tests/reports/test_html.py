"""The HTML report holds what matters, is valid, and loads nothing."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import pytest
from conformance.reports import html

VOID = {"meta", "br", "input", "link", "img", "hr"}
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


def test_ids_are_unique_and_every_inner_link_leads_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    inner = {a["href"][1:] for tag, a in page.elements if tag == "a" and a.get("href", "").startswith("#")}
    assert len(ids) == len(set(ids))
    assert inner <= set(ids)


def test_nothing_is_loaded_from_elsewhere(page):
    loading = [(tag, a) for tag, a in page.elements if LOADING & set(a) or tag in ("link", "img", "iframe", "base")]
    assert loading == []
    assert all(a["href"].startswith(("#", "https://")) for tag, a in page.elements if "href" in a)
    code = "".join(text for _, text in page.scripts if not text.startswith("H4sI"))
    assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(|XMLHttpRequest|import\(", code)


def test_only_the_page_s_own_style_and_script_are_allowed(page):
    (policy,) = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_what_needs_a_person_comes_first_and_names_each_cause(page):
    needs = page.text[page.text.index("One line for each cause") : page.text.index("Counts verdict")]
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


def test_a_deviation_is_explained_with_inputs_oracle_bound_and_bits(page):
    for said in (
        "logits = -20.0 (0xc1a00000)",
        "2.0611536e-09 (0x1.1b48655f37267p-29)",
        "[2.0611516e-09, 2.0611556e-09]",
        "1.7e+07 (at most 16 meets the grade)",
        "It computes log1p(exp(-|x|)) of the wrong sign's tail.",
        "conformance repro bce-logits/saturated-negative:torch/",
    ):
        assert said in page.text


def test_records_link_upstream(page):
    links = {attributes.get("href") for tag, attributes in page.elements if tag == "a"}
    assert "https://github.com/pytorch/pytorch/issues/195529" in links


def test_the_header_says_what_ran_where(page):
    for said in (
        "torch 2.13.0",
        "JAX_ENABLE_X64 True",
        "cases 5d6f5a1c9b0e",
        "complete, ",
        "processor x86-64, 2 cores",
    ):
        assert said in page.text.replace("\xa0", " ")


def test_published_numbers_stand_beside_what_is_given(page):
    assert re.search(r"11\.522857 inf not asked ≠ differs 12\.000716 documented = agrees 11\.522857", page.text)


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
    assert HOSTILE.replace("&amp;", "&amp;") in page.text
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
    assert "Nothing in what ran" in page.text


def test_two_runs_are_one_page_with_a_choice_between_them(make):
    old = make.rich_run(1)
    new = make.run_of([make.tail()], environments=[make.environment("torch", version="2.14.0")], path="new.jsonl")
    page = Page(html.render([old, new]))
    assert page.faults == []
    assert "run 2: new.jsonl" in page.text
    assert {"1", "2", "1 2"} <= {a["data-runs"] for _, a in page.elements if "data-runs" in a}


def test_every_check_is_inside_the_page(run, page):
    packed = [data for kind, data in page.scripts if data.startswith("H4sI")]
    blocks = [json.loads(gzip.decompress(base64.b64decode(data))) for data in packed]
    assert sum(len(block["k"]) for block in blocks) == len(run.checks)


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
    style = (html.TEMPLATES / "style.css").read_text("utf-8")
    blocks = re.findall(r":root \{([^}]*)\}", style)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme]))
    grounds = ("page", "panel", "good", "noted", "off", "bad", "none")
    too_faint = [
        (ink, ground)
        for ink, on in (
            ("text", grounds),
            ("quiet", ("page", "panel", *grounds)),
            ("link", ("page", "panel", *grounds)),
        )
        for ground in on
        if contrast(colours[ink], colours[ground]) < 4.5
    ]
    assert too_faint == []
    assert contrast(colours["banner"], colours["banner-text"]) >= 4.5
