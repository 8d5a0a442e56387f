# How each part of the cluster is built. A change here builds every part anew: this file is in the keys.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

PARTS=(kubernetes etcd kwok helm3 helm4 standin images)
BUSYBOX=/bin/busybox # Debian's busybox-static

# Static and stripped: the same file runs on any machine, also inside the images.
go_build() {
    local folder=$1 ldflags=$2
    shift 2
    (cd "$HERE/$folder" && CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=auto \
        go build -buildvcs=false -mod=readonly -trimpath -ldflags "-s -w $ldflags" "$@")
}

# The version that go.mod pins, so that no version is written twice.
pinned() { awk -v module="$2" '{ for (i = 1; i < NF; i++) if ($i == module && $(i + 1) ~ /^v[0-9]/) { print $(i + 1); exit } }' "$HERE/$1/go.mod"; }

build_kubernetes() {
    local version major minor flags=k8s.io/component-base/version
    version=$(pinned kubernetes k8s.io/kubernetes)
    IFS=. read -r major minor _ <<<"${version#v}"
    go_build kubernetes "-X $flags.gitVersion=$version -X $flags.gitMajor=$major -X $flags.gitMinor=$minor" -o "$1/" tool
}

build_etcd() { go_build etcd '' -o "$1/etcd" .; }
build_kwok() { go_build kwok '' -o "$1/kwok" tool; }
build_helm3() { build_helm 3 "$1"; }
build_helm4() { build_helm 4 "$1"; }

build_helm() {
    local module=helm.sh/helm/v$1
    go_build "helm$1" "-X $module/internal/version.version=$(pinned "helm$1" "$module")" -o "$2/helm$1" tool
}

build_standin() {
    go_build standin '' -o "$1/standin" .
    go_build standin '' -o "$1/mkimages" ./mkimages
}

build_images() {
    local standin
    standin=$(part_folder standin)
    "$BUSYBOX" --list | "$standin/mkimages" "$1/images.tar" "$standin/standin" "$BUSYBOX" "$HERE/images.txt"
}

# The files that decide what a part is.
part_sources() {
    case $1 in
        images) printf '%s\n' "$HERE/images.txt" "$BUSYBOX" "$HERE"/standin/{go.mod,*.go,mkimages/*.go} ;;
        standin) printf '%s\n' "$HERE"/standin/{go.mod,*.go,mkimages/*.go} ;;
        etcd) printf '%s\n' "$HERE"/etcd/{go.mod,go.sum,*.go} ;;
        *) printf '%s\n' "$HERE/$1"/{go.mod,go.sum} ;;
    esac
}

# Contents only, not names: two checkouts of the same sources share the cache.
part_key() {
    local sources
    mapfile -t sources < <(part_sources "$1")
    cat -- "$HERE/lib/parts.sh" "${sources[@]}" | sha256sum | cut -c1-16
}
