"""Types command lines into real shells, presses Tab and prints what arrives as arguments, as a Markdown table.

usage: completions.py PROGRAM MODEL   (the model of the invented harbour)
Installs each script where `placewise --help` says. Shells that are absent are skipped. Exits with 1 if a line is completed wrongly.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

program, model = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
folder = Path(tempfile.mkdtemp())
(folder / "bin").mkdir()
(folder / "bin/placewise").symlink_to(program)
for name in ["m.json", "my model.json"]:
    (folder / name).symlink_to(model)

# What is typed, and the arguments that the completed line has.
LINES = [
    ("a command", "placewise assu", ["placewise", "assumptions"]),
    ("an option", "placewise query berths --lim", ["placewise", "query", "berths", "--limit"]),
    ("a report", "placewise query --model m.json bert", ["placewise", "query", "--model", "m.json", "berths"]),
    ("a report of a quoted file", "placewise query --model 'my model.json' bert", [..., "my model.json", "berths"]),
    ("a field", "placewise query berths --model m.json --columns leng", [..., "--columns", "length"]),
    ("a second field", "placewise query berths --model m.json --columns id,leng", [..., "--columns", "id,length"]),
    ("an aggregation", "placewise query berths --model m.json --by kin", [..., "--by", "kind"]),
    ("a value without quotes", "placewise query berths --model m.json --where kind=dr", [..., "--where", "kind=dry"]),
    ("a field after escapes", "placewise query berths --model m.json --where kind\\ =\\ dry\\ and\\ leng", [..., "--where", "kind = dry and length"]),
    ("a field of a quoted condition", "placewise query berths --model m.json --where 'kin", [..., "--where", "kind"]),
    ("a value in quotes", "placewise query berths --model m.json --where 'kind = dr", [..., "--where", "kind = dry"]),
]

# What a shell cannot do, whatever the program offers.
SPLITS = "not completed: bash splits words at `=`, so quote the condition"
KNOWN = {("bash", "a value without quotes"): SPLITS, ("bash", "a field after escapes"): SPLITS}

SHELLS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], "completions.bash", "source ~/completions.bash; bind 'set bell-style none'"),
    "zsh": (["zsh", "-d", "-f", "-i"], ".zfunc/_placewise", "bindkey -e; fpath=(~/.zfunc $fpath); autoload -Uz compinit; compinit -u"),
    "fish": (["fish", "--private", "-i"], ".config/fish/completions/placewise.fish", "set -g fish_greeting; set -g fish_autosuggestion_enabled 0"),
    "pwsh": (["pwsh", "-NoProfile"], "profile.ps1", ". ~/profile.ps1"),
}
ESCAPES = re.compile(r"\x1b\[[0-9;?>=]*[a-zA-Z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[=>()][0B]?|[\r\x07\x0f]")


class Shell:
    def __init__(self, command):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            path = f"{folder}/bin:{os.environ['PATH']}"
            names = {"HOME": str(folder), "PATH": path, "TERM": "xterm", "LANG": "C.UTF-8", "PS1": "$ ", "COLUMNS": "200"}
            os.execvpe(command[0], command, names)

    def send(self, text):
        os.write(self.terminal, text.encode())

    def until(self, pattern, seconds=10.0):
        """What the shell prints, up to the pattern. Without one, until it is silent."""
        said, end, silence = "", time.monotonic() + seconds, 0.6
        while time.monotonic() < end:
            ready, _, _ = select.select([self.terminal], [], [], silence)
            if not ready:
                if pattern is None:
                    break
                continue
            try:
                part = os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:
                break
            # fish asks the terminal what it is, and waits for the answer.
            if "\x1b[c" in part or "\x1b[0c" in part:
                self.send("\x1b[?62;c")
            said += part
            if pattern and re.search(pattern, ESCAPES.sub("", said)):
                break
        return ESCAPES.sub("", said)


def completed(name, line):
    """The arguments of a line after Tab, as that shell splits them."""
    command, _, setup = SHELLS[name]
    shell = Shell(command)
    shell.until(None)
    shell.send(setup + "\n")
    shell.until(None)
    shell.send(line)
    shell.until(None, 2.0)
    shell.send("\t")
    shell.until(None)
    # A quote that is still open is closed, and the line becomes the arguments of another command.
    still_open = "'" in line
    shell.send("\x05")
    before = shell.until(None, 1.5)
    shell.send("\x01" + "printf '<%s>' ")
    shell.until(None, 1.5)
    shell.send("\x05\n")
    said = shell.until(r"<placewise>.*>", 3.0)
    if still_open and not re.search(r"<placewise>", said):
        shell.send("'\n")
        said = shell.until(r"<placewise>.*>", 3.0)
    os.close(shell.terminal)
    found = re.search(r"(<placewise>.*>)", said.replace("\n", ""))
    return re.findall(r"<([^<>]*)>", found.group(1)) if found else [before + said]


def fits(arguments, expected):
    if expected[0] is ...:
        return arguments[-len(expected) + 1:] == expected[1:]
    return arguments == expected


wrong = 0
print("| shell | completes | typed | result |")
print("|---|---|---|---|")
for name, (command, file, _) in SHELLS.items():
    if not shutil.which(command[0]):
        print(f"| {name} | | | skipped: not installed |")
        continue
    script = subprocess.run([program, "completions", "powershell" if name == "pwsh" else name], check=True, capture_output=True).stdout
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(script)
    about = subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
    version = re.search(r"\d+(\.\d+)+", about).group(0)
    for what, line, expected in LINES:
        arguments = [argument.rstrip() for argument in completed(name, line)]
        good, known = fits(arguments, expected), KNOWN.get((name, what))
        wrong += good == (known is not None)
        result = known or "completed" if good != (known is not None) else f"WRONG: {arguments!r}; expected {expected!r}"
        print(f"| {name} {version} | {what} | `{line}` | {result} |", flush=True)
shutil.rmtree(folder)
sys.exit(1 if wrong else 0)
