"""Invented names of companies: three syllables that no Flemish company bears, behind a word for the trade."""

from __future__ import annotations

FIRST = ("Brur", "Dwel", "Fnor", "Glim", "Jup", "Kwor", "Mirp", "Nolk", "Prux", "Quos", "Spliv", "Trug", "Vlork", "Wexel", "Zilp")
SECOND = ("abo", "edu", "ifa", "oka", "umi", "ano", "epu", "ira", "osu", "uvi", "ago", "emi", "iza", "olu")
THIRD = ("dax", "fon", "gimp", "kwist", "nop", "por", "quil", "rax", "snit", "tov", "vlin", "wick", "zet")


def invented(number: int) -> str:
    """The name with this number; all numbers up to 2,730 give different names, and neighbours look different."""
    count = len(FIRST) * len(SECOND) * len(THIRD)
    if not 0 <= number < count:
        raise ValueError(f"there are {count} names")
    # 1,009 is prime and no divisor of the count, so the steps visit every name once.
    code = number * 1009 % count
    first, rest = divmod(code, len(SECOND) * len(THIRD))
    second, third = divmod(rest, len(THIRD))
    return FIRST[first] + SECOND[second] + THIRD[third]


def enterprise_number(number: int) -> str:
    """A made-up enterprise number of ten digits with the right check digits (97 minus the rest of the first eight by 97), in a range not given out."""
    base = 1_000_000 + 37 * number
    return f"{base:08d}{97 - base % 97:02d}"
