package node

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"hookgate.dev/tests/cluster/internal/config"
)

// Folders in which the node's programs leave things whose place can't be
// configured: iptables' lock, the sockets of containerd's shims, results of CNI
// plugins, links to logs. They're hidden behind empty ones, so that nothing of
// it reaches the machine, nor another cluster on it.
var hidden = []string{"/run", "/var/lib", "/var/log"}

// The kubelet wants these settings of the whole machine, and changes them where
// they differ. It's shown files that agree, so the machine stays as it was.
var wantedSettings = map[string]string{
	"/proc/sys/vm/overcommit_memory":      "1",
	"/proc/sys/vm/panic_on_oom":           "0",
	"/proc/sys/kernel/panic":              "10",
	"/proc/sys/kernel/panic_on_oops":      "1",
	"/proc/sys/kernel/keys/root_maxkeys":  "1000000",
	"/proc/sys/kernel/keys/root_maxbytes": "25000000",
}

const settings = "/run/hookgate-cluster/settings"

// isolate turns a fresh mount namespace into the node's own view of the machine.
func isolate(layout config.Layout) error {
	// First of all: no mount made from here on may be seen outside.
	if err := mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE); err != nil {
		return err
	}
	const flags = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC
	if err := mount("proc", "/proc", "proc", flags); err != nil {
		return err
	}
	if err := hide(hidden, layout.State, layout.Bin); err != nil {
		return err
	}
	for path, value := range wantedSettings {
		if err := mask(path, value); err != nil {
			return err
		}
	}
	// Within the node, mounts propagate as they do on any node: volumes rely on it.
	return mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED)
}

// hide covers folders with empty ones, except for the paths to be kept.
func hide(folders []string, keep ...string) error {
	kept := make([]*os.File, 0, len(keep))
	for _, path := range keep {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("keeping %s in sight: %w", path, err)
		}
		defer file.Close()
		kept = append(kept, file)
	}
	for _, folder := range folders {
		if err := mount("tmpfs", folder, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV); err != nil {
			return err
		}
	}
	for _, file := range kept {
		if err := uncover(file); err != nil {
			return err
		}
	}
	return nil
}

// uncover brings a folder back to its own path if that leads elsewhere by now.
func uncover(folder *os.File) error {
	want, err := folder.Stat()
	if err != nil {
		return fmt.Errorf("keeping %s in sight: %w", folder.Name(), err)
	}
	if got, err := os.Stat(folder.Name()); err == nil && os.SameFile(want, got) {
		return nil
	}
	if err := os.MkdirAll(folder.Name(), 0o755); err != nil {
		return fmt.Errorf("keeping %s in sight: %w", folder.Name(), err)
	}
	return mount(fmt.Sprintf("/proc/self/fd/%d", folder.Fd()), folder.Name(), "", syscall.MS_BIND|syscall.MS_REC)
}

// mask lets a kernel setting read as value, here only.
func mask(path, value string) error {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return nil // this kernel hasn't got it
	}
	file := filepath.Join(settings, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("masking %s: %w", path, err)
	}
	if err := os.WriteFile(file, []byte(value+"\n"), 0o444); err != nil {
		return fmt.Errorf("masking %s: %w", path, err)
	}
	return mount(file, path, "", syscall.MS_BIND)
}

func mount(source, target, kind string, flags uintptr) error {
	if err := syscall.Mount(source, target, kind, flags, ""); err != nil {
		return fmt.Errorf("setting up the node's mounts: %w", &fs.PathError{Op: "mount", Path: target, Err: err})
	}
	return nil
}
