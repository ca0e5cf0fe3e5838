import io
import os
import pickle
import shutil
import socket
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from extract.archive import MAX_RATIO
from extract.discover import discover
from extract.found import MAX_FILE_BYTES, Failure, Found, Scope
from extract.load import LoadError


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    files = [
        "b.md",
        "a.txt",
        "sub/c.html",
        ".hidden/d.md",
        "node_modules/e.md",
        "image.png",
        "requirements.txt",
        ".f.md",
    ]
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"Words of {name}.")
    return folder


def search(*arguments):
    """Return (root/path of the files found, path -> reason of the failures, scopes, texts)."""
    with discover([str(argument) for argument in arguments]) as discovery:
        items = list(discovery)
        found = [item for item in items if isinstance(item, Found)]
        failed = {item.path: item.reason for item in items if isinstance(item, Failure)}
        texts = [item.read().decode() for item in found]
    return [f"{item.root}/{item.path}" for item in found], failed, discovery.scopes, texts


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def tarred(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_a_folder_gives_its_files_in_order_without_hidden_generated_or_unknown_ones(notes):
    found, failed, scopes, texts = search(notes)
    assert found == ["notes/a.txt", "notes/b.md", "notes/sub/c.html"]
    assert texts[0] == "Words of a.txt."
    assert failed == {}
    assert scopes == [Scope(root="notes")]


def test_passed_over_files_are_counted(notes):
    with discover([str(notes)]) as discovery:
        list(discovery)
    assert discovery.skipped == 3


def test_a_file_by_itself_covers_itself_alone_whatever_its_suffix(notes):
    found, failed, scopes, _ = search(notes / "image.png")
    assert (found, failed) == (["notes/image.png"], {})
    assert scopes == [Scope(root="notes", path="image.png")]
    assert scopes[0].covers("notes", "image.png")
    assert not scopes[0].covers("notes", "a.txt")


def test_an_argument_inside_another_is_covered_by_it_unless_it_would_be_passed_over(notes):
    found, _, _, _ = search(notes / "sub", notes / "a.txt", notes, notes / ".f.md")
    assert found == ["notes/a.txt", "notes/b.md", "notes/sub/c.html", "notes/.f.md"]


def test_roots_of_one_name_are_told_apart_whatever_the_order(tmp_path):
    for side in "ab":
        (tmp_path / side / "notes").mkdir(parents=True)
        (tmp_path / side / "notes" / "x.md").write_text("Words.")
    forth = search(tmp_path / "a" / "notes", tmp_path / "b" / "notes")[0]
    back = search(tmp_path / "b" / "notes", tmp_path / "a" / "notes")[0]
    assert forth == back
    assert forth[0] == "notes/x.md"
    assert forth[1].startswith("notes-")


def test_what_was_found_can_be_sent_to_another_process(notes):
    with discover([str(notes)]) as discovery:
        first = next(iter(discovery))
    assert pickle.loads(pickle.dumps(first)).read() == b"Words of a.txt."


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "no such file or folder"),
        (lambda path: path.mkdir(), "an empty folder"),
        (lambda path: os.mkfifo(path), "a named pipe, not a file"),
        (lambda path: path.symlink_to(path), "Too many levels"),
        (
            lambda path: (path.touch(), os.truncate(path, 100 * 1024 * 1024)),
            "100 MB; at most 32 MB a file are read",
        ),
    ],
    ids=["missing", "empty", "pipe", "loop", "large"],
)
def test_an_argument_that_cannot_be_read_says_why(tmp_path, make, reason):
    make(tmp_path / "x.md")
    found, failed, _, _ = search(tmp_path / "x.md")
    assert found == []
    assert reason in failed[str(tmp_path / "x.md")]


def test_a_folder_of_other_files_says_so(tmp_path):
    (tmp_path / "a.png").write_text("x")
    assert search(tmp_path)[1] == {str(tmp_path): "no file of a known kind, only 1 of others"}


def test_a_socket_in_a_folder_costs_itself_alone(notes):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(notes / "s.md"))
        found, failed, _, _ = search(notes)
    assert len(found) == 3
    assert failed == {"notes/s.md": "a device or socket, not a file"}


