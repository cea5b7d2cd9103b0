// Package cgroup makes and removes the folder that holds the pods' cgroups, in
// every cgroup hierarchy of the machine (version 1 has many, version 2 one).
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Mounts finds the hierarchies in the text of /proc/PID/mounts.
func Mounts(mounts string) []string {
	var paths []string
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) > 2 && (fields[2] == "cgroup" || fields[2] == "cgroup2") {
			paths = append(paths, fields[1])
		}
	}
	return paths
}

func hierarchies() ([]string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, fmt.Errorf("looking for cgroups: %w", err)
	}
	paths := Mounts(string(mounts))
	if len(paths) == 0 {
		return nil, errors.New("no cgroups are mounted: on a machine without systemd, mount them under /sys/fs/cgroup first")
	}
	return paths, nil
}

// Create makes the cgroup called name everywhere; the kubelet wants to find it.
func Create(name string) error {
	paths, err := hierarchies()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := os.MkdirAll(filepath.Join(path, name), 0o755); err != nil {
			return fmt.Errorf("making the cgroup of the pods (is %s writable?): %w", path, err)
		}
		delegate(path)
	}
	return nil
}

// delegate lets the children of a version 2 root have controllers; in version 1
// there is nothing to be done. Where systemd rules, they have them already, and
// what is missing in the end the kubelet names in its log.
func delegate(root string) {
	available, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return
	}
	for _, controller := range strings.Fields(string(available)) {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
	}
}

// Remove removes the cgroup called name and everything in it. Its processes
// have been killed, but may take a moment to go.
func Remove(name string, patience time.Duration) error {
	paths, err := hierarchies()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(patience)
	for _, path := range paths {
		for {
			err := removeTree(filepath.Join(path, name))
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.EBUSY) || time.Now().After(deadline) {
				return fmt.Errorf("removing a cgroup: %w", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

// removeTree removes a folder's sub-folders, then itself: the files in a cgroup
// can't be removed, and needn't be.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeTree(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "rmdir", Path: dir, Err: err}
	}
	return nil
}
