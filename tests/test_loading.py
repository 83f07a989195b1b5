"""Loading is strict: what is wrong is refused with its place, what was expected and the way out."""

import time

import pytest

from conformance.case import Choice, Flag, Published
from conformance.errors import FaultyFiles, UsageError
from conformance.loading import MOST_FAULTS, load, load_cases, portable

HEAD = "about: Cases of a test.\noperation: binary_cross_entropy_with_logits\ncases:\n"
INPUTS = "inputs: {logits: [-20.0, 1.5], targets: [0, 1]}"
CASE = f"  - {{id: a/b, says: It holds., {INPUTS}}}\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write_file(content, name="cases.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def faults(write):
    """The faults of a file with this content, as people see them."""

    def faults_of(content, name="cases.yaml"):
        with pytest.raises(FaultyFiles) as raised:
            load([write(content, name)])
        return [str(fault) for fault in raised.value.faults]

    return faults_of


@pytest.fixture
def faults_at(faults):
    """The faults of a file in which @ marks where a fault is expected; @ stands for that place in what is found."""

    def faults_of(content):
        before = content[: content.index("@")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return [f.replace(f"cases.yaml:{line}:{column}: ", "@", 1) for f in faults(content.replace("@", "", 1))]

    return faults_of


def case_of(write, more="", inputs=INPUTS, operation="binary_cross_entropy_with_logits"):
    content = f"about: x\noperation: {operation}\ncases:\n  - id: a/b\n    says: It holds.\n    {inputs}\n{more}"
    return load_cases([write(content)])[0]


# What a case file may say


def test_a_case_is_read_with_everything_that_it_says(write):
    content = """
about: Cases of a test.
operation: binary_cross_entropy
flags:
  saturated: {why: It was lost., effect: Training stops., references: ["a paper"]}
cases:
  - id: bce/one
    says: It holds.
    flags: [saturated]
    inputs: {probabilities: [[0.3], [0.8]], targets: [[0], [1]]}
    parameters: {reduction: mean}
    each: {label_smoothing: [0.0, null, 0.1]}
    dtypes: [float32, float16]
    orders: [value]
    published: {digits: "0.2899", dtype: float64, under: {clip: [1.0e-7, 0.9999999]}, note: Rounded.}
    source: a page
    because: It is so.
    relations: [label-swap]
"""
    catalogue = load([write(content)])
    (case,) = catalogue.cases
    assert (case.id, case.says, case.operation) == ("bce/one", "It holds.", "binary_cross_entropy")
    assert (case.flags, case.dtypes, case.orders) == (("saturated",), ("float32", "float16"), (0,))
    assert case.inputs["targets"].make().tolist() == [[0.0], [1.0]]
    assert case.each == {"label_smoothing": (0.0, None, 0.1)}
    chosen = [f"bce/one[label_smoothing={x}]" for x in ("0.0", "null", "0.1")]
    assert [v.id for v in case.variants()] == [f"{c}{made}" for c in chosen for made in ("", "~label-swap")]
    assert case.published == Published(
        "0.2899", "a page", "float64", under={"clip": (1e-7, 0.9999999)}, note="Rounded."
    )
    assert (case.source, case.because, case.relations) == ("a page", "It is so.", ("label-swap",))
    assert (case.file, case.line) == ("cases.yaml", 7)
    assert catalogue.flags == {"saturated": Flag("saturated", "It was lost.", "Training stops.", ("a paper",))}


def test_what_is_not_said_has_its_default(write):
    case = case_of(write)
    assert (case.outcome, case.choices, case.published, case.flags) == ("value", (), None, ())
    assert case.dtypes == ("float64", "float32", "float16", "bfloat16")
    assert case.orders == (0, 1)


def test_the_outcomes_that_are_accepted_keep_their_reasons(write):
    more = "    outcome: {one_of: [{outcome: zero, because: Nothing is lost.}, {outcome: nan, because: 0/0.}]}\n"
    case = case_of(write, more)
    assert case.outcome == "one_of"
    assert case.choices == (Choice("zero", "Nothing is lost."), Choice("nan", "0/0."))


def test_several_printed_numbers_are_digits_too(write):
    case = case_of(write, '    published: "(0.9333,0.0333)"\n    source: a page\n')
    assert case.published.digits == "(0.9333,0.0333)"


def test_a_grid_makes_every_combination_the_last_fastest(write):
    case = case_of(write, inputs="grid: {logits: [1.0, 2.0], targets: [0, 0.5, 1]}")
    assert case.inputs["logits"].make().tolist() == [1, 1, 1, 2, 2, 2]
    assert case.inputs["targets"].make().tolist() == [0, 0.5, 1, 0, 0.5, 1]


def test_a_draw_without_a_shape_takes_that_of_the_other_input(write):
    case = case_of(write, inputs="inputs: {logits: {linspace: [-1, 1, 7]}, targets: {choice: [0, 1], seed: 7}}")
    assert case.inputs["targets"].make().shape == (7,)


def test_labels_and_class_weights_take_the_shape_that_the_class_axis_leaves(write):
    case = case_of(
        write,
        "    parameters: {axis: 1}\n",
        "inputs: {logits: {normal: {}, shape: [4, 3, 2], seed: 1}, labels: {choice: [0, 2], seed: 1}, "
        "class_weights: {uniform: [0, 1], seed: 1}}",
        "sparse_softmax_cross_entropy",
    )
    assert case.inputs["labels"].make().shape == (4, 2)
    assert case.inputs["labels"].make().dtype == "int64"
    assert case.inputs["class_weights"].make().shape == (3,)


def test_a_case_that_must_raise_may_have_shapes_that_do_not_fit(write):
    assert case_of(write, "    outcome: raises\n", "inputs: {logits: [1.0, 2.0], targets: [0]}").outcome == "raises"


def test_flags_of_a_flags_file_are_known_in_every_file(write, tmp_path):
    write("about: x\nflags: {tail: {why: a, effect: b}}\n", "flags.yaml")
    write(HEAD + CASE.replace("says", "flags: [tail], says"), "below/cases.yaml")
    assert load([tmp_path]).cases[0].flags == ("tail",)


def test_the_shipped_cases_are_without_fault():
    catalogue = load()
    assert len(catalogue.cases) > 100
    assert all(case.flags for case in catalogue.cases)


def test_the_digest_does_not_depend_on_places_comments_or_files(write):
    second = CASE.replace("a/b", "a/c")
    one = load([write(HEAD + CASE + second, "one.yaml")]).digest
    split = [write("# a remark\n" + HEAD + second, "x/two.yaml"), write(HEAD + "\n" + CASE, "y/one.yaml")]
    assert load(split).digest == one
    assert load([write(HEAD + CASE + second.replace("1.5", "1.25"), "z.yaml")]).digest != one


# What YAML itself would let through


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("1e-3", "'1e-3' is text in YAML 1.1 and a number in YAML 1.2\n"
                 "  write 1.0e-3, or quotes for the text"),
        ("1.5e3", "'1.5e3' is text in YAML 1.1 and a number in YAML 1.2\n"
                  "  write 1.5e+3, or quotes for the text"),
        ("010", "'010' is octal in YAML 1.1 and decimal in YAML 1.2\n"
                "  write a decimal number, or quotes for the text"),
        ("0o10", "'0o10' is text in YAML 1.1 and octal in YAML 1.2\n"
                 "  write a decimal number, or quotes for the text"),
        ("1:30", "'1:30' is a number to base 60 in YAML 1.1\n"
                 "  write a decimal number, or quotes for the text"),
        ("1_000", "'1_000' is a number in YAML 1.1 and text in YAML 1.2\n"
                  "  write a decimal number, or quotes for the text"),
        ("2024-01-01", "'2024-01-01' is a date in YAML 1.1\n"
                       "  write a decimal number, or quotes for the text"),
        ("no", "'no' is a boolean in YAML 1.1 and text in YAML 1.2\n"
               "  write false, or 'no' in quotes for the text"),
        ("On", "'On' is a boolean in YAML 1.1 and text in YAML 1.2\n"
               "  write true, or 'On' in quotes for the text"),
        ("~", "'~' stands for null\n  write null, or put text in quotes"),
        (".NaN", "'.NaN' is written in capitals\n  write .nan"),
        ("nan", "an entry of the array is the text 'nan'\n  write .nan"),
        ("-Infinity", "an entry of the array is the text '-Infinity'\n  write -.inf"),
        ("true", "an entry of the array is true\n  expected a number"),
        ("null", "an entry of the array is null\n  expected a number"),
        ('"1.0"', "an entry of the array is the text '1.0'\n  expected a number"),
        ("1.0e+400", "1.0e+400 is beyond the largest float64\n  write .inf if infinity is meant"),
        ("1.0e-400", "1.0e-400 is below the smallest float64\n  write 0.0 if zero is meant"),
    ],
)  # fmt: skip
def test_a_number_that_yaml_reads_in_two_ways_is_refused(faults_at, written, fault):
    assert faults_at(HEAD + CASE.replace("1.5", f"@{written}")) == [f"@{fault}"]


