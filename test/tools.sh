# Sourced by scripts that install other people's programs for tests: $cache is the folder that keeps them.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${S3COPY_TOOLS_CACHE:-$root/.cache/tools}
mkdir -p "$cache"

# Installs packages of the system, with newer lists only where the present ones do not do.
apt_install() {
  local install=(apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 "$@")
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
  # In run level 1 packages start no services.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  "${install[@]}" || { apt-get update -qq && "${install[@]}"; }
}

# Makes a Python environment: Debian's Python comes without what that needs.
make_venv() { # folder
  rm -rf "$1"
  python3 -m venv "$1" || { apt_install python3 python3-venv && rm -rf "$1" && python3 -m venv "$1"; }
}

# Installs Python packages into a folder of their own: name, program, packages.
pip_install() {
  local folder=$cache/$1 program=$2
  shift 2
  # The packages are written down last, so that a broken or an older installation is made anew.
  [[ -x $folder/bin/$program && $(cat "$folder/installed" 2>/dev/null) == "$*" ]] && return
  make_venv "$folder" && "$folder/bin/pip" install --quiet "$@" && echo "$*" >"$folder/installed"
}

# Ends the script because a program is not there that this project does not install: the tests are skipped.
skip_without() { # program, what needs it
  echo "skipped: $2 needs $1, which is not there" | tee -a "${S3COPY_SKIPPED:-/dev/null}"
  exit 0
}

# Ends the script because something cannot be installed: in CI that is a failure, elsewhere the tests are skipped.
skip() { # what is missing, log of its installation
  echo "skipped: needs $1 (as root on Debian or Ubuntu, with its packages and those of Python and Go)" |
    tee -a "${S3COPY_SKIPPED:-/dev/null}"
  tail -n 5 "$2"
  [[ -z ${CI:-} ]] || exit 1
  exit 0
}
