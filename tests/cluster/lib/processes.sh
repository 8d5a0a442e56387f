# Daemons: started apart from the caller, known by pid and start time, so that no reused pid is ever killed.
# shellcheck shell=bash

MARK=FLOWLET_CLUSTER # in the environment of all that we start, and so of containerd's shims

# Ports from the kernel. Another process may take one before its daemon does: then `up` tries again.
free_ports() {
    perl -MIO::Socket::INET -e 'print join(" ", map { $_->sockport } @s = map {
        IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die "no port: $!\n" } 1 .. shift), "\n"' "$1"
}

# spawn NAME COMMAND…: a clean environment (no secret or proxy of the caller), its own session, no inherited descriptor.
spawn() {
    local name=$1 pid
    shift
    (
        close_inherited_descriptors
        cd /
        exec setsid env -i "$MARK=$ID" HOME="$RUN" \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            "$@" </dev/null >"$DIR/logs/$name.log" 2>&1
    ) &
    pid=$!
    printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$DIR/pids/$name"
}

# In clock ticks since boot: field 22, counted after the name, which may hold spaces and brackets.
start_time() {
    local stat
    read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
    read -ra stat <<<"${stat##*) }"
    [[ ${stat[0]} == Z ]] || printf '%s' "${stat[19]}"
}

pid_of() {
    local pid
    read -r pid _ <"$DIR/pids/$1"
    printf '%s' "$pid"
}

is_alive() {
    local pid started
    read -r pid started <"$DIR/pids/$1" 2>/dev/null || return 1
    [[ -n $started && $(start_time "$pid") == "$started" ]]
}

started_names() { (cd "$DIR/pids" 2>/dev/null && compgen -G '*') || true; }

# The first daemon that should run and does not.
dead_daemon() {
    local name
    for name in $(started_names); do
        is_alive "$name" || { printf '%s' "$name"; return; }
    done
}

# await SECONDS WHAT COMMAND…: until COMMAND succeeds; a daemon that died meanwhile ends the wait.
await() {
    local deadline=$((SECONDS + $1)) what=$2 dead
    shift 2
    until "$@" >/dev/null 2>&1; do
        dead=$(dead_daemon)
        [[ -z $dead ]] || start_failed "$dead" "$dead ended"
        ((SECONDS < deadline)) || start_failed "${BLAME:-kube-apiserver}" "no $what in time"
        sleep 0.1
    done
}

start_failed() {
    say "$2; the last lines of $DIR/logs/$1.log:"
    tail -n 20 "$DIR/logs/$1.log" >&2 || true
    grep -qi 'address already in use' "$DIR"/logs/*.log && exit "$PORT_TAKEN"
    exit 1
}
