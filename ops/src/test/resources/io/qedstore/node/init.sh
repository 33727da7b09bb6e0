#!/bin/busybox sh
# The first process of the guest. The kernel's command line says what it does: job=write, or job=check.
# What it finds goes to the console, in lines that begin with "guest: ". Whatever fails ends it, and the kernel stops then.
set -e -o pipefail
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
for module in virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk; do
    insmod "/lib/$module.ko"
done

write() {
    mount -t ext4 /dev/vda /mnt
    mkdir /mnt/files /mnt/files/deep
    for i in $(seq 1 40); do
        head -c $((i * i * 499)) /dev/urandom >"/mnt/files/file-$i"
    done
    dd if=/dev/urandom of=/mnt/files/deep/large bs=1M count=16 2>/dev/null
    sync
    # over what is on the disk already
    dd if=/dev/urandom of=/mnt/files/deep/large bs=1000 seek=777 count=999 conv=notrunc 2>/dev/null
    for i in $(seq 1 3 40); do
        rm "/mnt/files/file-$i"
    done
    fstrim /mnt
    mv /mnt/files/file-2 /mnt/files/deep/moved
    (cd /mnt && find files -type f | sort | xargs sha256sum >sums)
    tell
    umount /mnt
    sync
}

check() {
    mount -t ext4 -o ro /dev/vda /mnt
    (cd /mnt && sha256sum -c -s sums)
    tell
    umount /mnt
}

tell() {
    echo "guest: $(find /mnt/files -type f | wc -l) files, their sums are $(sha256sum </mnt/sums)"
}

job=$(sed -n 's/.*job=\([a-z]*\).*/\1/p' /proc/cmdline)
"$job"
echo "guest: $job is done"
poweroff -f
