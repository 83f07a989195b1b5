"""Divergence records: which checks they cover, what they look like, and what is no record."""

import time
from dataclasses import replace

import pytest

from conformance.errors import Fault, FaultyFiles
from conformance.judge.divergence import Divergence, Records, matches
from conformance.judge.record_files import load_records, read_placed, shipped_files

RECORD = """
- id: torch/bce-logits-tail
  implementations: ["nn.functional.binary_cross_entropy_with_logits", "nn.BCE*"]
  operations: [binary_*]
  cases: ["bce-logits/grid[reduction=mean,*]", "bce-logits/saturated-*"]
  dtypes: [float32]
  modes: [eager]
  devices: [cpu]
  orders: [value]
  versions: ">=2.0,<2.14"
  verdicts: [diverges, unstable]
  outcome: "^0$"
  holds: sometimes
  why: The tail is computed as a difference.
  upstream: "pytorch/pytorch#195529"
"""
CHECK = {
    "adapter": "torch",
    "operation": "binary_cross_entropy_with_logits",
    "implementation": "nn.BCEWithLogitsLoss",
    "variant": "bce-logits/grid[reduction=mean,pos_weight=3.0]",
    "dtype": "float32",
    "mode": "eager",
    "device": "cpu",
    "order": "value",
    "version": "2.13.0+cpu",
}
PLAIN = Divergence("torch/x", ("nn.*",), ("diverges",), "because", "none found", adapters=("torch",))


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write_file(content, name="torch.yaml"):
        path = tmp_path / name
        path.write_text(content, "utf-8")
        return path

    return write_file


@pytest.fixture
def record(write):
    (read,) = load_records([write(RECORD)])
    return read


def faults_of(path):
    with pytest.raises(FaultyFiles) as raised:
        load_records([path])
    return [str(fault) for fault in raised.value.faults]


# What a record covers


def test_a_record_is_read_with_everything_that_it_says(record):
    assert record == Divergence(
        id="torch/bce-logits-tail",
        implementations=("nn.functional.binary_cross_entropy_with_logits", "nn.BCE*"),
        verdicts=("diverges", "unstable"),
        why="The tail is computed as a difference.",
        upstream="pytorch/pytorch#195529",
        adapters=("torch",),
        operations=("binary_*",),
        cases=("bce-logits/grid[reduction=mean,*]", "bce-logits/saturated-*"),
        dtypes=("float32",),
        modes=("eager",),
        devices=("cpu",),
        orders=("value",),
        versions=">=2.0,<2.14",
        outcome="^0$",
        always=False,
        file="torch.yaml",
        line=2,
    )


def test_a_record_covers_the_checks_that_it_is_about(record):
    assert record.covers(**CHECK)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("adapter", "jax"),
        ("operation", "softmax"),
        ("implementation", "nn.functional.bce"),
        ("variant", "bce-logits/grid[reduction=sum,pos_weight=3.0]"),
        ("dtype", "float64"),
        ("mode", "inductor"),
        ("device", "cuda"),
        ("order", "gradient"),
        ("version", "2.14.0"),
        ("version", "1.13.1"),
        ("version", "unknown"),
    ],
)
def test_a_record_covers_nothing_else(record, name, other):
    changed = {**CHECK, name: other}
    assert not record.covers(**changed)
    assert Records([record]).covering(**changed) == []


def test_what_a_record_does_not_say_it_does_not_ask():
    assert PLAIN.covers(**CHECK)
    assert PLAIN.covers(**{**CHECK, "version": "unknown", "dtype": "bfloat16"})


@pytest.mark.parametrize("version", ["2.1.0rc1", "2.1.0.dev20240101+cu121", "2.1"])
def test_a_release_that_is_not_final_is_in_the_range(version):
    assert replace(PLAIN, versions=">=2.0,<2.2").covers(**{**CHECK, "version": version})


def test_brackets_in_a_pattern_stand_for_themselves():
    assert matches(("a/b[x=1]",), "a/b[x=1]")
    assert not matches(("a/b[x=1]",), "a/bx")
    assert matches(("a/*[x=?,*]",), "a/b/c[x=1,y=(1 2)]")
    assert not matches(("a/b",), "a/b[x=1]")


def test_a_pattern_matches_the_whole_name_and_minds_its_case():
    assert not matches(("nn.BCE",), "nn.BCELoss")
    assert not matches(("nn.bce*",), "nn.BCELoss")
    assert not matches(("a.b",), "axb")


def test_a_deviation_looks_as_recorded_or_it_has_changed(record):
    assert record.looks_like("diverges", "0")
    assert not record.looks_like("diverges", "0.5")
    assert not record.looks_like("rejects", "0")
    assert replace(record, outcome="").looks_like("unstable", "nan")
    assert replace(record, outcome="must be (Long|Byte)").looks_like("diverges", "RuntimeError: must be Byte")


def test_records_that_say_as_much_are_found_in_the_order_of_the_file(record):
    records = Records([record, PLAIN, replace(PLAIN, id="torch/y", dtypes=("float16",))])
    assert [r.id for r in records.covering(**CHECK)] == ["torch/bce-logits-tail", "torch/x"]
    assert len(records) == len(list(records)) == 3


def test_the_most_specific_record_comes_first():
    """A broad one ("everything of float64 is computed in float32") hides no reason that was found for these cases."""
    anywhere = replace(PLAIN, id="torch/anywhere", always=False)
    sized = replace(anywhere, id="torch/sized", within={"k": 100.0})
    seen = replace(anywhere, id="torch/seen", outcome="inf")
    of_cases = replace(anywhere, id="torch/of-cases", cases=("bce-logits/*",))
    always = replace(PLAIN, id="torch/always")
    records = Records([anywhere, sized, seen, of_cases, always, replace(anywhere, id="torch/later")])
    found = [r.id for r in records.covering(**CHECK)]
    assert found == ["torch/of-cases", "torch/always", "torch/seen", "torch/sized", "torch/anywhere", "torch/later"]


