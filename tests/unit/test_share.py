"""A share link says what was chosen, and a hostile one gets nothing through."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from scaffolder import answers, published, recommend, share
from scaffolder.answers import WrongAnswers
from scaffolder.messages import LANGUAGES, Say, Trouble
from tests.cli.conftest import make_checkout

EN = Say("en")
REAL = published.load()
QUESTIONS = published.questions(REAL, published.safeguards(REAL))


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A catalog with every relation, among them a renamed safeguard and a renamed answer."""
    root = make_checkout(tmp_path_factory.mktemp("share") / "anshin")
    made = json.loads((root / "scaffolder" / "catalog.json").read_text(encoding="utf-8"))
    made["answers"]["region"]["aliases"] = ["place"]
    return dict(made)


def read(catalog: dict[str, Any], fragment: str) -> share.Shared:
    return share.read(catalog, f"https://anshin.invalid/en/configurator/#{fragment}", EN)


def refused(catalog: dict[str, Any], url: str, say: Say = EN) -> str:
    """The key of the message; the message itself holds nothing that a terminal would obey."""
    with pytest.raises(Trouble) as caught:
        share.read(catalog, url, say)
    said = caught.value.said(say)
    assert all(line.isprintable() for line in said.splitlines())
    assert len(said) < 400
    return caught.value.key


def wrong(catalog: dict[str, Any], fragment: str) -> dict[str, str]:
    """About → rule of all problems."""
    with pytest.raises(WrongAnswers) as caught:
        read(catalog, fragment)
    for problem in caught.value.problems:
        assert f"{problem.about}{problem.rule}{problem.value or ''}".isprintable()
    return {problem.about: problem.rule for problem in caught.value.problems}


def test_the_form_of_a_link(catalog: dict[str, Any]) -> None:
    chosen = {
        "safeguards": ["rate-limit", "work-queue"],
        "project_name": "orders",
        "description": "Tea & scones, 100% + 茶",
        "rate_limit_rate": 7,
        "rate_limit_strict": True,
    }
    facts = {"trigger": ["http", "queue"], "team": "lone"}
    assert share.link(catalog, "ja", chosen, facts) == (
        "https://anshin.invalid/ja/configurator/#v=1"
        "&description=Tea%20%26%20scones,%20100%25%20%2B%20%E8%8C%B6"
        "&fact.team=lone&fact.trigger=http,queue"
        "&project_name=orders"
        "&rate_limit_rate=7&rate_limit_strict=true"
        "&safeguards=rate-limit,work-queue"
    )


def test_a_browser_sends_none_of_it(catalog: dict[str, Any]) -> None:
    parts = urlsplit(share.link(catalog, "en", {"safeguards": ["rate-limit"]}, {"team": "lone"}))
    assert (parts.path, parts.query) == ("/en/configurator/", "")


def test_defaults_are_left_out_unless_they_are_the_readers_own(catalog: dict[str, Any]) -> None:
    chosen = {name: question["default"] for name, question in catalog["answers"].items()}
    chosen |= {"safeguards": ["rate-limit"], "rate_limit_rate": 50, "rate_limit_mode": "soft"}
    found = share.read(catalog, share.link(catalog, "en", chosen, {}), EN)
    assert found.answers == {
        "language": "en",
        "project_name": "orders",
        "safeguards": ["rate-limit"],
    }


def test_what_is_no_answer_is_not_in_the_link(catalog: dict[str, Any]) -> None:
    """The answers of a project may be given as they stand in its file."""
    chosen = {"_commit": "v1", "_src_path": "/home/me", "adopted": {"a": 1}, "region": "us-east-1"}
    address = share.link(catalog, "en", {**chosen, "rate_limit_rate": 5}, {})
    assert address.partition("#")[2] == "v=1&region=us-east-1"


def test_nothing_chosen_and_nobody_chose(catalog: dict[str, Any]) -> None:
    nothing = share.link(catalog, "en", {"safeguards": []}, {})
    assert share.read(catalog, nothing, EN) == share.Shared({}, {"safeguards": []}, [])
    nobody = share.link(catalog, "en", {}, {})
    assert share.read(catalog, nobody, EN) == share.Shared({}, {}, [])


def test_choices_that_make_too_long_a_link(catalog: dict[str, Any]) -> None:
    chosen = {"safeguards": ["rate-limit"], "rate_limit_label": "茶" * 1000}
    with pytest.raises(Trouble) as caught:
        share.link(catalog, "en", chosen, {})
    assert caught.value.key == "share.long"