@pytest.mark.parametrize(
    ("written", "value"),
    [(".5", 0.5), ("-0.0", -0.0), ("2.0e-3", 0.002), ("1.", 1.0), ("3", 3.0), (".inf", float("inf")), ("+1.5", 1.5)],
)
def test_an_unmistakable_number_is_read(write, written, value):
    case = load_cases([write(HEAD + CASE.replace("1.5", written))])[0]
    assert repr(case.inputs["logits"].make()[1].item()) == repr(value)


def test_a_nan_is_a_number(write):
    case = load_cases([write(HEAD + CASE.replace("1.5", ".nan"))])[0]
    assert str(case.inputs["logits"].make()[1]) == "nan"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (HEAD + CASE.replace("[0, 1]", "&x [0, 1]"), "anchor '&x'"),
        (HEAD + CASE.replace("[0, 1]", "*x"), "alias '*x'"),
        (HEAD + CASE.replace("[0, 1]", "!!set [0, 1]"), "tag 'tag:yaml.org,2002:set'"),
        (HEAD + CASE.replace("1.5", "!!float 1.5"), "tag 'tag:yaml.org,2002:float'"),
        (HEAD + CASE.replace("{logits", "{<<: {}, logits"), "'<<' is a merge key"),
        ("%YAML 1.1\n---\n" + HEAD + CASE, "a directive"),
        (HEAD + CASE + "---\n" + HEAD, "a second document"),
        (HEAD + CASE.replace("says", "[1, 2]: x, says"), "a list or a mapping as a key"),
        (HEAD + CASE.replace("says", "1: x, says"), "the key 1 is not a name"),
        (HEAD + "\t" + CASE, "a tab"),
        (HEAD + CASE.replace("holds", "ho\x07lds"), "the control character U+0007"),
        (HEAD + CASE.replace("holds", "ho\u202elds"), "the control character U+202E"),
        (HEAD.encode() + b"# \xff\n", "byte 0xff is not UTF-8"),
        ("", "the file is empty"),
        ("cases: [1, 2", "not YAML: did not find expected ',' or ']'"),
        (HEAD + "  - " + "[" * 100 + "]" * 100, "nested more than 64 deep"),
        (b"# " + b"x" * 5_000_001, "the file has 5,000,003 bytes"),
        ("[1, 2]", "a case file is a list"),
    ],
)
def test_yaml_that_has_no_use_in_a_case_is_refused(faults, content, fault):
    found = faults(content)
    assert any(f": {fault}" in line.splitlines()[0] for line in found), found
    assert all(line.startswith("cases.yaml:") for line in found)


