"""Files out of git: `REV:path`, the revisions of a file, and what is said where there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.files.revisions import content_at, file_of_revision, names_a_revision, revisions_of

WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *WHO, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which `below/a.yaml` has said one, then two, and is called `b.yaml` then."""
    git(tmp_path, "init", "-q")
    below = tmp_path / "below"
    below.mkdir()
    for words in ("one", "two"):
        (below / "a.yaml").write_text(words + " and much more that stays as it is\n" * 5)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", f"Say {words}")
    git(tmp_path, "mv", "below/a.yaml", "below/b.yaml")
    git(tmp_path, "commit", "-q", "-m", "Another name")
    monkeypatch.chdir(below)
    return below


@pytest.mark.parametrize("path", ["a.yaml", "below/a.yaml"])
def test_a_file_is_taken_out_of_a_revision(kept: Path, path: str) -> None:
    """By its path from the working directory, or from the top of the repository."""
    assert names_a_revision(f"HEAD~2:{path}")
    assert file_of_revision(f"HEAD~2:{path}").startswith(b"one")
    assert file_of_revision(f"HEAD~1:{kept / 'a.yaml'}").startswith(b"two")


def test_a_file_has_its_revisions_under_its_earlier_names(kept: Path) -> None:
    """The oldest first, each with what its message says and what the file held."""
    found = revisions_of("b.yaml")
    assert [each.subject for each in found] == ["Say one", "Say two", "Another name"]
    held = [content_at(each, "b.yaml") or b"" for each in found]
    assert [each[:3] for each in held] == [b"one", b"two", b"two"]


def test_a_file_that_is_called_so_comes_first(kept: Path) -> None:
    """A colon may stand in the name of a file, and a word without a path names no revision."""
    (kept / "HEAD:a.yaml").write_text("")
    assert not names_a_revision("HEAD:a.yaml")
    assert not names_a_revision("HEAD:")
    assert not names_a_revision("--upload-pack=x:a.yaml")


@pytest.mark.parametrize(
    ("name", "told"),
    [("nowhere:a.yaml", "no revision 'nowhere'"), ("HEAD:z.yaml", "no file 'z.yaml' in revision 'HEAD'")],
)
def test_what_is_not_there_is_told_in_a_line(kept: Path, name: str, told: str) -> None:
    """The revision or the file, and how to find those that are there."""
    with pytest.raises(InputError) as error:
        file_of_revision(name)
    (line,) = error.value.problems
    assert told in line


def test_a_missing_history_or_git_is_told(
    kept: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without a revision, a folder without a repository, and a machine without git."""
    with pytest.raises(InputError, match="no revision has it"):
        revisions_of("z.yaml")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path_factory.getbasetemp().parent))
    monkeypatch.chdir(tmp_path_factory.mktemp("plain"))
    with pytest.raises(InputError, match="in no repository of git"):
        file_of_revision("HEAD:a.yaml")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="git is not installed"):
        file_of_revision("HEAD:a.yaml")
