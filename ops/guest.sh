#!/usr/bin/env bash
# Makes what tests need of a guest, once, in a folder of the cache that it prints:
#   ops/guest.sh guest-kernel   Debian's kernel for virtual machines, unpacked and not installed: this machine boots as
#                               before; with the modules for a virtio disk
#   ops/guest.sh debian-root    all files of a Debian with compilers, more than 1 GiB; by root, takes minutes
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=ops/packages.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/packages.sh"
release=bookworm
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/qedstore

newest_kernel() {
    local package
    package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    (cd "$work" && [ -n "$package" ] && apt-get download -qq "$package")
}

guest_kernel() {
    local drivers
    { newest_kernel || { apt-get update -qq && newest_kernel; }; } &&
        dpkg-deb -x "$work"/linux-image-*.deb "$work/tree" &&
        drivers=$(echo "$work"/tree/lib/modules/*/kernel/drivers) &&
        cp "$drivers"/virtio/virtio{,_ring,_pci_legacy_dev,_pci_modern_dev,_pci}.ko "$drivers/block/virtio_blk.ko" "$1" &&
        cp "$work"/tree/boot/vmlinuz-* "$1/vmlinuz"
}

debian_root() {
    need_packages debootstrap=debootstrap &&
        debootstrap --variant=minbase --include=build-essential,clang,golang-go,git "$release" "$1" \
            http://deb.debian.org/debian
}

case ${1:-} in
    guest-kernel) make=guest_kernel ;;
    debian-root) make=debian_root ;;
    *) echo "usage: ops/guest.sh guest-kernel|debian-root" >&2; exit 2 ;;
esac
if [ ! -d "$cache/$1" ]; then
    echo "making $cache/$1" >&2
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/$1.XXXXXX")
    trap 'rm -rf --one-file-system "$work"' EXIT
    mkdir "$work/made"
    $make "$work/made" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        echo "ops/guest.sh: $cache/$1 could not be made (see above)" >&2
        exit 1
    }
    mv "$work/made" "$cache/$1"
fi
echo "$cache/$1"
