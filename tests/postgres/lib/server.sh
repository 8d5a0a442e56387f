# How one PostgreSQL is ended; where it keeps what follows from DIR.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

SPEAKER=postgres
PORT=5432 # names the socket's file; there is no TCP
NAME=flowlet

identify() { identify_server "$1" flowlet-pg postgres; }

# Debian keeps each version's programs out of PATH.
server_programs() {
    local newest
    newest=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -n 1) || true
    [[ -n $newest ]] || die 'PostgreSQL is missing (package postgresql)'
    dirname "$newest"
}

tear_down() {
    if [[ -f $DIR/pids/postgres ]] && is_alive postgres; then kill -QUIT "$(pid_of postgres)" || true; fi
    end_all
    remove_shared_memory
    rm -rf -- "$RUN" "${DIR:?}"/{env,pids}
}

# A server that was killed leaves the segment that guards its data folder; its number is in the 7th line.
remove_shared_memory() {
    local segment
    segment=$(sed -n 7p "$DATA/postmaster.pid" 2>/dev/null | awk '{ print $2 }') || true
    if [[ -n $segment ]]; then ipcrm --shmem-id "$segment" 2>/dev/null || true; fi
}
