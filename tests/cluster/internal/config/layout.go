// Package config writes what the programs of a node read: their flags, files
// and certificates. It decides and renders; only Write touches the disk.
package config

import (
	"fmt"
	"path/filepath"
)

// Addresses inside a cluster's own network namespace: every cluster has the same.
const (
	NodeName    = "node1"
	NodeAddress = "10.250.0.1"
	NodeNetwork = "10.250.0.0/24"
	PodNetwork  = "10.244.0.0/16"
	Services    = "10.96.0.0/16"
	APIService  = "10.96.0.1" // the first of Services
	DNSService  = "10.96.0.10"
	Domain      = "cluster.local"

	APIServerPort = 16443
	etcdClientURL = "http://127.0.0.1:12379"
	etcdPeerURL   = "http://127.0.0.1:12380"

	// PauseImage holds each pod's namespaces.
	PauseImage = "hookgate.dev/pause:1"
	// MaxPods is more than any test starts.
	MaxPods = 200
)

// Addresses at which programs say that they work.
const (
	EtcdHealth  = etcdClientURL + "/health"
	ProxyHealth = "http://127.0.0.1:10256/healthz"
	DNSHealth   = "http://" + dnsReady + "/ready"
	dnsReady    = "127.0.0.1:8181"
)

// Layout is where a cluster's files lie.
type Layout struct {
	State string // the cluster's own folder
	Bin   string // the folder with the programs
}

// maxState keeps the paths of sockets inside the folder within the kernel's 107 bytes.
const maxState = 60

// Check refuses folders that can't work.
func (l Layout) Check() error {
	if len(l.State) > maxState {
		return fmt.Errorf("%s is too long a path for the sockets in it: at most %d characters", l.State, maxState)
	}
	return nil
}

func (l Layout) in(elements ...string) string {
	return filepath.Join(append([]string{l.State}, elements...)...)
}

// Program is the path of one of the programs that the build has made.
func (l Layout) Program(name string) string { return filepath.Join(l.Bin, name) }

// Kubeconfig is the administrator's, for the host.
func (l Layout) Kubeconfig() string { return l.in("kubeconfig") }

// AdminInside is the administrator's, for programs inside the node.
func (l Layout) AdminInside() string { return l.etc("admin.kubeconfig") }

// NetworkBatch is what `ip -batch` reads to set up the node's network.
func (l Layout) NetworkBatch() string { return l.etc("network.batch") }

// PauseArchive is the image that the build has made of the program pause.
func (l Layout) PauseArchive() string { return l.Program("pause.tar") }

// Socket is containerd's.
func (l Layout) Socket() string { return l.in("containerd", "containerd.sock") }

// Log is what the program called name writes.
func (l Layout) Log(name string) string { return l.in("log", name+".log") }

// AuditLog is the API server's.
func (l Layout) AuditLog() string { return l.in("audit", "audit.log") }

// Stopped lists the programs that have ended although they shouldn't have.
func (l Layout) Stopped() string { return l.in("stopped") }

// Volume is the folder behind the persistent volume number i.
func (l Layout) Volume(i int) string { return l.in("volumes", VolumeName(i)) }

func (l Layout) etc(name string) string { return l.in("etc", name) }

func (l Layout) certificate(name string) string { return l.in("pki", name+".crt") }

func (l Layout) key(name string) string { return l.in("pki", name+".key") }