def test_a_bomb_of_aliases_is_refused_without_being_expanded(faults):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for last, name in zip("abcdefghijkl", "bcdefghijklm", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{last}'] * 9)}]\n"
    started = time.process_time()
    found = faults(bomb)
    assert time.process_time() - started < 5
    assert len(found) == MOST_FAULTS


def test_a_duplicate_key_names_both_places(faults):
    assert faults(HEAD + CASE.replace("says", "id: a/c, says")) == [
        "cases.yaml:4:15: duplicate key 'id'\n  first written in line 4, column 6"
    ]


# What a case may not say


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("says", "@syas", "unknown key 'syas' of a case\n  expected one of: because, cast, dtypes, each, flags,"),
        ("inputs", "operation: @binary_cross_entropy_with_logit, inputs",
         "unknown operation 'binary_cross_entropy_with_logit'\n"),
        ("logits:", "@logit:", "unknown input 'logit' of binary_cross_entropy_with_logits\n"
                              "  expected one of: logits, mask, targets, weights\n  did you mean 'logits'?"),
        ("inputs", "parameters: {@pos_wieght: 2.0}, inputs",
         "unknown parameter 'pos_wieght' of binary_cross_entropy_with_logits\n"
         "  expected one of: label_smoothing, pieces, pos_weight, reduction, roundtrip\n  did you mean 'pos_weight'?"),
        ("inputs", "parameters: {reduction: @men}, inputs", "unknown reduction 'men'\n"),
        ("inputs", "parameters: {pos_weight: @much}, inputs", "'pos_weight' is the text 'much'\n"
                                                             "  expected a number"),
        ("inputs", "parameters: {@weights: 1.0}, inputs",
         "'weights' is an input of binary_cross_entropy_with_logits, not a parameter\n  expected it in inputs"),
        ("inputs", "parameters: {pos_weight: 1.0}, each: {pos_weight: @[2.0]}, inputs",
         "'pos_weight' is in parameters and in each"),
        ("inputs", "each: {pos_weight: @[]}, inputs", "'pos_weight' is empty"),
        ("inputs", "each: {pos_weight: [2.0, @2.0]}, inputs", "2.0 is written twice"),
        ("inputs", "dtypes: [@float31], inputs", "unknown dtype 'float31'\n  expected one of: bfloat16, float16, "
                                                "float32, float64\n  did you mean 'float32'?"),
        ("inputs", "orders: [@3], inputs", "an order is 3\n  expected an integer from 0 to 2"),
        ("inputs", "outcome: @error, inputs", "unknown outcome 'error'"),
        ("inputs", "outcome: {one_of: [@{outcome: nan}]}, inputs", "an outcome of one_of lacks 'because'"),
        ("inputs", "outcome: {one_of: [{outcome: @minus, because: x}]}, inputs", "unknown outcome 'minus'"),
        ("inputs", 'published: @"0.28", inputs', "published digits lack a source"),
        ("inputs", "published: @0.28, source: a page, inputs",
         'the digits 0.28 are not in quotes\n  write "0.28": the digits as printed'),
        ("inputs", 'published: @"about 1", source: a page, inputs', "'about 1' are no digits"),
        ("inputs", 'published: {digits: "1", under: {@clip: 1}}, source: a page, inputs',
         "unknown contract parameter 'clip' of binary_cross_entropy_with_logits"),
        ("inputs", "flags: [@tial], inputs", "unknown flag 'tial'"),
        ("a/b", "@A/b", "the id 'A/b' is malformed"),
        ("a/b", "@a", "the id 'a' is malformed"),
        ("It holds.", "@''", "'says' is empty"),
        ("[0, 1]", "@[0, 1, 1]", "'targets' has the shape [3]\n  expected it to broadcast against [2], as logits asks"),
        ("[0, 1]", "[[0], @1]", "the array is ragged\n  expected a list of 1 here, as in the first entry"),
        ("[0, 1]", "[[0, 1], @[0]]", "the array is ragged: 1 entries\n  expected 2, as in the first entry"),
        ("{logits: [-20.0, 1.5], targets: [0, 1]}", "@{logits: [-20.0, 1.5]}",
         "binary_cross_entropy_with_logits lacks the input targets"),
        ("[0, 1]", "{@chioce: [0, 1], seed: 7}", "unknown generator 'chioce'\n"),
        ("[0, 1]", "@{choice: [0, 1]}", "choice lacks 'seed'\n  expected: values, seed"),
        ("[0, 1]", "{choice: [0, 1], @sead: 7}", "unknown argument 'sead' of choice\n"),
        ("[0, 1]", "{full: 0, shape: @[100000, 100000]}",
         "an array of 10,000,000,000 elements\n  expected at most 10,000,000"),
        ("[0, 1]", "@{tile: [0, 1], times: 10000000}", "an array of 20,000,000 elements\n"),
        ("[0, 1]", "{linspace: [0, 1, @1.0e+12]}", "'count' of linspace is 1.0e+12\n  expected an integer"),
        ("[0, 1]", "@{like: logit, choice: [0], seed: 1}",
         "'like' names no other input: 'logit'\n  expected one of: logits\n  did you mean 'logits'?"),
        ("[0, 1]", "@{simplex: {}, shape: [2, 0], seed: 1}", "rows of probabilities need a class"),
        ("[0, 1]", "@{linspace: [0, 1, 3], shape: [2]}", "the shape [2] has 2 elements\n  expected 3: [3]"),
    ],
)  # fmt: skip
def test_a_fault_of_a_case_has_its_place_and_the_way_out(faults_at, old, new, fault):
    (found,) = faults_at(HEAD + CASE.replace(old, new, 1))
    assert found.startswith(f"@{fault}")


