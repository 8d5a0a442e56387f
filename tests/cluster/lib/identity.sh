# Where one cluster keeps what. Everything follows from DIR, so that `down` finds it all even if DIR was removed.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

REAL_NODE=real-0
KWOK_NODES=(kwok-0 kwok-1 kwok-2)
CONTEXT=flowlet-dev
NOT_LOGS=(kubeconfig env audit.log cluster pids etcd pki config node)

identify() {
    DIR=$(realpath -m -- "$1")
    ID=$(printf '%s:%s' "$UID" "$DIR" | sha256sum | cut -c1-8)
    # A socket's path has room for 107 bytes and DIR may be longer: sockets live in a short private folder.
    RUN_BASE=/run
    if ((UID != 0)); then RUN_BASE=/tmp; fi # not XDG_RUNTIME_DIR: `down` may be called from another session
    RUN=$RUN_BASE/flowlet-$ID
    BRIDGE=fl-$ID
    CONTAINERD_SOCKET=$RUN/containerd.sock
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
}

make_folders() {
    mkdir -p "$DIR"/{logs,pids,etcd,pki,config,node}
    chmod 700 "$DIR"/{etcd,pki,config,node}
    with_machine_lock mkdir -m 700 "$RUN"
    printf 'ID=%s\nRUN=%s\n' "$ID" "$RUN" >"$DIR/cluster"
}

# Two calls with one DIR take turns. A folder can be locked itself, so no lock file is left behind.
lock_cluster() {
    [[ -d $DIR ]] || return 0
    exec 8<"$DIR"
    flock 8
}

# What clusters share on the machine (subnets, ip_forward, a few folders) is changed by one at a time.
with_machine_lock() {
    (
        exec 7<"$RUN_BASE"
        flock 7
        "$@"
    )
}

other_clusters() { compgen -G "$RUN_BASE/flowlet-*/" | grep -vxF "$RUN/" || true; }