def test_patterns_are_matched_once_for_each_implementation_and_case(monkeypatch):
    matched = []
    monkeypatch.setattr(Divergence, "selects", lambda self, variant: matched.append(self.id) or True)
    records = Records(replace(PLAIN, id=f"torch/{i}", implementations=(f"nn.F{i % 50}",)) for i in range(1000))
    for order in ("value", "gradient"):
        for dtype in ("float64", "float32"):
            asked = {**CHECK, "implementation": "nn.F7", "order": order, "dtype": dtype}
            assert len(records.covering(**asked)) == 20
    assert len(matched) == 20


def test_thousands_of_records_are_matched_quickly():
    records = Records(
        replace(PLAIN, id=f"torch/{i}", implementations=(f"nn.F{i % 50}",), cases=(f"case/{i}*",), versions=">=2")
        for i in range(3000)
    )
    started = time.process_time()
    found = 0
    for i in range(2_000):
        asked = {**CHECK, "implementation": f"nn.F{i % 50}", "variant": f"case/{i // 10}"}
        found += len(records.covering(**asked))
    assert found > 0
    assert time.process_time() - started < 5  # it takes 0.1 s


# What is no record


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: torch/bce-logits-tail", "id: bce-logits-tail",
         "torch.yaml:2:7: the id 'bce-logits-tail' is malformed"),
        ("id: torch/bce", "id: jax/bce", "torch.yaml:2:7: the id 'jax/bce-logits-tail' does not start with 'torch/'"),
        ("why: The tail is computed as a difference.", "why: ' '", "torch.yaml:14:8: 'why' is empty"),
        ("  why: The tail is computed as a difference.\n", "", "torch.yaml:2:3: a divergence record lacks 'why'"),
        ("verdicts: [diverges, unstable]", "verdicts: [conforms]", "torch.yaml:11:14: unknown verdict 'conforms'"),
        ("verdicts: [diverges, unstable]", "verdicts: []", "torch.yaml:11:13: 'verdicts' is empty"),
        ("verdicts", "verdict", "torch.yaml:11:3: unknown key 'verdict' of a divergence record"),
        ('">=2.0,<2.14"', "2.0", "torch.yaml:10:13: 'versions' is 2.0\n  expected text in quotes"),
        ('">=2.0,<2.14"', '"2.0"', "torch.yaml:10:13: '2.0' is no range of versions"),
        ('"^0$"', '"("', "torch.yaml:12:12: the outcome is no regular expression"),
        ("sometimes", "often", "torch.yaml:13:10: unknown value of 'holds' 'often'"),
        ("[float32]", "[float33]", "torch.yaml:6:12: unknown dtype 'float33'"),
        ("[value]", "[0]", "torch.yaml:9:12: order is 0\n  expected text in quotes"),
    ],
)  # fmt: skip
def test_a_faulty_record_is_refused_with_its_place(write, old, new, fault):
    (found,) = faults_of(write(RECORD.replace(old, new, 1)))
    assert found.startswith(fault)


def test_an_id_is_used_once(write):
    (found,) = faults_of(write(RECORD + RECORD))
    assert found == "torch.yaml:17:7: duplicate id 'torch/bce-logits-tail'\n  first used at torch.yaml:2:7"


@pytest.mark.parametrize("name", ["why", "upstream"])
def test_a_record_that_is_still_to_be_written_is_a_fault_for_lint_alone(write, name):
    content = "\n".join(f"  {name}: TODO" if f" {name}:" in line else line for line in RECORD.splitlines())
    file = write(content)
    assert len(load_records([file])) == 1
    faults: list[Fault] = []
    read_placed([(file, "torch.yaml")], faults, finished=True)
    assert [f.message for f in faults] == [f"'{name}' is still to be written"]


def test_the_shipped_records_are_without_fault():
    assert len(load_records()) >= len(shipped_files())


def test_an_adapter_that_is_not_shipped_has_no_records():
    assert len(Records.shipped("no-such-adapter")) == 0


@pytest.mark.parametrize(
    ("within", "grade", "k", "covered"),
    [
        ("{grade: B}", "B", 1e6, True),
        ("{grade: B}", "C", 1e6, False),
        ("{k: 100}", "C", 90.0, True),
        ("{k: 100}", "C", 110.0, False),
        ("{grade: B, k: 1.0e+3}", "A", 20.0, True),
    ],
)
def test_a_record_that_says_how_large_its_deviation_is_covers_no_larger_one(write, within, grade, k, covered):
    (record,) = load_records([write(RECORD + f"  within: {within}\n")])
    assert record.looks_like("diverges", "0", grade, k) is covered


def test_the_size_of_a_deviation_is_a_number_above_zero(write):
    with pytest.raises(FaultyFiles, match="expected a number above 0"):
        load_records([write(RECORD + "  within: {k: -1}\n")])


def test_a_range_of_a_library_beside_the_framework_is_asked_of_the_environment():
    record = replace(PLAIN, libraries=(("optax", "<0.2.6"),))
    assert record.covers(**CHECK, versions={"optax": "0.2.5", "jax": "0.10.2"})
    assert not record.covers(**CHECK, versions={"optax": "0.2.6"})
    assert not record.covers(**CHECK, versions={"jax": "0.10.2"})
    assert not record.covers(**CHECK)
    assert record.written_versions == "optax <0.2.6"