SPARSE = "about: x\noperation: sparse_softmax_cross_entropy\ncases:\n  - id: a/b\n    says: x\n"


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        ("    inputs: {logits: [[1.0, 2.0]], labels: [@0.0]}\n", "a label is 0.0\n  expected an integer"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: {@linspace: [0, 1, 1]}}\n", "linspace makes no labels\n"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: @[2]}\n", "the label 2 is none of 2 classes\n"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: @{integers: [0, 2], seed: 1}}\n",
         "the label 2 is none of 2 classes\n"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: @[0, 1]}\n",
         "'labels' has the shape [2]\n  expected it to have [1]"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: [0], class_weights: @[1.0]}\n",
         "'class_weights' has the shape [1]\n  expected it to have [2]"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: [0], weights: @[1.0, 2.0]}\n",
         "'weights' has the shape [2]\n  expected it to broadcast against [1]"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: [0]}\n    parameters: {axis: @2}\n",
         "the axis 2 is none of the shape [1, 2]"),
        ("    inputs: {logits: [[1.0, 2.0]], labels: [0]}\n    parameters: {axis: @1.0}\n",
         "'axis' is 1.0\n  expected an integer"),
    ],
)  # fmt: skip
def test_labels_must_fit_the_classes(faults_at, rest, fault):
    (found,) = faults_at(SPARSE + rest)
    assert found.startswith(f"@{fault}")


