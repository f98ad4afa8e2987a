"""What somebody writes who wants out of a root, or wants trouble with names."""

# 60 ways to say "somewhere else".
TRAVERSALS = (
    "../out", "study:../out", "study:a/../../out", "study:a/..", "study:..", "study:.", "study:./a",
    "study:a/./b", "study:/a", "study://a", "study:a//b", "study:....//a", "study:..;/a", "study:...",
    "study:.../a", "study:..\\a", "study:a\\..\\..\\out", "study:\\a", "study:..%2fa", "study:%2e%2e/a",
    "study:%2e%2e%2fa", "study:..%252fa", "study:%c0%ae%c0%ae/a", "study:..%c0%afa", "study:..%5ca",
    "study:\uff0e\uff0e/a", "study:\u2025/a", "study:..\u2215a", "study:..\u2044a", "study:\u2024\u2024/a",
    "study:~/a", "study:~root/a", "study:$HOME/a", "study:${HOME}/a", "study:$(pwd)/a", "study:`pwd`/a",
    "study:a/~", "~", "~root", "$HOME", "/etc/passwd", "/etc", "/", "//etc", "/proc/self/root/etc",
    "/dev/null", "/sys", "\\\\host\\share", "C:\\out", "C:/out", "c:out", "file:///etc/passwd",
    "http://127.0.0.1/a", "other:a", "STUDY:a", " study:a", "study", "", ":a", "etc/passwd",
)  # fmt: skip

# 30 names that no folder should get.
HOSTILE_NAMES = (
    "CON", "nul", "NUL.txt", "com1", "LPT9.sqlite", "aux.db", "a.", "a ", " a", ".hidden", "..a", "-rf",
    "--help", "a\x00b", "a\nb", "a\rb", "a\tb", "a\x1bb", "a\x7fb", "a\u202egpj", "a\u200bb", "a\ufeffb",
    'a"b', "a'b", "a;b", "a|b", "a*b", "a<b>", "a?b", "\ud800", "x" * 256, "\u00e9" * 128,
)  # fmt: skip
