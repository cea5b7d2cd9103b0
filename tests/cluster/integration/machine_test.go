//go:build integration

package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// Where the programs of a node would leave things if they were let.
var watched = []string{"/run", "/var/lib", "/var/log", "/opt", "/etc/cni", "/tmp"}

// Settings of the whole machine that a kubelet or a proxy would change.
var watchedSettings = []string{"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
	"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes", "net/ipv4/ip_forward", "net/netfilter/nf_conntrack_max"}

// machine is everything that a cluster must leave as it was.
func machine(t *testing.T) map[string]string {
	t.Helper()
	seen := map[string]string{
		"mounts":    read("/proc/self/mounts"),
		"links":     strings.Join(names("/sys/class/net"), " "),
		"netns":     strings.Join(names("/run/netns"), " "),
		"iptables":  output("iptables-save") + output("ip6tables-save"),
		"routes":    output("ip", "route"),
		"cgroups":   strings.Join(ourCgroups(t), "\n"),
		"processes": strings.Join(ourProcesses(), "\n"),
	}
	for _, dir := range watched {
		seen["files in "+dir] = strings.Join(names(dir), " ")
	}
	for _, name := range watchedSettings {
		seen["setting "+name] = read("/proc/sys/" + name)
	}
	return seen
}

// compare fails for everything that differs, apart from what others do meanwhile.
func compare(t *testing.T, before, after map[string]string) {
	t.Helper()
	for what, was := range before {
		if is := after[what]; is != was {
			t.Errorf("%s changed:\nbefore: %s\nafter:  %s", what, was, is)
		}
	}
}

func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "not there"
	}
	return strings.TrimSpace(string(data))
}

// output leaves out comments, which hold the time.
func output(name string, arguments ...string) string {
	text, err := exec.Command(name, arguments...).Output()
	if err != nil {
		return err.Error()
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// names lists a folder, without what other tests and builds put there.
func names(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []string{"not there"}
	}
	var result []string
	for _, entry := range entries {
		if dir == "/tmp" && !suspicious(entry.Name()) {
			continue
		}
		if entry.Name() == filepath.Base(root) {
			continue // looked at on its own: other clusters may be up
		}
		result = append(result, entry.Name())
	}
	return result
}

func suspicious(name string) bool {
	for _, part := range []string{"kube", "containerd", "ctr", "cni", "runc", "etcd", "coredns", "apiserver", "hookgate-cluster"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// mark is in the name of everything of this run.
func mark() string { return fmt.Sprintf("it%d-", os.Getpid()) }

func ourCgroups(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.Contains(path, mark()) {
			found = append(found, path)
		}
		return nil // others' come and go
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// ourProcesses finds processes by their arguments, and pods by their cgroups.
func ourProcesses() []string {
	var found []string
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		arguments := strings.ReplaceAll(read(process+"/cmdline"), "\x00", " ")
		if strings.Contains(arguments, root+"/"+mark()) || strings.Contains(read(process+"/cgroup"), mark()) {
			found = append(found, filepath.Base(process)+" "+arguments)
		}
	}
	sort.Strings(found)
	return found
}