GOOD = "v=1&fact.trigger=queue,http&region=us-east-1&safeguards=rate-limit&rate_limit_rate=7"


@pytest.mark.parametrize(
    "url",
    [
        f"https://anshin.invalid/ja/configurator/#{GOOD}",
        f"http://localhost:8000/en/configurator/#{GOOD}",
        f"HTTPS://anshin.invalid/?from=mail#{GOOD}",
        f"#{GOOD}",
        GOOD,
        f"  {GOOD}\n",
        GOOD.replace("us-east-1", "us%2Deast%2d1"),
        GOOD.replace("rate_limit_rate", "%72ate_limit_rate"),
        "&".join(reversed(GOOD.split("&"))),
    ],
)
def test_good(catalog: dict[str, Any], url: str) -> None:
    found = share.read(catalog, url, EN)
    assert found.facts == {"trigger": ["http", "queue"]}
    expected = {"safeguards": ["rate-limit"], "region": "us-east-1", "rate_limit_rate": 7}
    assert found.answers == expected
    assert isinstance(found.answers["rate_limit_rate"], int)
    assert found.notes == []


def test_signs_stand_for_themselves(catalog: dict[str, Any]) -> None:
    assert read(catalog, "v=1&description=a=b+c").answers == {"description": "a=b+c"}
    assert read(catalog, "v=1&description=%E8%8C%B6 茶 ❤").answers == {"description": "茶 茶 ❤"}
    # Decoded once, not twice.
    assert read(catalog, "v=1&description=%2526%253D").answers == {"description": "%26%3D"}


def test_renamed_safeguards_and_answers(catalog: dict[str, Any]) -> None:
    found = read(catalog, "v=1&safeguards=request-limit&request_limit_rate=7&place=us-east-1")
    expected = {"safeguards": ["rate-limit"], "rate_limit_rate": 7, "region": "us-east-1"}
    assert found.answers == expected
    assert "rate-limit" in found.notes[0]


