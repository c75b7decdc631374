"""Flags as a person or a template gives them."""

import pytest

from pipeline.launch import to_arguments
from pipeline.options import SluicegateOptions, parse_flags
from sluicegate.faults import UsageFault


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
    ("arguments", "resume"),
    [
        ([], "true"),
        (["--resume"], "true"),
        (["--resume=false"], "false"),
        (["--resume", "false"], "false"),
        (["--no_resume"], "false"),
        (["--no_resume=true"], "false"),
        (["--no_resume=false"], "true"),
        (["--no_resume", "--input=a"], "false"),
    ],
)
def test_resuming_is_said_either_way(arguments: list[str], resume: str) -> None:
    """Bare or with a word, with or without the no; Beam's options hear the same."""
    flags, options = parse_flags([*arguments, "--output=b"])
    assert flags["resume"] == resume
    assert options.view_as(SluicegateOptions).resume == resume


@pytest.mark.parametrize(
    "flag",
    ["revalidate", "ignore_journal", "replay_retryable_only", "allow_retired_model"],
)
def test_a_bare_truth_is_true(flag: str) -> None:
    """And a word is that word; what stands alone does not swallow the next flag."""
    assert parse_flags([])[0][flag] == "false"
    assert parse_flags([f"--{flag}", "--output=b"])[0][flag] == "true"
    assert parse_flags([f"--{flag}=false"])[0][flag] == "false"


def test_both_ways_at_once_are_refused() -> None:
    """Whatever they say: one of them was a mistake."""
    with pytest.raises(UsageFault, match="both given"):
        parse_flags(["--resume=false", "--no_resume"])
    with pytest.raises(UsageFault, match="more than once"):
        parse_flags(["--no_resume", "--no_resume=true"])


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