def test_an_ignored_label_may_be_outside_the_classes(write):
    rest = "    inputs: {logits: [[1.0, 2.0]], labels: [-100]}\n    each: {ignore_index: [-100]}\n"
    assert load_cases([write(SPARSE + rest)])[0].inputs["labels"].make().tolist() == [-100]


def test_a_contract_parameter_is_not_for_cases(faults):
    content = HEAD.replace("_with_logits", "") + CASE.replace("logits", "probabilities").replace(
        "inputs", "parameters: {clip: [0.1, 0.9]}, inputs"
    )
    (found,) = faults(content)
    assert found.startswith("cases.yaml:4:45: 'clip' is a contract parameter of binary_cross_entropy\n")


def test_every_fault_of_every_file_is_told_at_once(write, tmp_path):
    write(HEAD + CASE.replace("says", "sasy").replace("logits", "logit"), "one.yaml")
    write(HEAD + CASE.replace("a/b", "a/c").replace("1.5", "1e5"), "two.yaml")
    with pytest.raises(FaultyFiles) as raised:
        load([tmp_path])
    assert [(f.file, f.line) for f in raised.value.faults] == [("one.yaml", 4), ("one.yaml", 4), ("two.yaml", 4)]
    assert raised.value.status == 2


def test_what_yaml_already_made_a_fault_is_told_once(faults_at):
    assert faults_at(HEAD + CASE.replace("says", "flags: @&x 1, says")) == [
        "@anchor '&x'\n  expected no anchors and aliases: write the value out"
    ]


