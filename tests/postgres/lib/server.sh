# Where one PostgreSQL keeps what, and how it is ended. It all follows from DIR.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

SPEAKER=postgres
PORT=5432 # names the socket's file; there is no TCP
NAME=flowlet

# The server's own user cannot pass through a 0700 folder of root's, and DIR is often in one; nor may a socket's path be
# long. So data and socket are in a short private folder, and only what its users need is in DIR.
identify() {
    DIR=$(realpath -m -- "$1")
    ID=$(printf '%s:%s' "$UID" "$DIR" | sha256sum | cut -c1-8)
    RUN=/var/tmp/flowlet-pg-$ID
    SERVER_USER=$(id -un)
    if ((UID == 0)); then SERVER_USER=postgres; fi
}

# Two calls with one DIR take turns. A folder can be locked itself, so no lock file is left behind.
lock() {
    [[ -d $DIR ]] || return 0
    exec 8<"$DIR"
    flock 8
}

# Debian keeps each version's programs out of PATH.
server_programs() {
    local newest
    newest=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -n 1) || true
    [[ -n $newest ]] || die 'PostgreSQL is missing (package postgresql)'
    dirname "$newest"
}

as_server_user() {
    if ((UID != 0)); then "$@"; else setpriv --reuid=postgres --regid=postgres --init-groups "$@"; fi
}

tear_down() {
    if [[ -f $DIR/pids/postgres ]] && is_alive postgres; then kill -QUIT "$(pid_of postgres)" || true; fi
    end_all
    remove_shared_memory
    rm -rf -- "$RUN" "${DIR:?}"/{env,pids}
}

# PostgreSQL overwrites its environment with its title, but all of it runs in the data folder.
our_processes() {
    { find /proc/[0-9]* -maxdepth 1 -name cwd -lname "$RUN/data" 2>/dev/null || true; } | cut -d/ -f3
}

end_all() {
    local try pids
    for try in {1..200}; do
        pids=$(our_processes)
        [[ -n $pids ]] || return 0
        # shellcheck disable=SC2086 # one word a pid
        if ((try > 60)); then kill -KILL $pids 2>/dev/null || true; fi
        sleep 0.05
    done
    die "cannot end the processes $pids"
}

# A server that was killed leaves the segment that guards its data folder; its number is in the 7th line.
remove_shared_memory() {
    local segment
    segment=$(sed -n 7p "$RUN/data/postmaster.pid" 2>/dev/null | awk '{ print $2 }') || true
    if [[ -n $segment ]]; then ipcrm --shmem-id "$segment" 2>/dev/null || true; fi
}
