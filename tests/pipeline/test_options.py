"""Flags as a person or a template gives them."""

import pytest

from pipeline.launch import to_arguments
from pipeline.options import SluicegateOptions, parse_flags
from transforms.core.faults import UsageFault


def test_flags_are_the_products_and_beam_gets_the_rest() -> None:
    """One command line, two readers."""
    flags, options = parse_flags(
        ["--input=a", "--output=b", "--project=p", "--num_workers=3", "--temp_location=gs://t"]
    )
    assert (flags["input"], flags["output"]) == (["a"], "b")
    seen = options.get_all_options()
    assert (seen["project"], seen["num_workers"], seen["temp_location"]) == ("p", 3, "gs://t")


def test_both_ways_to_give_a_value_are_taken() -> None:
    """--name=value and --name value mean the same."""
    assert (
        parse_flags(["--input", "a", "--output", "b"])[0]
        == parse_flags(["--input=a", "--output=b"])[0]
    )


def test_repeated_input_adds_up() -> None:
    """Each --input adds its patterns, in order."""
    assert parse_flags(["--input=a", "--input=b,c"])[0]["input"] == ["a", "b,c"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--nothing=1"], "'--nothing'"),
        (["--nothing"], "'--nothing'"),
        (["-x"], "'-x'"),
        (["word"], "'word'"),
        (["--input=a", "b"], "'b'"),
        (["--in=a"], "'--in'"),
        (["--projec=p"], "'--projec'"),
        (["--num_workers=x"], "--num_workers"),
        (["--input"], "--input"),
    ],
)
def test_what_nobody_knows_is_refused(arguments: list[str], says: str) -> None:
    """Unknown flags, abbreviations, stray words and missing values are said by name."""
    with pytest.raises(UsageFault, match=says):
        parse_flags(arguments)


def test_the_value_of_an_unknown_flag_is_not_repeated() -> None:
    """A key given by a flag that does not exist is not printed."""
    with pytest.raises(UsageFault) as refused:
        parse_flags(["--gemini_api_key=hush-hush"])
    assert "hush" not in str(refused.value)


def test_other_pipelines_of_the_process_are_left_alone() -> None:
    """No flag is required by Beam itself: other pipelines in the process do not need it."""
    assert SluicegateOptions([]).get_all_options()["output"] is None


def test_parsing_twice_is_like_parsing_once() -> None:
    """Nothing is remembered between two command lines of one process."""
    first = parse_flags(["--input=a", "--project=p"])
    parse_flags(["--input=b", "--input=c", "--project=q"])
    again = parse_flags(["--input=a", "--project=p"])
    assert first[0] == again[0]
    assert first[1].get_all_options() == again[1].get_all_options()


def test_keywords_become_flags() -> None:
    """Lists repeat, booleans are words, None is left out, numbers are text."""
    assert to_arguments(
        {"input": ["a", "b"], "allow_retired_model": True, "model": None, "max_in_flight": 3}
    ) == ["--input=a", "--input=b", "--allow_retired_model=true", "--max_in_flight=3"]


def test_keywords_of_odd_text_survive() -> None:
    """Spaces, equal signs and leading dashes in a value stay in it."""
    odd = ["my folder/*.pdf", "a=b", "-dash", "--flag", "ä"]
    assert parse_flags(to_arguments({"input": odd}))[0]["input"] == odd
