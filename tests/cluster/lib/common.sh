# What every script here needs: how to speak, and where the cache is.
# shellcheck shell=bash

say() { printf '%s: %s\n' "${SPEAKER:-cluster}" "$*" >&2; }
die() { say "$*"; exit 1; }

cache_root() { printf '%s\n' "${FLOWLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flowletctl}/cluster"; }

# A descriptor that a daemon inherits keeps the caller's pipe open for as long as the daemon lives.
close_inherited_descriptors() {
    local path fd
    for path in "/proc/$BASHPID/fd/"*; do
        fd=${path##*/}
        if ((fd > 2)); then eval "exec $fd>&-"; fi
    done
}
