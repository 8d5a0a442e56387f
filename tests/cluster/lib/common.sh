# What every script here, and those of the servers beside it, need.
# shellcheck shell=bash

say() { printf '%s: %s\n' "${SPEAKER:-cluster}" "$*" >&2; }
die() { say "$*"; exit 1; }

# cache_root KIND
cache_root() { printf '%s\n' "${FLOWLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flowletctl}/$1"; }

random_token() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# One line of a file to be sourced.
assign() { printf "export %s=%s\n" "$1" "${2@Q}"; }

# An older one does not know how to fetch the Go that a module asks for.
require_go() {
    command -v go >/dev/null || die 'go is not in PATH (Go 1.24 or newer: golang-go on Debian 13)'
    [[ $(GOTOOLCHAIN=local go env GOVERSION) =~ ^go1\.([0-9]+) ]] || die 'cannot tell the version of go'
    ((BASH_REMATCH[1] >= 24)) || die "go is 1.${BASH_REMATCH[1]}, which is too old: wanted 1.24 or newer"
}

# A descriptor that a daemon inherits keeps the caller's pipe open for as long as the daemon lives.
close_inherited_descriptors() {
    local path fd
    for path in "/proc/$BASHPID/fd/"*; do
        fd=${path##*/}
        if ((fd > 2)); then eval "exec $fd>&-"; fi
    done
}
