# Where one engine keeps what, and how it is ended, with whatever it runs.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

SPEAKER=docker
# shellcheck source=../../cluster/lib/cgroups.sh
. "$HERE/../cluster/lib/cgroups.sh"

identify() {
    identify_server "$1" flowlet-docker "$(id -un)"
    SOCKET=$RUN/docker.sock
    CGROUP=flowlet-docker-$ID
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
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

tear_down() {
    end_engine
    remove_cgroups
    if [[ -f $RUN/made_etc_docker ]]; then rmdir /etc/docker 2>/dev/null || true; fi
    rm -rf -- "$RUN" "${DIR:?}"/{env,pids,config}
}
