# What throw-away servers share: who runs them, where they are, how they start and how they are ended. Each brings
# is_running, try_once and report, and calls end_all in a tear_down of its own.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

PORT_TAKEN=75 # the exit code of a start that lost its port to another process
TRIES=3

# identify_server DIR PREFIX USER: everything follows from DIR. Called by root, the server runs as USER, who cannot pass
# through a 0700 folder of root's, and DIR is often in one; nor may a socket's path be long. So what the server itself
# needs is in a short private folder, and only what its users need is in DIR.
identify_server() {
    [[ $1 != -* ]] || die "$1 is no folder for a server"
    DIR=$(realpath -m -- "$1")
    ID=$(printf '%s:%s' "$UID" "$DIR" | sha256sum | cut -c1-8)
    RUN=/var/tmp/$2-$ID
    DATA=$RUN/data
    SERVER_USER=$(id -un)
    AS_SERVER=()
    if ((UID == 0)); then
        SERVER_USER=$3
        AS_SERVER=(setpriv --reuid="$3" --regid="$3" --init-groups)
    fi
}

make_server_folders() {
    mkdir -p "$DIR"/{logs,pids}
    mkdir -m 700 "$RUN"
    chown "$SERVER_USER:" "$RUN"
}

# Two calls with one DIR take turns. A folder can be locked itself, so no lock file is left behind.
lock() {
    [[ -d $DIR ]] || return 0
    exec 8<"$DIR"
    flock 8
}

# The first start that holds is the one. Each is a process of its own, so that a failure anywhere in it ends it and not
# `up`, which then cleans up.
bring_up() {
    local try code
    mkdir -p "$DIR"
    lock
    if is_running; then report; return; fi
    trap 'say interrupted; tear_down; exit 130' INT TERM
    for ((try = 1; try <= TRIES; try++)); do
        tear_down # what an earlier start left
        set +e
        (set -e; try_once)
        code=$?
        set -e
        if ((code == 0)); then report; return; fi
        tear_down
        ((code == PORT_TAKEN)) || break
        say 'a port was taken by another process; once more'
    done
    exit 1
}

# A server may overwrite its environment with its title, but all of it runs in its data folder.
our_processes() {
    { find /proc/[0-9]* -maxdepth 1 -name cwd -lname "$DATA" 2>/dev/null || true; } | cut -d/ -f3
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

# kill_started: what is thrown away need not be closed. Before it says where it works, a process is known by its pid only.
kill_started() {
    local name
    for name in $(started_names); do
        if is_alive "$name"; then kill -KILL "$(pid_of "$name")" 2>/dev/null || true; fi
    done
}