def test_an_id_is_used_once_over_all_files(write, tmp_path):
    write(HEAD + CASE, "one.yaml")
    write(HEAD + CASE, "two.yaml")
    with pytest.raises(FaultyFiles) as raised:
        load([tmp_path])
    assert str(raised.value) == "two.yaml:4:10: duplicate id 'a/b'\n  first used at one.yaml:4:10"


def test_a_flag_is_explained_once(write, tmp_path):
    for name in ("one.yaml", "two.yaml"):
        write("about: x\nflags: {tail: {why: a, effect: b}}\n", name)
    with pytest.raises(FaultyFiles, match=r"the flag 'tail' is explained twice\n  first at one\.yaml:2:9"):
        load([tmp_path])


def test_a_flag_of_another_file_is_not_known_here(write, tmp_path):
    write("about: x\nflags: {tail: {why: a, effect: b}}\n", "one.yaml")
    write(HEAD + CASE.replace("says", "flags: [tail], says"), "two.yaml")
    with pytest.raises(FaultyFiles, match=r"'tail'\n  it is explained in one\.yaml; move it to flags\.yaml"):
        load([tmp_path])


def test_a_flag_says_why_and_with_what_effect(faults):
    (found,) = faults("about: x\nflags: {tail: {why: a}}\n", "flags.yaml")
    assert found == "flags.yaml:2:15: the flag 'tail' lacks 'effect'"


def test_no_more_than_fifty_faults_are_shown(faults):
    found = faults(HEAD + "".join(CASE.replace("a/b", f"a/{i}").replace("says", "says_") for i in range(60)))
    assert len(found) == MOST_FAULTS
    assert found[-1].endswith("\n  10 more faults are not shown")


def test_a_path_that_is_not_there_is_bad_usage(tmp_path):
    with pytest.raises(UsageError, match="no such file or directory"):
        load([tmp_path / "nothing.yaml"])
    with pytest.raises(UsageError, match=r"no \*\.yaml file in this directory"):
        load([tmp_path])


def test_the_parser_in_python_finds_the_same(write, monkeypatch):
    import yaml

    from conformance import yaml_nodes

    file = write(HEAD + CASE + CASE.replace("a/b", "a/c").replace("1.5", "1e5").replace("says", "flags: &x [], says"))
    found = []
    for parser in (yaml_nodes.PARSER, yaml.SafeLoader):
        monkeypatch.setattr(yaml_nodes, "PARSER", parser)
        with pytest.raises(FaultyFiles) as raised:
            load([file])
        found.append(raised.value.faults)
    assert found[0] == found[1]


def test_a_shipped_case_is_placed_the_same_way_from_wherever_it_is_loaded(tmp_path, monkeypatch):
    """Annotations and reports of two machines must name one file."""
    monkeypatch.chdir(tmp_path)
    case = next(case for case in load(None).cases if case.operation == "binary_cross_entropy_with_logits")
    assert portable(case.file).startswith("cases/")
    assert "\\" not in portable(case.file)


def test_a_case_of_the_user_is_placed_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert portable(str(tmp_path / "own" / "loss.yaml")) == "own/loss.yaml"
