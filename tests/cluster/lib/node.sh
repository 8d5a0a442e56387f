# The real node: containerd, the kubelet, a bridge for the node's address and a ptp network for its pods.
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # BIN, DIR and friends are set by the caller

CNI_BIN=/usr/lib/cni

# Why no container can run here, or nothing.
no_containers_because() {
    local tool
    ((UID == 0)) || { echo 'not root'; return; }
    for tool in containerd ctr runc ip nsenter unshare "$CNI_BIN/ptp" "$CNI_BIN/host-local" "$CNI_BIN/loopback"; do
        command -v "$tool" >/dev/null || { echo "$tool is missing"; return; }
    done
    unshare --mount true 2>/dev/null || { echo 'no mount namespace can be made'; return; }
    ! is_chroot || { echo 'this is a chroot'; return; }
    can_make_cgroup || echo 'no cgroup can be made'
}

# Who enters a mount namespace gets the root of that namespace: in a chroot, the kubelet and every exec into a pod would
# find themselves in the machine's own files.
is_chroot() {
    [[ $(nsenter --mount=/proc/self/ns/mnt -- stat -c %d:%i / 2>/dev/null) != "$(stat -c %d:%i /)" ]]
}

can_make_cgroup() {
    local root=/sys/fs/cgroup
    if [[ -f $root/cgroup.controllers ]]; then # v2
        echo '+cpu +memory +pids' 2>/dev/null >$root/cgroup.subtree_control || return
    else
        root+=/memory
    fi
    mkdir "$root/flowlet-$ID" 2>/dev/null && rmdir "$root/flowlet-$ID"
}

# A /24 that no route or address of this machine touches; .1 is the pods' gateway, .254 the node.
# The kubelet refuses a loopback address and not every kernel has dummy interfaces, hence a bridge without ports.
make_bridge() {
    local hash=$((16#$ID)) try taken prefix
    taken=$(ip -4 route show table all; ip -4 -o address)
    for try in {0..255}; do
        prefix=10.$((128 + hash % 64)).$(((hash / 64 + try) % 256))
        grep -qE "(^|[ /])${prefix//./\\.}\." <<<"$taken" || break
    done
    printf '%s' "$prefix" >"$RUN/prefix"
    ip link add "$BRIDGE" type bridge
    ip address add "$prefix.254/32" dev "$BRIDGE"
    ip link set "$BRIDGE" up
    # The ptp plugin sets it to 1 and leaves it so.
    if [[ $(</proc/sys/net/ipv4/ip_forward) == 0 ]]; then : >"$RUN/ip_forward_was_0"; fi
}

# $RUN/snapshotter: overlayfs where the folder of DIR can be the upper layer of one (not inside another overlay).
snapshotter() {
    local try=$DIR/node/try result=native
    mkdir -p "$try"/{lower,upper,work,merged}
    if (cd "$try" && unshare --mount mount -t overlay overlay \
        -o lowerdir=lower,upperdir=upper,workdir=work merged 2>/dev/null); then result=overlayfs; fi
    rm -rf "$try"
    printf '%s' "$result"
}

# render TEMPLATE FILE: @NAME@ becomes the value of the shell variable NAME.
render() {
    local text name
    text=$(<"$HERE/lib/$1")
    for name in RUN NODE_PREFIX NODE_IP KUBELET_PORT CNI_BIN SNAPSHOTTER RUNC; do
        text=${text//@$name@/${!name:-}}
    done
    printf '%s\n' "$text" >"$2"
}

configure_node() {
    local config=$RUN/config
    SNAPSHOTTER=$(snapshotter) RUNC=$(command -v runc)
    mkdir -p "$config"/{cni,registry/_default} "$RUN"/{node,state} "$DIR"/node/{containerd,kubelet,cni,log/pods}
    render containerd.toml "$config/containerd.toml"
    render cni.conflist "$config/cni/10-pods.conflist"
    render kubelet.yaml "$config/kubelet.yaml"
    cp "$HERE/lib/registry.toml" "$config/registry/_default/hosts.toml"
    cp "$DIR/pki/kubelet-client.crt" "$config/"
}

start_containerd() {
    spawn containerd unshare --mount --propagation slave \
        bash "$HERE/lib/enter-node" "$RUN" "$DIR/node" containerd --config "$RUN/config/containerd.toml"
}

containerd_answers() { ctr -a "$CONTAINERD_SOCKET" version; }

import_images() {
    ctr -a "$CONTAINERD_SOCKET" -n k8s.io images import "$BIN/../images.tar" >"$DIR/logs/images.log" 2>&1
}

start_kubelet() {
    kubeconfig_for "system:node:$REAL_NODE" "$RUN/config/kubelet.kubeconfig"
    spawn kubelet nsenter --mount="/proc/$(pid_of containerd)/ns/mnt" -- \
        "$BIN/kubelet" --config="$RUN/config/kubelet.yaml" --kubeconfig="$RUN/config/kubelet.kubeconfig" \
        --hostname-override="$REAL_NODE" --node-ip="$NODE_IP" \
        --root-dir="$RUN/node/kubelet" --cert-dir="$RUN/node/kubelet/pki"
}
