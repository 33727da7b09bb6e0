#!/usr/bin/env bash
# Runs a command with a Docker engine that has the image qedstore/kafka:test, and removes both afterwards:
#   ops/docker-engine.sh mvn verify -Dgroups=kafka -Dqedstore.kafka=testcontainers
# Where an engine answers, that one is used. Elsewhere root gets one that lives as long as the command, in namespaces of
# its own: no process, network, firewall rule or mount of it is left, even after SIGKILL. The command has no network but
# the loopback there. Nothing is pulled: the image is Debian with a JRE and the jars of ops/kafka, made here.
# Ends with the command's exit code, or with 3 if there can be no engine here; then it has said why.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
impossible=3
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=ops/packages.sh
. "$root/ops/packages.sh"
image=qedstore/kafka:test
release=bookworm # the last Debian with Java 17
jars=$root/ops/kafka/target/lib
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/qedstore

give_up() {
    echo "no tests on containers: $1" >&2
    exit $impossible
}

# The file system of the image without Kafka, made once: half a minute, 250 MiB.
base() {
    local arch tar made
    arch=$(dpkg --print-architecture)
    tar=$cache/$release-jre17-$arch.tar
    if [ ! -s "$tar" ]; then
        echo "making the base of the Kafka image in $tar" >&2
        mkdir -p "$cache"
        made=$work/base
        {
            debootstrap --variant=minbase "$release" "$made" http://deb.debian.org/debian &&
                unshare --mount --pid --fork --kill-child --mount-proc="$made/proc" chroot "$made" env DEBIAN_FRONTEND=noninteractive \
                    apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless # wants a /proc
        } >"$work/base.log" 2>&1 || {
            tail -n 20 "$work/base.log" >&2
            return 1
        }
        rm -rf "$made"/var/cache/apt/* "$made"/var/lib/apt/lists/* "$made"/usr/share/{doc,man,locale}
        tar -cf "$tar.$$" --one-file-system -C "$made" . && mv "$tar.$$" "$tar"
        rm -rf "$made"
    fi
    echo "$tar"
}

# The whole file system of the image, as a tar file.
rootfs() {
    local from
    from=$(base) || return 1
    cp "$from" "$work/image.tar"
    tar -rf "$work/image.tar" --owner=0 --group=0 --transform 's,^\.,opt/kafka,' -C "$jars" .
    tar -rf "$work/image.tar" --owner=0 --group=0 --transform 's,^,etc/kafka/,' \
        -C "$root/ops/src/test/container" log4j.properties start-kafka
}

import() {
    docker import --change 'CMD ["/etc/kafka/start-kafka"]' "$work/image.tar" "$image" >/dev/null && rm "$work/image.tar"
}

# Inside of the namespaces, as their first process: with it ends all that it started.
inside() {
    work=$1
    shift
    ip link set lo up
    mount -t tmpfs tmpfs /run # a daemon of the machine is neither found nor disturbed
    export DOCKER_HOST=unix://$work/docker.sock TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
    dockerd --storage-driver=vfs --data-root="$work/data" --exec-root="$work/exec" \
        --pidfile="$work/pid" --host="$DOCKER_HOST" --cgroup-parent="$(basename "$work")" \
        >"$work/dockerd.log" 2>&1 &
    local engine=$! tries=0
    until docker version >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$engine" 2>/dev/null; then
            tail -n 20 "$work/dockerd.log" >&2
            give_up "the Docker engine did not start"
        fi
        sleep 0.2
    done
    import || give_up "the engine did not take the image"
    local code=0
    run "$@" || code=$?
    kill "$engine"
    wait "$engine" || true
    exit $code
}

run() {
    # Testcontainers clears up by an image that it would pull; here it need not.
    TESTCONTAINERS_RYUK_DISABLED=true "$@"
}

if [ "${1:-}" = --inside ]; then
    shift
    inside "$@"
fi

compgen -G "$jars/kafka_*.jar" >/dev/null || give_up "Kafka's jars are not in $jars; mvn package puts them there"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    give_up "the image is made by root on Debian or one of its children"
fi
own=true
docker version >/dev/null 2>&1 && own=false
packages=(debootstrap=debootstrap)
$own && packages+=(docker=docker.io dockerd=docker.io iptables=iptables ip=iproute2)
RUNLEVEL=1 need_packages "${packages[@]}" || give_up "programs are missing" # RUNLEVEL: nothing is to start with them
if $own; then
    unshare --net --pid --mount --fork true 2>/dev/null || give_up "namespaces are not allowed here"
fi

work=$(mktemp -d /tmp/qedstore-docker.XXXXXX) # sockets need a short path
clear_away() {
    rm -rf "$work"
    find /sys/fs/cgroup -depth -type d -path "*/$(basename "$work")*" -exec rmdir {} + 2>/dev/null || true
}
trap clear_away EXIT
rootfs || give_up "the image could not be made"
code=0
if $own; then
    setpriv --pdeathsig KILL unshare --net --pid --mount --mount-proc --fork --kill-child \
        "$root/ops/docker-engine.sh" --inside "$work" "$@" || code=$?
else
    import || give_up "the engine did not take the image"
    run "$@" || code=$?
    docker ps -aq --filter "ancestor=$image" | xargs -r docker rm -f >/dev/null
    docker rmi -f "$image" >/dev/null
fi
exit $code
