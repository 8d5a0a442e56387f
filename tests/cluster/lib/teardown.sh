# Ends a cluster in whatever state it is. Safe to call twice, and after a kill -9 of all of it.
# shellcheck shell=bash disable=SC2153,SC2154 # DIR and friends are set by identify

# shellcheck source=cgroups.sh
. "$HERE/lib/cgroups.sh"

tear_down() {
    end_processes
    remove_network
    remove_cgroups
    remove_volumes
    remove_folders
    with_machine_lock leave_machine
}

# First the daemons, so that nothing is started while the rest is ended.
end_processes() {
    local deadline=$((SECONDS + 20)) victims=() found name
    for name in $(started_names); do
        if is_alive "$name"; then victims+=("$(pid_of "$name")"); fi
    done
    kill_now "${victims[@]}"
    while mapfile -t found < <(our_processes) && ((${#found[@]} > 0)); do
        kill_now "${found[@]}"
        victims+=("${found[@]}")
        ((SECONDS < deadline)) || die "cannot end the processes ${found[*]}"
        sleep 0.05
    done
    await_end "$deadline" "${victims[@]}"
}

kill_now() { (($# == 0)) || kill -KILL "$@" 2>/dev/null || true; }

# A process that is ending has no environment and no cgroup any more, but still its ports and files.
await_end() {
    local deadline=$1 pid
    shift
    for pid in "$@"; do
        while [[ -n $(start_time "$pid") ]] && ((SECONDS < deadline)); do sleep 0.02; done
    done
}

# containerd names a container's cgroup after it, and keeps a folder of that name until the container is deleted. So
# whose a process is can be told also when its shim, and all else, has been killed.
our_cgroups() {
    local folder id
    for folder in {"$RUN/state","$DIR/node"}/containerd/io.containerd.runtime.v2.task/k8s.io/*/; do
        id=${folder%/}
        id=${id##*/}
        [[ ${#id} == 64 ]] || continue
        compgen -G "/sys/fs/cgroup/k8s.io/$id" || compgen -G "/sys/fs/cgroup/*/k8s.io/$id" || true
    done | sort -u
}

# The pods' ends of these went with their network namespaces; the kernel removes our ends a little later.
remove_network() {
    local prefix device
    ((UID == 0)) || return 0
    if [[ -f $RUN/prefix ]]; then
        prefix=$(<"$RUN/prefix")
        for device in $(ip -4 -o address | awk -v ip="$prefix.1/32" '$4 == ip { print $2 }'); do
            ip link delete "$device" 2>/dev/null || true
        done
    fi
    ip link delete "$BRIDGE" 2>/dev/null || true
}

# The host-path provisioner knows one place, which all clusters share. Which folders are ours is in our etcd's files,
# and they can be read also when nothing runs any more.
remove_volumes() {
    local uuid='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' folder
    [[ -d $DIR/etcd && -d /tmp/hostpath_pv ]] || return 0
    { grep -rhoaE "/tmp/hostpath_pv/$uuid" "$DIR/etcd" || true; } | sort -u | while read -r folder; do
        rm -rf -- "$folder"
    done
}

remove_folders() {
    local name
    for name in "${NOT_LOGS[@]}"; do rm -rf -- "${DIR:?}/$name"; done
    # What must outlive $RUN when another cluster still needs it is handed on in leave_machine.
    find "$RUN" -mindepth 1 ! -name ip_forward_was_0 -delete 2>/dev/null || true
}

# The last cluster puts back what one cannot put back while another runs.
leave_machine() {
    local other
    other=$(other_clusters | head -n 1)
    if [[ -n $other ]]; then
        mv "$RUN/ip_forward_was_0" "$other" 2>/dev/null || true
    else
        if [[ -f $RUN/ip_forward_was_0 ]]; then echo 0 >/proc/sys/net/ipv4/ip_forward; fi
        rmdir /tmp/hostpath_pv /run/containerd /var/lib/cni /sys/fs/cgroup/{,*/}k8s.io 2>/dev/null || true
    fi
    rm -rf -- "$RUN"
}
