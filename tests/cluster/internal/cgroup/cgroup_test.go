package cgroup

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestMountsOfBothVersions(t *testing.T) {
	const mounts = `tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
/dev/sda1 /mnt/cgroup ext4 rw 0 0

`
	want := []string{"/sys/fs/cgroup/memory", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"}
	if got := Mounts(mounts); !slices.Equal(got, want) {
		t.Errorf("Mounts = %v", got)
	}
}

func TestRemoveTree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ours")
	if err := os.MkdirAll(filepath.Join(dir, "pods", "one", "container"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := removeTree(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it's still there: %v", err)
	}
	if err := removeTree(dir); err != nil {
		t.Errorf("a second time: %v", err)
	}
}
