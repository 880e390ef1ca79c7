"""What a refusal was about: the changing parts are folded, and different rules stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncadmin.sync.failure_causes import FOLD, LONGEST, cause_of, fold

RULE, TRIGGER = "FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


@pytest.mark.parametrize(("code", "message", "folded"), [
    ("STRING_TOO_LONG", "Phone: data value too large: 0123 456 (really) (max length=40)",
     "Phone: data value too large: … (max length=…)"),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Industry: bad value for restricted picklist field: Space Mining",
     "Industry: bad value for restricted picklist field: …"),
    ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: ada at acme", "Email: invalid email address: …"),
    ("DUPLICATE_VALUE", "duplicate value found: Ext__c duplicates value on record with id: 00Q5e00000AbCdEFGH",
     "duplicate value found: Ext__c duplicates value on record with id: …"),
    ("UNABLE_TO_LOCK_ROW",
     "unable to obtain exclusive access to this record or 2 records: 0015e00000AbCdE,0035e00000AbCdEFGH",
     "unable to obtain exclusive access to this record or … records: …"),
    ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", "Required fields are missing: [Company]"),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "invalid cross reference id"),
    ("UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId 1234567890-12345 (-1234567890)",
     "An unexpected error occurred. ErrorId … (…)"),
    ("INVALID_FIELD", "No such column 'Region__c' on sobject of type Lead",
     "No such column 'Region__c' on sobject of type Lead"),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", "We can't save this record: the “Router” process failed. Error ID: 12-34 (5)",
     "We can't save this record: the “Router” process failed. Error ID: … (…)"),
    (TRIGGER, "Router: BeforeUpdate caused by: System.QueryException: no owner for 'Ada Byron'\n\nline 12",
     "Router: BeforeUpdate caused by: System.QueryException: no owner for … line …"),
    ("SOMETHING_NEW", 'Call of 2026-11-27T10:00:00.000Z to https://a.example/x?y=1 by a@b.example said "no"',
     "Call of … to … by … said …"),
    (RULE, "Phone must have 10 digits", "Phone must have 10 digits"),
    (RULE, 'Status must be "Open"', 'Status must be "Open"'),
    (RULE, "Ask 00Q5e00000AbCdEFGH (ada@acme.example, 4915112345678)", "Ask … (…)"),
    ("", "", ""),
])  # fmt: skip
def test_what_changes_from_person_to_person_is_folded(code: str, message: str, folded: str) -> None:
    assert fold(message, code=code) == folded


def test_names_and_values_of_the_person_are_folded_wherever_they_stand() -> None:
    one = fold("Lead Ada Byron of Acme Ltd has no region", ["Ada Byron", "Acme Ltd"], code=TRIGGER)
    other = fold("Lead Li of Navy Inc has no region", ["Li", "Navy Inc", "Li Wei"], code=TRIGGER)
    assert one == "Lead … of … has no region"
    assert other == "Lead Li of … has no region"  # two letters occur in any sentence


def test_a_word_of_a_rule_that_happens_to_be_the_persons_city_stays() -> None:
    assert fold("London is closed.", ["London"], code=RULE) == "London is closed."
    assert fold("Ada Byron is blocked.", ["Ada Byron"], code=RULE) == "… is blocked."


@pytest.mark.parametrize(("one", "other"), [
    ((RULE, "London is closed.", ["city"]), (RULE, "Paris is closed.", ["city"])),
    ((RULE, "At most 5 words", ["notes"]), (RULE, "At most 7 words", ["notes"])),
    ((RULE, 'Not "Open"', []), (RULE, 'Not "Closed"', [])),
    (("STRING_TOO_LONG", "x", ["phone"]), ("STRING_TOO_LONG", "x", ["fax"])),
    (("A", "x", []), ("B", "x", [])),
    (("REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", ["company"]),
     ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["last_name"])),
])  # fmt: skip
def test_different_rules_fields_and_codes_do_not_merge(
    one: tuple[str, str, list[str]], other: tuple[str, str, list[str]]
) -> None:
    assert cause_of("push", *one).key != cause_of("push", *other).key


def test_the_two_directions_do_not_merge_and_the_order_of_fields_does_not_matter() -> None:
    assert cause_of("push", "A", "x").key != cause_of("pull", "A", "x").key
    assert cause_of("push", "A", "x", ["a", "b"]) == cause_of("push", "A", "x", ["b", "a", "a"])


def test_a_long_message_is_cut_between_words_and_an_endless_word_is_folded() -> None:
    assert fold("x" * 10_000) == FOLD
    text = fold("word " * 2_000)
    assert len(text) <= LONGEST
    assert text.endswith("word")


# --- Properties ------------------------------------------------------------------------------------------
codes = st.sampled_from(
    [RULE, TRIGGER, "STRING_TOO_LONG", "INVALID_FIELD", "CANNOT_EXECUTE_FLOW_TRIGGER", "NEW"]
)
noise = st.text(st.sampled_from("aB1 …\"'“”‘’«»0.,:;-@/()[]=\n\t") | st.characters(), max_size=80)
template_words = st.lists(
    st.text(st.sampled_from("abcdefghij"), min_size=1, max_size=9), min_size=1, max_size=6
)
letters = "abcdefghijkmnpqrstuvwxyz"
ids = st.text(st.sampled_from(letters + "0123456789"), min_size=12, max_size=12).map(
    lambda rest: f"00Q{rest}"
)
mails = st.text(st.sampled_from(letters), min_size=1, max_size=8).map(lambda name: f"{name}@acme.example")
numbers = st.integers(min_value=0, max_value=10**12).map(str)
quoted = st.text(st.sampled_from(letters + " 0123456789"), max_size=12).map(lambda text: f'"{text}"')


@given(noise, st.lists(noise, max_size=3), codes)
def test_folding_twice_changes_nothing(message: str, values: list[str], code: str) -> None:
    folded = fold(message, values, code=code)
    assert fold(folded, values, code=code) == folded
    assert len(folded) <= LONGEST


@given(template_words, template_words, st.data(), st.sampled_from([ids, mails, numbers, quoted]))
def test_messages_that_differ_only_in_changing_parts_are_one_cause(
    before: list[str], after: list[str], data: st.DataObject, part: st.SearchStrategy[str]
) -> None:
    one, other = (" ".join([*before, data.draw(part), *after]) for _ in range(2))
    assert cause_of("push", TRIGGER, one) == cause_of("push", TRIGGER, other)


@given(template_words, template_words, codes)
def test_messages_of_different_words_are_different_causes(
    one: list[str], other: list[str], code: str
) -> None:
    same = cause_of("push", code, " ".join(one)) == cause_of("push", code, " ".join(other))
    assert same is (one == other)


@given(
    template_words,
    st.text(st.sampled_from(letters), min_size=4),
    st.text(st.sampled_from(letters), min_size=4),
)
def test_the_persons_own_values_are_no_difference(words: list[str], one: str, other: str) -> None:
    texts = [
        fold(" ".join([*words, value.upper(), "end"]), [value.upper()], code=TRIGGER)
        for value in (one, other)
    ]
    assert texts[0] == texts[1]
