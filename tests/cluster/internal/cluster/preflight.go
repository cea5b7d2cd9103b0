// Package cluster is the machine's side of a cluster: it starts the node's
// first process, and clears away all that is left when that has ended.
package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"hookgate.dev/tests/cluster/internal/config"
)

// What the node runs that isn't built here, and the plugins that containerd runs.
var (
	debianPrograms = []string{"containerd", "containerd-shim-runc-v2", "conntrack", "ctr", "ip", "iptables", "mount", "nsenter", "runc"}
	debianFiles    = []string{"/usr/lib/cni/host-local", "/usr/lib/cni/portmap", "/usr/lib/cni/ptp"}
	builtFiles     = []string{"coredns", "etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet", "pause.tar"}
)

// The programs of system administrators, which aren't on every user's PATH.
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// machine is what preflight asks about; the tests give answers of their own.
type machine struct {
	uid     int
	program func(name string) bool
	file    func(path string) bool
}

func thisMachine() machine {
	return machine{
		uid:     os.Geteuid(),
		program: func(name string) bool { _, err := exec.LookPath(name); return err == nil },
		file:    func(path string) bool { _, err := os.Stat(path); return err == nil },
	}
}

// preflight says everything that a cluster would miss, and the way out.
func preflight(layout config.Layout, m machine) error {
	var problems []error
	if m.uid != 0 {
		problems = append(problems, errors.New("a cluster needs namespaces and mounts: run this as root"))
	}
	if missing := lacking(debianPrograms, m.program); len(missing) > 0 {
		problems = append(problems, fmt.Errorf("missing programs: %s; run tests/cluster/install-packages", strings.Join(missing, ", ")))
	}
	if missing := lacking(debianFiles, m.file); len(missing) > 0 {
		problems = append(problems, fmt.Errorf("missing network plugins: %s; run tests/cluster/install-packages", strings.Join(missing, ", ")))
	}
	built := func(name string) bool { return m.file(layout.Program(name)) }
	if missing := lacking(builtFiles, built); len(missing) > 0 {
		problems = append(problems, fmt.Errorf("missing in %s: %s; run tests/cluster/build %[1]s", layout.Bin, strings.Join(missing, ", ")))
	}
	return errors.Join(append(problems, layout.Check())...)
}

func lacking(names []string, there func(string) bool) []string {
	var missing []string
	for _, name := range names {
		if !there(name) {
			missing = append(missing, name)
		}
	}
	return missing
}
