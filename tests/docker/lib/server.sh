# Where one engine keeps what, and how it is ended, with whatever it runs.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

SPEAKER=docker

identify() {
    identify_server "$1" flowlet-docker "$(id -un)"
    SOCKET=$RUN/docker.sock
    CGROUP=flowlet-docker-$ID
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
}

# dockerd, containerd and the shims by the mark of `spawn`, the containers by their cgroup: also when all else was killed.
our_processes() {
    {
        grep -lsazxF "$MARK=$ID" /proc/[0-9]*/environ | cut -d/ -f3 || true
        our_cgroups | while read -r cgroup; do
            find "$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null || true
        done
    } | sort -u | grep -vx 0 || true # 0: one that this pid namespace cannot see
}

our_cgroups() { compgen -G "/sys/fs/cgroup/$CGROUP" || compgen -G "/sys/fs/cgroup/*/$CGROUP" || true; }

# A container that is paused would not even be killed.
thaw() {
    our_cgroups | while read -r cgroup; do find "$cgroup" -name freezer.state; done | while read -r state; do
        echo THAWED 2>/dev/null >"$state" || true
    done
}

# The daemons first, so that nothing is started while the rest is ended.
end_engine() {
    local try pids
    kill_started
    for try in {1..200}; do
        mapfile -t pids < <(our_processes)
        ((${#pids[@]} > 0)) || return 0
        kill -KILL "${pids[@]}" 2>/dev/null || true
        thaw
        sleep 0.05
    done
    die "cannot end the processes ${pids[*]}"
}

remove_cgroups() {
    local try
    for try in {1..40}; do
        [[ -n $(our_cgroups) ]] || return 0
        our_cgroups | while read -r cgroup; do find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
        sleep 0.05
    done
    die "cannot remove cgroups: $(our_cgroups)"
}

tear_down() {
    end_engine
    remove_cgroups
    if [[ -f $RUN/made_etc_docker ]]; then rmdir /etc/docker 2>/dev/null || true; fi
    rm -rf -- "$RUN" "${DIR:?}"/{env,pids,config}
}
