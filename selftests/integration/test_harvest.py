# SPDX-License-Identifier: MIT
"""What outlives a cell: outputs of foreign cases, and what --keep-writes asks for."""

import json
import re
from pathlib import Path

WRITES = """#!/bin/sh
echo out > "$TEST_UNDECLARED_OUTPUTS_DIR/log.txt"
mkdir "$TEST_UNDECLARED_OUTPUTS_DIR/deep" && echo x > "$TEST_UNDECLARED_OUTPUTS_DIR/deep/y"
ln -s /etc/passwd "$TEST_UNDECLARED_OUTPUTS_DIR/link"
mkfifo "$TEST_UNDECLARED_OUTPUTS_DIR/fifo"
cd "$(dirname "$0")" || exit 9
echo new > old && rm gone && mkdir made && echo program > made/run && chmod 755 made/run
ln -s old link && mkfifo fifo && echo mine > "$TEST_TMPDIR/mine"
"""


def tree(cloche):
    script = cloche.script("writes", WRITES)
    for name in ("old", "gone"):
        (script.parent / name).write_text(name)
        (script.parent / name).chmod(0o666)
    return script


def files(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*")
            if path.is_symlink() or path.is_file()}


def test_outputs_are_attached(cloche, work):
    """Regular files only: a link would be one out of the cell, a FIFO would hang."""
    script = tree(cloche)
    result = cloche.run("--artifacts=kept", script, cwd=work)
    assert result.status == 0, result
    (event,) = [event for event in map(json.loads, result.out.splitlines())
                if event["event"] == "case-ended"]
    assert {one["name"]: one["bytes"] for one in event["attachments"]} == \
        {"log.txt": 4, "deep/y": 2}
    for one in event["attachments"]:
        assert (work / one["file"]).read_text() in ("out\n", "x\n")
    assert len(files(work / "kept")) == 2
    assert not (script.parent / "made").exists()


def test_outputs_of_a_shared_tmp_are_removed(cloche, work):
    """With root=host that directory is the machine's."""
    script = cloche.script("says", "#!/bin/sh\necho \"$TEST_UNDECLARED_OUTPUTS_DIR\"\n"
                           "echo 1 > \"$TEST_UNDECLARED_OUTPUTS_DIR/one\"\n")
    result = cloche("run", "--root=host", "--success-output=final", "--artifacts=kept", script,
                    cwd=work)
    assert result.status == 0, result
    (place,) = re.findall(r"^/tmp/cloche-outputs-\w+$", result.out, re.M)
    assert not Path(place).exists()
    assert len(files(work / "kept")) == 1


def test_writes_are_kept(cloche, work):
    script = tree(cloche)
    result = cloche.run("--keep-writes=all", script, cwd=work)
    assert result.status == 0, result
    (place,) = (work / "all").iterdir()
    assert place.name.endswith(".writes.1")
    where = str(script.parent).lstrip("/")
    kept = {name for name in files(place) if not name.startswith("tmp/cloche-")
            or name.startswith(where)}
    assert kept == {"REMOVED", f"{where}/old", f"{where}/made/run", f"{where}/link"}
    assert (place / "REMOVED").read_text() == f"{where}/gone\n"
    assert (place / where / "old").read_text() == "new\n"
    assert (place / where / "made/run").stat().st_mode & 0o777 == 0o755
    assert (place / where / "link").readlink().name == "old"
    assert [name for name in files(place) if name.endswith("/mine")]
    assert (script.parent / "old").read_text() == "old"


def test_writes_replace_those_of_an_earlier_run(cloche, work):
    """And a link that somebody left on the way leads nowhere."""
    script = tree(cloche)
    assert cloche.run("--keep-writes=all", script, cwd=work).status == 0
    (place,) = (work / "all").iterdir()
    made = place / str(script.parent).lstrip("/") / "made"
    (made / "run").unlink()
    made.rmdir()
    elsewhere = work / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    made.symlink_to(elsewhere)
    result = cloche("run", "--keep-writes=all", script, cwd=work)
    assert result.status == 0 and "what was written by writes cannot be kept" in \
        result.out + result.err
    assert not list(elsewhere.iterdir())


def test_writes_have_no_place(cloche, work):
    (work / "file").write_text("")
    result = cloche("run", "--keep-writes=file", tree(cloche), cwd=work)
    assert result.status == 0
    assert "what was written by writes cannot be kept: Not a directory" in result.out + result.err
