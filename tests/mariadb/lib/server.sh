# How one MariaDB is ended; where it keeps what follows from DIR.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

SPEAKER=mariadb
NAME=flowlet

identify() { identify_server "$1" flowlet-my mysql; }

tear_down() {
    kill_started
    end_all
    rm -rf -- "$RUN" "${DIR:?}"/{env,my.cnf,pids}
}
