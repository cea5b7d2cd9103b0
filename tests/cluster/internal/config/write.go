package config

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Settings are what differs between clusters.
type Settings struct {
	Name    string
	Cgroup  string
	Port    int // on the host's loopback
	Volumes int
}

// Write fills the cluster's folder with all that its programs read.
func (l Layout) Write(s Settings, now time.Time) error {
	trust, err := NewTrust(now)
	if err != nil {
		return err
	}
	files, err := l.files(s, trust)
	if err != nil {
		return err
	}
	for _, dir := range l.folders(s.Volumes) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("making the cluster's folders: %w", err)
		}
	}
	for path, content := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the cluster's folders: %w", err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("writing the cluster's configuration: %w", err)
		}
	}
	for i := range s.Volumes { // pods of any user write to them
		if err := os.Chmod(l.Volume(i), 0o777); err != nil {
			return fmt.Errorf("opening a volume: %w", err)
		}
	}
	return nil
}

func (l Layout) folders(volumes int) []string {
	dirs := []string{l.in("log"), l.in("audit"), l.in("pod-logs"), l.in("containerd"),
		l.in("kubelet", "plugins"), l.in("addresses")}
	for i := range volumes {
		dirs = append(dirs, l.Volume(i))
	}
	return dirs
}

// files renders every file of a cluster.
func (l Layout) files(s Settings, trust Trust) (map[string][]byte, error) {
	files := map[string][]byte{
		l.certificate("ca"):      trust.Authority,
		l.key("ca"):              trust.AuthorityKey,
		l.certificate("tokens"):  trust.Tokens.Certificate,
		l.key("tokens"):          trust.Tokens.Key,
		l.etc("resolv.conf"):     []byte("nameserver " + DNSService + "\n"),
		l.etc("containerd.toml"): []byte(l.containerdConfig()),
		l.NetworkBatch():         []byte(networkBatch()),
		l.etc("Corefile"):        []byte(l.corefile()),
	}
	for name, pair := range trust.Pairs {
		files[l.certificate(name)], files[l.key(name)] = pair.Certificate, pair.Key
	}
	var err error
	for _, client := range clients {
		if files[l.etc(client+".kubeconfig")], err = trust.Kubeconfig(client, s.Name, APIServerPort); err != nil {
			return nil, err
		}
	}
	if files[l.Kubeconfig()], err = trust.Kubeconfig("admin", s.Name, s.Port); err != nil {
		return nil, err
	}
	for name, value := range map[string]object{
		"kubelet.json":         l.kubeletConfig(s.Cgroup),
		"audit-policy.json":    auditPolicy(),
		"cni/10-pods.conflist": l.cniConfig(),
	} {
		if files[l.etc(name)], err = render(value); err != nil {
			return nil, err
		}
	}
	return files, nil
}
