"""Texts that somebody may have meant to do harm with, where a name belongs.

`NAMES` are three hundred names of VMs, each unlike the others also when it is cut; `INJECTIONS` is
what is tried on databases. `unsafe` finds in a text what must never reach a terminal, a log line or
a metric as it is.
"""

import unicodedata
from typing import Final

_C0: Final = [chr(code) for code in (*range(1, 32), 127)]
_C1: Final = [chr(code) for code in range(0x80, 0xA0)]
_FORMAT: Final = [
    *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\u2028", "\u2029", "\ufeff"),
    *("\u2060", "\u00ad", "\u180e", "\ufff9", "\U000e0001", "\U000e0041", "\U000e007f"),
    *("\U000f0000", "\ufdd0"),
]
_SEQUENCES: Final = [
    *("\x1b[2J", "\x1b[H", "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x\x07y\x1b]8;;\x07"),
    *("\x1b[?25l", "\x1b[6n", "\x1b[1A\x1b[2K", "\x1bc", "\x1b(0", "\x1bP+q544e\x1b\\", "\x9b2J"),
    *("\x9d0;x\x9c", "\x1b[200~rm -rf x\n", "a\rb", "a\x08\x08b", "a\x0cb", "a\x0bb", "\x85next"),
    *("\r\n\r\nHTTP/1.1 200 OK", "x\nSet-Cookie: a=b", "\n\n\n", "\t\t\t", "line\nfeed"),
    *("\u202egnp.exe", "\u2066a\u2069", "a\u200bb", "zero\u200dwidth", "\ufeffbom"),
]
_LINES: Final = [
    *('web\n{"level": "audit", "event": "approved"}', '","level":"audit","x":"', '"}\n{"a":"'),
    *("2026-01-01T00:00:00Z level=info event=approved", 'a" event="approved', "=", "a=b c=d"),
    *("data: {}\n\nevent: alert\ndata: x", "id: 99\n", ": comment", "\nretry: 1\n", "%s%n{0}"),
    *("${jndi:ldap://x/a}", "{{7*7}}", "%0a%0dx", "\\n\\u001b", "\\x1b[31m", "&#10;", "\\"),
    *('x" 1\nvmuster_hosts{host="y', "# HELP x", "a,b,c", '"a","b"', "a;b|c", "---\n- yaml", "!!x"),
    *("*anchor", "&anchor", "yes", "null", "NaN", "1e9", "0x10", "~", "- item", "key: value", "#c"),
    *("true", "Infinity", "[]", "{}"),
]
_MARKUP: Final = [
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]><!-- -->", "&lt;b&gt;"),
    *(
        '"><svg onload=alert(1)>',
        "javascript:alert(1)",
        "[bold red]x[/]",
        "[link=http://x]y[/link]",
    ),
    *(":smile:", "`id`", "**bold**", "[a](http://x)", "x</name><name>y", "<!DOCTYPE x>", "|a|b|"),
]
_WORDS: Final = [
    *("--all", "--x", "-uuid", "-h", "--", "-", "--host=alpha", "-o json", "--yes", "@file", "+1"),
    *("$(id)", "a';id;'", "a b", " lead", "trail ", "  ", "..", ".", "a/b", "../../etc/passwd"),
    *("C:\\x", "a?b", "a#b", "a%2Fb", "%", "%00", "~root", "*", "[a-z]", "!!", "a&b", "a|b", "a>b"),
    *("=1+1", "@SUM(A1)", "=cmd|'/C calc'!A0", "-1+1", "\t=1", "\u1ff4", "None", "undefined", "0"),
    *("fleet", "alpha", "self", "i-2-3-VM", "i-\u0662-3-VM", "i-2-3-VM ", "I-2-3-VM", "i-2-03-VM"),
]
_SCRIPTS: Final = [
    *(
        "\u0430lpha",
        "w\u0435b-01",
        "\uff57\uff45\uff42",
        "\u2160\u2161",
        "\u1d5c\u1d49\u1d47",
        "ｉ-2-3-VM",
    ),
    *(
        "שרת",
        "خادم",
        "שרת abc 123",
        "abc خادم",
        "サーバー",
        "服务器",
        "सर्वर",
        "เซิร์ฟเวอร์",
        "서버",
        "ümläut",
    ),
    *("cafe\u0301", "caf\u00e9", "z\u0335\u0322\u0327a\u0335lgo" + "\u0335" * 60, "\U0001f600"),
    *("\U0001f468\u200d\U0001f469\u200d\U0001f466", "\U0001f1e9\U0001f1ea", "a\ufe0fb", "\u3000"),
    *("\u00a0", "\u2003x", "ﬁ", "İ", "ß", "ſ", "K", "\u115f", "\u3164", "\u2800"),
]
_LONG: Final = [letter * 1_000_000 for letter in ("A", "é", "\u202e", "\x1b", "\U0001f600")]
INJECTIONS: Final = [
    *("' OR '1'='1", "' OR 1=1 --", '" OR ""="', "'; DROP TABLE hosts; --", "1; DELETE FROM vms"),
    *("') OR ('1'='1", "' UNION SELECT name FROM sqlite_master --", "' UNION ALL SELECT 1,2,3 --"),
    *(
        "admin'--",
        "' AND 1=(SELECT COUNT(*) FROM journal) --",
        "'||(SELECT sql FROM sqlite_schema)",
    ),
    *("' AND randomblob(100000000) --", "1' AND SLEEP(5) --", "'; ATTACH DATABASE 'x' AS y; --"),
    *("'; PRAGMA writable_schema=1; --", "' OR name LIKE '%", "%", "_", "*", "?", ":1", "@p", "$1"),
    *(
        "\\'",
        "''",
        "`",
        "\x00' OR 1=1",
        "' /* */ OR 1=1",
        "load_extension('x')",
        "0x27",
        "char(39)",
    ),
    *("'; UPDATE api_keys SET scope='admin'; --", "'; INSERT INTO api_keys VALUES (1); --"),
    *("' COLLATE NOCASE --", "' GLOB '*", "x' ESCAPE '\\", "1e309", "-1", "9223372036854775808"),
]
"""Tried on every text field and query: each has to be taken for an unknown text."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _names() -> list[str]:
    singles = [f"{number}{each}x" for number, each in enumerate([*_C0, *_C1, *_FORMAT])]
    words = [*_SEQUENCES, *_LINES, *_MARKUP, *_WORDS, *_SCRIPTS, *_LONG, *INJECTIONS]
    return list(dict.fromkeys([*singles, *(word for word in words if "\x00" not in word)]))[:300]


NAMES: Final = _names()
"""Three hundred. No hypervisor's name can have a NUL, or what is not Unicode."""
SURROGATES: Final = ("\ud800", "a\udfffb", "\udc80x", "\ud83d alone", "\udc9b31m")
"""What is not Unicode, and can be said in JSON all the same."""


def unsafe(text: str, *, but: str = "\n") -> set[str]:
    """The characters of a text that hide, move or reorder others, other than those of `but`."""
    return {
        character
        for character in set(text)
        if unicodedata.category(character) in _HIDDEN and character not in but
    }
