# Who is left of what runs in containers, and the cgroups that stay when they have ended. Which cgroups are ours is told by
# our_cgroups, which whoever ends things has.
# shellcheck shell=bash disable=SC2154 # ID and MARK are set by whoever ends things

# Daemons and shims by the mark of `spawn` in their environment, what runs in containers by its cgroup: also when all else was
# killed.
our_processes() {
    {
        grep -lsazxF "$MARK=$ID" /proc/[0-9]*/environ | cut -d/ -f3 || true
        our_cgroups | while read -r cgroup; do
            find "$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null || true
        done
    } | sort -u | grep -vx 0 || true # 0: one that this pid namespace cannot see
}

remove_cgroups() {
    local try
    for try in {1..40}; do
        [[ -n $(our_cgroups) ]] || return 0
        our_cgroups | while read -r cgroup; do find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
        sleep 0.05
    done
    die "cannot remove cgroups (try $try): $(our_cgroups)"
}
