"""Each term is explained before it is used, and stands in the table of the glossary."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import nbformat
import pytest
import terms
from machine import need_packages
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebook_checks import COURSE

need_packages("publish", "jinja2")
from publish.book import glossary
from publish.notebooks import Lesson, PublishError

PASSAGES = list(terms.read(COURSE))
MARKED = {term for passage in PASSAGES for _, term in passage.marks}
# How the words begin that learners meet in every other text on the subject.
OTHERS = [
    "affine",
    "analytic",
    "closed form",
    "data point",
    "generali",
    "inference",
    "neuron",
    "objective",
    "overfit",
    "sample",
    "test set",
    "training set",
    "validation set",
]


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_each_term_is_explained_before_it_is_used(path: Path) -> None:
    said = terms.complaints(PASSAGES)
    assert [one for one in said if one.startswith(path.stem)] == []


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_each_definition_can_be_quoted_alone(path: Path) -> None:
    assert list(terms.leaning([path])) == []


@pytest.mark.parametrize("word", OTHERS)
def test_a_word_of_every_other_text_is_explained_here_too(word: str) -> None:
    assert [term for term in MARKED if term.startswith(word)]


def test_few_words_are_left_out_for_their_everyday_sense() -> None:
    assert len(terms.EVERYDAY) <= 20
    assert all(terms.EVERYDAY.values())


def passages(*sources: str) -> Sequence[terms.Passage]:
    return [terms.passage(f"cell {number}", source) for number, source in enumerate(sources)]


TERM = "A <dfn>learning rate</dfn> says how far to step. The learning rate is small."
EARLIER = [
    "The learning rate is explained later.",
    "Learning rates differ.",
    "A learning-rate of 1.",
    "So *learning rate* comes.\n\n" + TERM,
    "See [the learning rate](https://example.org).",
    "<details><summary>1. Why a learning rate?</summary>\n\nSo.</details>",
    "- The learning\n  rate",
]


@pytest.mark.parametrize("source", EARLIER)
def test_an_earlier_use_is_noticed(source: str) -> None:
    sources = [source] if "dfn" in source else [source, TERM]
    (said,) = terms.complaints(passages(*sources))
    assert said.startswith("cell 0: “")
    assert "is explained only in cell" in said


FORMS = [
    ("feature", "features"),
    ("weights", "weight"),
    ("standardise", "standardised"),
    ("standardised", "standardising"),
    ("overfitting", "overfits"),
    ("overfit", "overfitted"),
    ("broadcasting", "broadcast"),
    ("matrix", "matrices"),
    ("axis", "axes"),
    ("minimum", "minima"),
    ("entropy", "entropies"),
    ("batch", "Batches"),
    ("fully connected layer", "fully-connected layers"),
    ("data set", "datasets"),
]


@pytest.mark.parametrize(("term", "form"), FORMS)
def test_each_form_of_a_term_is_a_use(term: str, form: str) -> None:
    assert len(list(terms.complaints(passages(f"Here: {form}.", f"A <dfn>{term}</dfn> is.")))) == 1


NO_USE = [
    "# The learning rate",
    "Run `learning rate`, see $learning rate$ and <code>learning rate</code>.",
    "```\nlearning rate\n```",
    "**You will learn**\n- What a learning rate is.\n- More of the learning rate.",
    "**You need** a learning rate.",
    "Next: [03 The learning rate](03_learning.ipynb).",
    "Learning; rates; a self-learning rate.",
    "Every learning algorithm.",
]


@pytest.mark.parametrize("source", NO_USE)
def test_what_is_no_use_of_a_term_is_accepted(source: str) -> None:
    assert list(terms.complaints(passages(source, TERM))) == []


def test_a_longer_term_holds_its_words() -> None:
    longer = "The <dfn>squared loss</dfn> is a number."
    shorter = "Any <dfn>loss</dfn> is."
    assert list(terms.complaints(passages(longer, "So the squared loss.", shorter))) == []
    (said,) = terms.complaints(passages(longer, "A loss.", shorter))
    assert "“loss”" in said


def test_a_sentence_may_name_the_term_before_it_marks_it() -> None:
    assert list(terms.complaints(passages("One weight of the <dfn>weights</dfn>."))) == []


def test_an_everyday_sense_and_a_second_mark() -> None:
    assert list(terms.complaints(passages("For example, 3.", "An <dfn>example</dfn>."))) == []
    (said,) = terms.complaints(passages(TERM, TERM))
    assert "a second time" in said


def test_alt_texts_are_read_and_code_is_not(tmp_path: Path) -> None:
    path = tmp_path / "01_a.ipynb"
    drawn = new_code_cell("feature = 1  # a feature", metadata={"alt": "One feature."})
    nbformat.write(new_notebook(cells=[drawn, new_markdown_cell("A <dfn>feature</dfn>.")]), path)
    (said,) = terms.complaints(list(terms.read([path])))
    assert "alt text: “feature”" in said


# The glossary


def lesson(*sources: str) -> Lesson:
    return Lesson(Path("notebooks/01_time.ipynb"), [new_markdown_cell(s) for s in sources])


def test_an_entry_is_the_sentence_with_its_mark_its_names_and_its_section() -> None:
    cells = [
        "# Time it",
        "A table. The price is the <dfn>label</dfn>, also called the <dfn>target</dfn>. So it is.",
        "## The model\n\nA model adds `a.b`, e.g. $x. Y$, and then a <dfn>*bias*</dfn>:"
        "\n\n$$x + b$$\n\nEnd.",
        "- One <dfn>weight</dfn> each\n- And <dfn>noise</dfn>",
        "A number. It is small. This is the <dfn>rate</dfn>.\n\nThis is a <dfn>step</dfn>. End.",
    ]
    label, bias, weight, noise, rate, step = glossary.entries([lesson(*cells)])
    said = "The price is the <dfn>label</dfn>, also called the <dfn>target</dfn>."
    assert (label.term, label.also, label.sentence) == ("label", ["target"], said)
    assert (label.page, label.section) == ("01_time", "01, Time it")
    start = "A model adds `a.b`, e.g. $x. Y$, and then a <dfn>*bias*</dfn>:\n\n$$x + b$$"
    assert (bias.term, bias.sentence, bias.section) == ("bias", start, "01, The model")
    assert (weight.sentence, weight.also) == ("One <dfn>weight</dfn> each", [])
    assert noise.sentence == "And <dfn>noise</dfn>"
    assert rate.sentence == "A number. It is small. This is the <dfn>rate</dfn>."
    assert step.sentence == "This is a <dfn>step</dfn>."


def test_a_definition_that_leans_on_another_cell_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "01_a.ipynb"
    cells = ["# A", "One number.", "This is the <dfn>bias</dfn>.", "A <dfn>weight</dfn> is."]
    role = {"slideshow": {"slide_type": "slide"}}
    texts = [new_markdown_cell(text, metadata=role) for text in cells]
    nbformat.write(new_notebook(cells=texts), path)
    (said,) = terms.leaning([path])
    assert said == "01_a: “bias” is not explained by: This is the <dfn>bias</dfn>."


HEADER = "term,zh,zh_source,ko,ko_source\n"


def test_the_page_is_in_order_with_words_and_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glossary, "TABLE", tmp_path / "glossary.csv")
    glossary.TABLE.write_text(HEADER + "label,标签,d2l-zh,,\n", encoding="utf-8")
    text = "A <dfn>weight</dfn> is:\n\n$$w$$\n\nThe <dfn>label</dfn>, or <dfn>aim</dfn>, is."
    page = glossary.page([lesson("# Time it\n\n## The <dfn>x</dfn>", text)])
    assert page.index("\naim\n: See *label*.") < page.index("\nlabel\n: The label, or aim, is.")
    assert page.index("\nlabel\n") < page.index("\nweight\n: A weight is:\n  \n  $$w$$")
    assert (
        'Chinese <span lang="zh-Hans">标签</span> · <a href="notebooks/01_time.html#term-label">'
        in page
    )
    assert "Korean <" not in page


@pytest.mark.parametrize("row", ["label,标签,,,", "label,标签,a friend,,", "label,,,,d2l-ko"])
def test_a_word_without_a_source_is_refused(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glossary, "TABLE", tmp_path / "glossary.csv")
    glossary.TABLE.write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(PublishError, match="label"):
        glossary.words()


def table() -> list[str]:
    with glossary.TABLE.open(encoding="utf-8", newline="") as file:
        return [row["term"] for row in csv.DictReader(file)]


def test_the_table_is_in_order_and_each_term_stands_in_it_once() -> None:
    assert table() == sorted(set(table()))
    glossary.words()


class TestTermsAndTable:
    marked: ClassVar = {glossary.key(term): term for term in MARKED}
    rows: ClassVar = {glossary.key(term): term for term in table()}

    def test_each_term_has_a_row(self) -> None:
        """A term for which no source has a word has a row of its own, too."""
        assert [term for key, term in self.marked.items() if key not in self.rows] == []

    def test_each_row_is_a_term(self) -> None:
        assert [term for key, term in self.rows.items() if key not in self.marked] == []
