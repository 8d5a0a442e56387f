# What quickstart and tests/run share.
# shellcheck shell=bash

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '\n== %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Installs the Debian packages named in the files given, if one of them is missing.
install_packages() {
    local missing
    missing=$(cat "$@" | sed 's/#.*//' | sort -u | while read -r package; do
        [[ -z $package ]] || dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done)
    # A Go that is newer than Debian's, put there by hand, serves as well.
    if command -v go >/dev/null 2>&1; then missing=$(grep -vx 'golang-go' <<<"$missing" || true); fi
    [[ -n $missing ]] || return 0
    local root=()
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null 2>&1 || die "these Debian packages are missing: $(tr '\n' ' ' <<<"$missing")"
        root=(sudo)
    fi
    say "installing $(wc -w <<<"$missing") Debian packages"
    "${root[@]}" apt-get update -qq
    # shellcheck disable=SC2086
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Configures and builds one preset; a second time only what changed.
build() {
    local preset=$1
    say "building $preset"
    (cd "$TOP" && cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset") >&2
}

# Whether TOOL is of the clang that the style was set with; another one formats and warns differently.
CLANG=14
is_our_clang() {
    local tool=$1 version
    version=$("$tool" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p' | head -n 1)
    [[ $version != "$CLANG" ]] || return 0
    say "$tool: skipped, it is version ${version:-unknown} here and the style is that of $CLANG"
    return 1
}