def test_links_are_harmless(notes, tmp_path):
    (tmp_path / "secret.md").write_text("Secret.")
    (notes / "loop").symlink_to(notes)
    (notes / "again.md").symlink_to(notes / "a.txt")
    (notes / "out.md").symlink_to(tmp_path / "secret.md")
    (notes / "out").symlink_to("/")
    (notes / "gone.md").symlink_to(tmp_path / "nothing.md")
    found, failed, _, _ = search(notes)
    assert found == ["notes/a.txt", "notes/b.md", "notes/sub/c.html"]
    assert failed == {
        "notes/gone.md": "a link that leads nowhere",
        "notes/out": "a link that leads out of the folder; not followed",
        "notes/out.md": "a link that leads out of the folder; not followed",
    }


def test_a_name_that_is_not_utf8_is_refused(notes):
    (notes / os.fsdecode(b"\xff.md")).write_text("x")
    assert list(search(notes)[1].values()) == ["its name is not UTF-8"]


def test_a_file_that_goes_away_is_a_load_error(notes):
    with discover([str(notes / "a.txt")]) as discovery:
        (found,) = list(discovery)
    (notes / "a.txt").unlink()
    with pytest.raises(LoadError, match="No such file"):
        found.read()


def test_a_file_that_grows_beyond_the_limit_is_a_load_error(notes):
    with discover([str(notes / "a.txt")]) as discovery:
        (found,) = list(discovery)
    with (notes / "a.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(LoadError, match="at most 32 MB"):
        found.read()


@pytest.mark.parametrize("name", ["guide.zip", "guide.tar.gz", "guide.tgz", "guide.tar"])
def test_an_archive_gives_its_files_as_a_folder_does(tmp_path, notes, name):
    kind = "zip" if name.endswith("zip") else "tar" if name.endswith("tar") else "gztar"
    made = shutil.make_archive(str(tmp_path / "made"), kind, notes)
    path = tmp_path / name
    Path(made).rename(path)
    found, failed, scopes, texts = search(path)
    assert found == ["guide/a.txt", "guide/b.md", "guide/sub/c.html"]
    assert texts[1] == "Words of b.md."
    assert failed == {}
    assert scopes == [Scope(root="guide")]


def test_what_was_unpacked_goes_when_the_search_ends(tmp_path):
    with discover([str(zipped(tmp_path / "a.zip", {"a.md": "Words."}))]) as discovery:
        (found,) = list(discovery)
    with pytest.raises(LoadError):
        found.read()


LEAVING = ["../out.md", "/out.md", "a/../../out.md", "..\\out.md", "C:/out.md"]


def test_archive_members_that_lead_out_are_refused_and_the_others_read(tmp_path):
    names = dict.fromkeys(LEAVING, "x") | {"in.md": "Words."}
    found, failed, _, _ = search(zipped(tmp_path / "a.zip", names))
    assert found == ["a/in.md"]
    assert failed == {f"a/{name}": "its path leads out of the archive" for name in LEAVING}


def test_links_in_archives_are_refused(tmp_path):
    link, note = tarfile.TarInfo("link.md"), tarfile.TarInfo("note.md")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    found, failed, _, _ = search(tarred(tmp_path / "a.tar.gz", [(link, b""), (note, b"Words.")]))
    assert found == ["a/note.md"]
    assert "links in archives" in failed["a/link.md"]


def test_a_zip_bomb_is_refused(tmp_path):
    zeros = "0" * (MAX_FILE_BYTES // 2)
    path = zipped(tmp_path / "bomb.zip", {f"{number}.md": zeros for number in range(8)})
    assert sum(info.file_size for info in zipfile.ZipFile(path).infolist()) > MAX_RATIO * path.stat().st_size
    found, failed, scopes, _ = search(path)
    assert (found, scopes) == ([], [])
    assert "archive bomb" in failed[str(path)]


def test_a_tar_bomb_of_files_that_nobody_reads_is_refused_as_well(tmp_path):
    path = tarred(tmp_path / "bomb.tar.gz", [(tarfile.TarInfo("zeros.bin"), bytes(64 * 1024 * 1024))])
    assert "archive bomb" in search(path)[1][str(path)]


def test_a_member_beyond_the_limit_costs_itself_alone(tmp_path):
    noise = os.urandom(1024 * 1024).hex()
    path = zipped(tmp_path / "a.zip", {"large.md": noise * 17, "small.md": "Words."})
    found, failed, _, _ = search(path)
    assert found == ["a/small.md"]
    assert "at most 32 MB" in failed["a/large.md"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar"])
def test_a_damaged_archive_says_so(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04 not really an archive")
    assert "damaged archive" in search(tmp_path / name)[1][str(tmp_path / name)]


def test_a_truncated_archive_gives_nothing(tmp_path):
    path = tarred(tmp_path / "a.tar.gz", [(tarfile.TarInfo("a.md"), os.urandom(100_000))])
    path.write_bytes(path.read_bytes()[:50_000])
    found, failed, _, _ = search(path)
    assert found == []
    assert "damaged archive" in failed[str(path)]


def passed_over(*arguments):
    with discover([str(argument) for argument in arguments]) as discovery:
        items = list(discovery)
    return items, {item.path: item.reason for item in discovery.passed_over}


def test_an_archive_within_a_folder_is_told_with_what_to_do(notes):
    path = zipped(notes / "sub" / "older.zip", {"x.md": "Words."})
    items, told = passed_over(notes)
    assert len(items) == 3
    assert told == {
        "notes/sub/older.zip": f"an archive within a folder, not opened; to have it read, name {path} as well"
    }


def test_an_archive_within_a_folder_that_is_named_as_well_is_read(notes):
    path = zipped(notes / "older.zip", {"x.md": "Words."})
    items, told = passed_over(notes, path)
    assert "older/x.md" in {f"{item.root}/{item.path}" for item in items}
    assert told == {}


def test_an_archive_within_an_archive_is_told_with_what_to_do(tmp_path):
    zipped(tmp_path / "inner.zip", {"x.md": "Words."})
    members = {"a.md": "Words.", "more/inner.zip": (tmp_path / "inner.zip").read_bytes()}
    items, told = passed_over(zipped(tmp_path / "outer.zip", members))
    assert [item.path for item in items] == ["a.md"]
    assert list(told) == ["outer/more/inner.zip"]
    assert "unpack the outer one" in told["outer/more/inner.zip"]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "an empty archive"),
        ({"inner.zip": "x", "a.png": "x"}, "no file of a known kind, only 2 of others"),
    ],
)
def test_an_archive_without_a_file_to_read_says_so(tmp_path, members, reason):
    path = zipped(tmp_path / "a.zip", members)
    assert search(path)[1] == {str(path): reason}


def git(*arguments):
    names = ["-c", "user.name=n", "-c", "user.email=e@x.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *names, *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def bare(tmp_path, notes):
    git("init", notes)
    git("-C", notes, "add", "a.txt", "sub")
    git("-C", notes, "commit", "-m", "first")
    git("clone", "--bare", notes, tmp_path / "guide.git")
    return tmp_path / "guide.git"


def test_a_repository_is_cloned_from_its_address_and_from_a_bare_folder(bare):
    assert search(f"file://{bare}")[0] == ["guide/a.txt", "guide/sub/c.html"]
    found, failed, scopes, _ = search(bare)
    assert found == ["guide/a.txt", "guide/sub/c.html"]
    assert failed == {}
    assert scopes == [Scope(root="guide")]


def test_a_work_tree_is_a_folder_with_all_that_lies_in_it(bare, notes):
    assert search(notes)[0] == ["notes/a.txt", "notes/b.md", "notes/sub/c.html"]


def test_a_repository_that_cannot_be_cloned_says_what_git_says(tmp_path):
    address = f"file://{tmp_path}/none.git"
    found, failed, scopes, _ = search(address)
    assert (found, scopes) == ([], [])
    assert failed[address].startswith("git clone failed: ")


def test_without_git_a_repository_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    address = f"file://{tmp_path}/none.git"
    assert "needs git" in search(address)[1][address]


def test_a_password_in_an_address_is_not_repeated(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(search("https://me:secret@localhost/x.git")[1]) == ["https://localhost/x.git"]
