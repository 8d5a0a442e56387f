# Where one gateway keeps what, and how it is ended.
# shellcheck shell=bash disable=SC2034 # the scripts that read these are other files

SPEAKER=s3

# Root serves as root: the files belong to nobody else, and DIR may be in a folder that only root may enter.
identify() {
    identify_server "$1" flowlet-s3 "$(id -un)"
    RUN=$DIR
    DATA=$DIR/data
}

# By the mark of `spawn` and not by the folder: a person may well look around in the folder of a bucket.
our_processes() { { grep -lsazxF "$MARK=$ID" /proc/[0-9]*/environ || true; } | cut -d/ -f3; }

tear_down() {
    kill_started
    end_all
    rm -rf -- "${DIR:?}"/{env,pids,data,versions,metadata,iam,tls,ca.pem}
}
