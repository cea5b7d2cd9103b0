package config

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func trust(t *testing.T) Trust {
	t.Helper()
	made, err := NewTrust(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func leaf(t *testing.T, p Pair) *x509.Certificate {
	t.Helper()
	if _, err := tls.X509KeyPair(p.Certificate, p.Key); err != nil {
		t.Fatalf("certificate and key don't belong together: %v", err)
	}
	block, _ := pem.Decode(p.Certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// The API server is reached from the host, from the node and from pods.
func TestServerCertificateCoversEveryWayIn(t *testing.T) {
	made := trust(t)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(made.Authority)
	certificate := leaf(t, made.Pairs["apiserver"])
	for _, name := range []string{"127.0.0.1", "localhost", APIService, NodeAddress, "kubernetes.default.svc"} {
		if _, err := certificate.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	client := leaf(t, made.Pairs["admin"])
	if _, err := client.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err == nil {
		t.Error("a client's certificate passes for a server's")
	}
}

func TestKubeconfigNamesThePort(t *testing.T) {
	made := trust(t)
	data, err := made.Kubeconfig("admin", "one", 4711)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"server": "https://127.0.0.1:4711"`) {
		t.Errorf("kubeconfig: %s", data)
	}
	if _, err := made.Kubeconfig("nobody", "one", 1); err == nil {
		t.Error("a kubeconfig for a client that isn't there")
	}
}

func TestEveryClientHasAnIdentity(t *testing.T) {
	for _, client := range clients {
		if _, known := identities[client]; !known {
			t.Errorf("%s has none", client)
		}
	}
}

// All files that any program is told of are either rendered, made by the
// program itself, or part of the machine: and nothing is written elsewhere.
func TestRenderedFiles(t *testing.T) {
	layout := Layout{State: "/state", Bin: "/bin-of-ours"}
	files, err := layout.files(Settings{Name: "one", Cgroup: "ours", Port: 4711}, trust(t))
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		if !strings.HasPrefix(path, layout.State+"/") {
			t.Errorf("%s is outside the cluster's folder", path)
		}
		if ext := filepath.Ext(path); ext == ".json" || ext == ".kubeconfig" || ext == ".conflist" {
			if !json.Valid(content) {
				t.Errorf("%s isn't JSON: %s", path, content)
			}
		}
	}
	read := regexp.MustCompile(`/state/(etc|pki)/[a-z-]+\.[a-zA-Z]+`)
	for _, program := range append(layout.Agents(), layout.Containerd(), layout.Etcd(), layout.APIServer()) {
		for _, path := range read.FindAllString(strings.Join(program.Argv, " "), -1) {
			if files[path] == nil {
				t.Errorf("%s reads %s, which nobody writes", program.Name, path)
			}
		}
	}
}

func TestContainerdSharesNothing(t *testing.T) {
	for _, path := range regexp.MustCompile(`"(/[^"]+)"`).FindAllStringSubmatch(Layout{State: "/state"}.containerdConfig(), -1) {
		if !strings.HasPrefix(path[1], "/state/") && path[1] != "/usr/lib/cni" {
			t.Errorf("containerd is told of %s", path[1])
		}
	}
}

func TestTwoKubeletsDontShareCgroups(t *testing.T) {
	l := Layout{State: "/state"}
	if a, b := l.kubeletConfig("a")["cgroupRoot"], l.kubeletConfig("b")["cgroupRoot"]; a == b || a != "/a" {
		t.Errorf("cgroup roots %v and %v", a, b)
	}
}

func TestCorefileKnowsBothZones(t *testing.T) {
	text := Layout{State: "/state"}.corefile()
	for _, want := range []string{"cluster.local:53 in-addr.arpa:53 {", "rcode NXDOMAIN", "kubeconfig /state/etc/coredns.kubeconfig"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestObjectsOfferVolumes(t *testing.T) {
	l := Layout{State: "/state"}
	if without, with := len(l.Objects(0)), len(l.Objects(3)); with != without+3 {
		t.Errorf("%d objects without volumes, %d with three", without, with)
	}
}

func TestWriteKeepsKeysPrivate(t *testing.T) {
	l := Layout{State: t.TempDir()}
	if err := l.Write(Settings{Name: "one", Cgroup: "ours", Port: 4711, Volumes: 1}, time.Now()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{l.key("ca"): 0o600, l.Kubeconfig(): 0o600, l.Volume(0): 0o777} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
	}
}

func TestLongFoldersAreRefused(t *testing.T) {
	if err := (Layout{State: "/var/lib/hookgate-cluster/a-name-of-24-characters-"}).Check(); err != nil {
		t.Errorf("the longest ordinary folder: %v", err)
	}
	if err := (Layout{State: "/" + strings.Repeat("x", maxState)}).Check(); err == nil {
		t.Error("a folder that's too long for sockets was accepted")
	}
}
