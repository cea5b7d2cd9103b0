package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hookgate.dev/tests/cluster/internal/cgroup"
	"hookgate.dev/tests/cluster/internal/record"
)

const (
	endPatience    = 30 * time.Second
	cgroupPatience = 10 * time.Second
)

// Down ends a cluster and removes everything of it; found says whether there
// was anything.
func Down(ctx context.Context, name string, onWait func()) (found bool, err error) {
	lock, err := record.Acquire(ctx, name, onWait)
	if err != nil {
		return false, err
	}
	defer lock.Release()
	r, found, err := record.Load(name)
	if err != nil {
		return found, err
	}
	if found {
		if err := clear(r); err != nil {
			return true, err
		}
	}
	lock.Remove()
	return found, nil
}

// clear removes everything of the cluster that r is of. It may be interrupted
// anywhere: the record goes last, and a second time does the rest.
func clear(r record.Record) error {
	if r.Node != nil {
		if err := end(*r.Node); err != nil {
			return fmt.Errorf("clearing away cluster %s: %w", r.Name, err)
		}
	}
	if err := cgroup.Remove(r.Cgroup, cgroupPatience); err != nil {
		return fmt.Errorf("clearing away cluster %s: %w", r.Name, err)
	}
	if err := removeFolder(record.Folder(r.Name)); err != nil {
		return fmt.Errorf("clearing away cluster %s: %w", r.Name, err)
	}
	return nil
}

// end kills a node's first process, and with it all others of its PID namespace:
// the kernel has ended them by the time the first one is gone.
func end(process record.Process) error {
	handle, err := os.FindProcess(process.PID) // from here on, no other process has this pid's handle
	if err != nil {
		return fmt.Errorf("finding the node's process %d: %w", process.PID, err)
	}
	defer handle.Release()
	if !process.Alive() {
		return nil
	}
	if err := handle.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending the node's process %d: %w", process.PID, err)
	}
	for deadline := time.Now().Add(endPatience); process.Alive(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the node's process %d hasn't ended within %s of being killed", process.PID, endPatience)
		}
	}
	return nil
}

// removeFolder removes a cluster's folder, the record in it last. The node's own
// mounts were never seen here; should anything else be mounted below it all the
// same, what is in that stays.
func removeFolder(folder string) error {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return fmt.Errorf("looking for mounts: %w", err)
	}
	for _, path := range mountsBelow(string(mounts), folder) {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			return fmt.Errorf("unmounting %s: %w", path, err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != record.File {
			if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(folder)
}

// mountsBelow finds what is mounted below folder, the innermost first, in the
// text of /proc/PID/mounts.
func mountsBelow(mounts, folder string) []string {
	var below []string
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		path := unescape(fields[1])
		if path == folder || strings.HasPrefix(path, folder+"/") {
			below = append([]string{path}, below...) // the kernel lists them in the order they were made
		}
	}
	return below
}

// unescape undoes the kernel's way to write blanks in paths.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}
