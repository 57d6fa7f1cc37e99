#!/bin/sh
# Make .venv as uv.lock says, on a machine that has only Python >= 3.12 and make.
# Uses a uv that works, else a private one in .uv/. Never downloads a Python.
set -eu
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9

say() { printf '%s\n' "$*" >&2; }

fit() { # this command starts a Python of at least 3.12
    "$@" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

# Print the full path of the best Python; a pyenv shim that refuses is passed over.
find_python() {
    for name in python3.13 python3.12 python3.14 python3; do
        if fit "$name"; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    root="${PYENV_ROOT:-$HOME/.pyenv}/versions"
    for minor in 13 12 14; do
        for candidate in "$root"/3.$minor.*/bin/python; do
            if fit "$candidate"; then
                printf '%s\n' "$candidate"
                return
            fi
        done
    done
    return 1
}

private_uv() {
    if [ -x .uv/bin/uv ] && ./.uv/bin/uv --version >/dev/null 2>&1; then
        return
    fi
    say "No working uv here: making a private one in .uv/ …"
    rm -rf .uv
    if "$PYTHON" -m venv .uv >/dev/null 2>&1; then
        .uv/bin/python -m pip install --quiet "uv==$UV_VERSION"
    elif "$PYTHON" -m pip --version >/dev/null 2>&1; then
        # Debian's Python without python3-venv. A partial .uv may be left behind.
        rm -rf .uv
        "$PYTHON" -m pip install --quiet --target .uv "uv==$UV_VERSION"
    else
        rm -rf .uv
        say "This Python has neither venv nor pip. On Debian or Ubuntu:"
        say "    sudo apt-get install python3-venv"
        exit 1
    fi
}

if ! PYTHON=$(find_python); then
    say "Relance needs Python 3.12 or newer, and none was found."
    say "    Debian 13, Ubuntu 24.04: sudo apt-get install python3 python3-venv"
    say "    macOS: brew install python@3.13     with pyenv: pyenv install 3.13"
    exit 1
fi

# A virtual environment that is active elsewhere is not ours.
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH UV_PYTHON || true
# What pip was told about this network holds for uv too.
if [ -n "${PIP_CERT:-}" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
    export SSL_CERT_FILE="$PIP_CERT"
fi
if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi
export UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv

# A pyenv shim is there and fails: only an answer counts.
if uv --version >/dev/null 2>&1; then
    UV=uv
else
    private_uv
    UV=./.uv/bin/uv
fi
say "Installing what Relance needs into .venv ($("$PYTHON" --version)) …"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
install() { "$UV" sync --frozen --quiet --python "$PYTHON"; }
# The system's certificates first: many offices have a proxy with one of its own.
# A bare container has none: then those that uv brings along.
UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true install 2>"$errors" || install || {
    cat "$errors" >&2
    exit 1
}
touch .venv/.ready