def test_what_comes_along_has_answers_too(catalog: dict[str, Any]) -> None:
    found = read(catalog, "v=1&safeguards=work-queue&rate_limit_rate=7")
    assert found.answers == {"safeguards": ["work-queue"], "rate_limit_rate": 7}


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "share.empty"),
        ("#", "share.empty"),
        ("https://anshin.invalid/ja/configurator/", "share.empty"),
        ("https://anshin.invalid/ja/configurator/#", "share.empty"),
        ("https://anshin.invalid/?v=1&region=us-east-1", "share.empty"),
        ("javascript:alert(1)#v=1", "share.site"),
        ("file:///etc/passwd#v=1", "share.site"),
        ("data:text/html,x#v=1", "share.site"),
        ("ftp://anshin.invalid/#v=1", "share.site"),
        (" //anshin.invalid/#v=1", "share.site"),
        ("../../etc/passwd#v=1", "share.site"),
        ("javascript:alert(1)", "share.no_version"),
        ("#overview", "share.no_version"),
        ("#region=us-east-1", "share.no_version"),
        ("#rev=1", "share.no_version"),
        ("#v=2", "share.version"),
        ("#v=", "share.version"),
        ("#v=01", "share.version"),
        ("#v=1.0&region=us-east-1", "share.version"),
        ("#v=2&quite;another/form", "share.version"),
        ("#v=%1b[31m", "share.version"),
        ("#v=1&", "share.pair"),
        ("#v=1&&region=us-east-1", "share.pair"),
        ("#v=1&region", "share.pair"),
        ("#v=1&=us-east-1", "share.pair"),
        ("#v=1&region=us-east-1&region=us-east-1", "share.twice"),
        ("#v=1&region=us-east-1&%72egion=eu-west-1", "share.twice"),
        ("#v=1&region=us-east-1&place=eu-west-1", "share.twice"),
        ("#v=1&fact.team=lone&fact.team=lone", "share.twice"),
        ("#v=1&v=2", "share.twice"),
        ("#v=1&%76=2", "share.twice"),
        ("#v=1&description=%", "share.encoding"),
        ("#v=1&description=%4", "share.encoding"),
        ("#v=1&description=%zz", "share.encoding"),
        ("#v=1&description=%%34", "share.encoding"),
        ("#v=1&%ff=x", "share.encoding"),
        ("#v=1&description=%ff%fe", "share.encoding"),
        ("#v=1&description=%c0%af", "share.encoding"),
        ("#v=1&description=%ed%a0%80", "share.encoding"),
        ("#v=1&description=\x1b[31mred", "share.control"),
        ("#v=1&description=%1B]0;title%07", "share.control"),
        ("#v=1&description=a%00b", "share.control"),
        ("#v=1&description=a%0Ab", "share.control"),
        ("#v=1&description=a%C2%9Bb", "share.control"),
        ("#v=1&description=%E2%80%A8", "share.control"),
        ("#v=1&description=%E2%80%A9", "share.control"),
        ("#v=1&%1b=x", "share.control"),
        ("#v=1&description=\udcff", "share.control"),
        ("\x00#v=1", "share.control"),
        ("#v=1&description=" + "x" * 8192, "share.long"),
        ("#v=1&description=" + "茶" * 2800, "share.long"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_not_the_form_of_a_link(catalog: dict[str, Any], url: str, key: str, language: str) -> None:
    assert refused(catalog, url, Say(language)) == key


@pytest.mark.parametrize(
    ("fragment", "about"),
    [
        ("v=1&regoin=us-east-1", "regoin"),
        ("v=1&_commit=v9", "_commit"),
        ("v=1&_src_path=https://evil.invalid/x.git", "_src_path"),
        ("v=1&active_safeguards=rate-limit", "active_safeguards"),
        ("v=1&adopted=x", "adopted"),
        ("v=1&__class__=x", "__class__"),
        ("v=1&region=mars", "region"),
        ("v=1&region=", "region"),
        ("v=1&language=fr", "language"),
        ("v=1&project_name=../../etc", "project_name"),
        ("v=1&project_name=$(id)", "project_name"),
        ("v=1&description=%20a", "description"),
        ("v=1&description=" + "x" * 201, "description"),
        ("v=1&safeguards=rate-limt", "safeguards"),
        ("v=1&safeguards=peace-of-mind", "safeguards"),
        ("v=1&safeguards=rate-limit,open-door", "safeguards"),
        ("v=1&safeguards=rate-limit&rate_limit_rate=0", "rate_limit_rate"),
        ("v=1&safeguards=rate-limit&rate_limit_rate=9999999999999999999", "rate_limit_rate"),
        ("v=1&safeguards=rate-limit&rate_limit_strict=maybe", "rate_limit_strict"),
        ("v=1&safeguards=rate-limit&rate_limit_mode=HARD", "rate_limit_mode"),
        ("v=1&safeguards=open-door&rate_limit_rate=5", "rate_limit_rate"),
        ("v=1&safeguards=&request_limit_rate=5", "rate_limit_rate"),
        # Nobody could ever say that it was dropped.
        ("v=1&rate_limit_rate=5", "rate_limit_rate"),
        ("v=1&fact.team=everybody", "fact.team"),
        ("v=1&fact.team=lone,on-call", "fact.team"),
        ("v=1&fact.trigger=", "fact.trigger"),
        ("v=1&fact.trigger=http,pigeon", "fact.trigger"),
        ("v=1&fact.weather=rain", "fact.weather"),
        ("v=1&fact.=x", "fact."),
        ("v=1&fact=x", "fact"),
        ("v=1&trigger=http", "trigger"),
        ("v=1&\u202ex=1", "\\u202ex"),
        ("v=1&fact.\u202ex=1", "fact.\\u202ex"),
    ],
)
def test_only_known_names_with_valid_values(
    catalog: dict[str, Any], fragment: str, about: str
) -> None:
    found = wrong(catalog, fragment)
    assert list(found) == [about]
    assert found[about]


def test_all_problems_at_once(catalog: dict[str, Any]) -> None:
    fragment = "v=1&fact.team=x&region=mars&safeguards=rate-limt&rate_limit_rate=5&colour=red"
    names = {"fact.team", "region", "safeguards", "rate_limit_rate", "colour"}
    assert wrong(catalog, fragment).keys() == names


def test_a_flood_of_problems_is_cut_short(catalog: dict[str, Any]) -> None:
    fragment = "v=1&safeguards=" + ",".join(f"a{i}" for i in range(1000))
    with pytest.raises(WrongAnswers) as caught:
        read(catalog, fragment)
    assert len(caught.value.problems) == share.MOST_PROBLEMS


def test_no_network(catalog: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def dialled(*arguments: object) -> None:
        raise AssertionError("a link is only looked at")

    monkeypatch.setattr(socket, "getaddrinfo", dialled)
    monkeypatch.setattr(socket.socket, "connect", dialled)
    assert read(catalog, "v=1&region=us-east-1").answers


def one_answer(question: published.Data) -> st.SearchStrategy[Any]:
    """Any valid answer."""
    match question["type"]:
        case "int":
            return st.integers(question["min"], question["max"])
        case "bool":
            return st.booleans()
        case "choice":
            return st.sampled_from(question["choices"])
    texts = st.from_regex(question["pattern"], fullmatch=True)
    return texts.filter(lambda text: answers.check(question, text, EN)[1] is None)


ANY_ANSWER = {name: one_answer(question) for name, question in QUESTIONS.items()}


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    """Valid answers of a project with any safeguards that go together; some are not given."""
    able = published.safeguards(REAL)
    some = draw(st.sets(st.sampled_from(able)))
    wanted = published.together(REAL, [name for name in able if name in some])
    active = published.closure(REAL, wanted)
    assume(not published.conflicts(REAL, active))
    asked = published.questions(REAL, active)
    given_names = draw(st.sets(st.sampled_from(sorted(asked))))
    found = {name: draw(ANY_ANSWER[name]) for name in sorted(given_names)}
    return {"safeguards": wanted, **found}


@st.composite
def some_facts(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, fact in REAL["facts"].items():
        values = list(fact["values"])
        if fact["multiple"]:
            words: Any = sorted(draw(st.sets(st.sampled_from(values))), key=values.index)
        else:
            words = draw(st.none() | st.sampled_from(values))
        if words:
            found[name] = words
    return found


RELAXED = settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@RELAXED
@given(choices(), some_facts(), st.sampled_from(LANGUAGES))
def test_what_was_shared_is_what_is_read(
    chosen: dict[str, Any], facts: dict[str, Any], language: str
) -> None:
    try:
        address = share.link(REAL, language, chosen, facts)
    except Trouble as trouble:
        assert trouble.key == "share.long"
        assume(False)
    assert address.isascii() and address.isprintable() and " " not in address
    found = share.read(REAL, address, Say(language))
    standing = {name: question["default"] for name, question in QUESTIONS.items()}
    assert found.facts == facts
    assert {**standing, **found.answers} == {**standing, **chosen}
    assert {n: type(v) for n, v in found.answers.items()} == {
        n: type(chosen[n]) for n in found.answers
    }
    # A link that is made from what was read is the same.
    assert share.link(REAL, language, found.answers, found.facts) == address


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_can_be_shared(name: str) -> None:
    owner = published.owner(REAL, name)

    @settings(RELAXED, max_examples=12)
    @given(ANY_ANSWER[name])
    def same(value: Any) -> None:
        chosen = {"safeguards": [owner] if owner else [], name: value}
        found = share.read(REAL, share.link(REAL, "en", chosen, {}), EN)
        assert found.answers.get(name, QUESTIONS[name]["default"]) == value

    same()


PIECES = st.sampled_from(
    [
        *("#", "&", "=", ",", "_", "５", "v", "v=1", "https://", "%", "%41", "%1b", "%ff"),
        *("fact.", "fact.trigger", "http", "safeguards"),
        *published.safeguards(REAL)[:3],
        *list(QUESTIONS)[:12],
    ]
)
GARBAGE = st.one_of(
    st.text(),
    st.text(st.characters()),
    st.lists(PIECES | st.text(max_size=3)).map("".join),
    st.lists(PIECES | st.text(max_size=3)).map(lambda parts: "#v=1&" + "".join(parts)),
    st.lists(st.tuples(PIECES, st.text())).map(
        lambda pairs: "#" + "&".join(["v=1", *(f"{name}={quote(v)}" for name, v in pairs)])
    ),
)


@settings(RELAXED, max_examples=600)
@example("#v=1&safeguards=%2C%2C")
@example("http://[::1#v=1&x=1")
@example("#v=1&fact.trigger=" + "," * 4000)
@given(GARBAGE)
def test_garbage_is_refused_or_says_something_valid(url: str) -> None:
    try:
        found = share.read(REAL, url, EN)
    except Trouble as trouble:
        assert all(line.isprintable() for line in trouble.said(EN).splitlines())
        return
    except WrongAnswers as caught:
        for problem in caught.problems:
            assert f"{problem.about}{problem.rule}{problem.value or ''}".isprintable()
        return
    assert answers.resolve(REAL, answers.Given(answers=found.answers), EN).answers is not None
    assert recommend.checked(REAL, found.facts, EN) == found.facts
