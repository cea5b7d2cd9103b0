package config

import "fmt"

// Program is one of the programs that run as long as the cluster does.
type Program struct {
	Name string
	Argv []string
}

// The control plane and the node agents must not wait for their own clients'
// rate limits when dozens of scenarios run at the same time.
const (
	clientQPS   = "500"
	clientBurst = "1000"
)

// Containerd and Etcd come first: the API server needs etcd, and the kubelet
// needs containerd.
func (l Layout) Containerd() Program {
	return Program{"containerd", []string{"containerd", "--config", l.etc("containerd.toml")}}
}

// Etcd is the store of the API server.
func (l Layout) Etcd() Program {
	return Program{"etcd", []string{l.Program("etcd"), "--data-dir", l.in("etcd"),
		"--listen-client-url", etcdClientURL, "--listen-peer-url", etcdPeerURL}}
}

// APIServer serves on loopback and on the node's address.
func (l Layout) APIServer() Program {
	return Program{"kube-apiserver", []string{l.Program("kube-apiserver"),
		"--etcd-servers=" + etcdClientURL,
		fmt.Sprintf("--secure-port=%d", APIServerPort),
		"--advertise-address=" + NodeAddress,
		"--tls-cert-file=" + l.certificate("apiserver"),
		"--tls-private-key-file=" + l.key("apiserver"),
		"--client-ca-file=" + l.certificate("ca"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + l.certificate("tokens"),
		"--service-account-signing-key-file=" + l.key("tokens"),
		"--service-cluster-ip-range=" + Services,
		"--authorization-mode=Node,RBAC",
		// Owner references that block deletion need a right of their own, as in clusters that are stricter than the default.
		"--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
		"--allow-privileged=true",
		"--kubelet-certificate-authority=" + l.certificate("ca"),
		"--kubelet-client-certificate=" + l.certificate("kubelet-client"),
		"--kubelet-client-key=" + l.key("kubelet-client"),
		"--kubelet-preferred-address-types=InternalIP", // names of nodes don't resolve
		"--audit-policy-file=" + l.etc("audit-policy.json"),
		"--audit-log-path=" + l.AuditLog(),
		"--audit-log-maxsize=100", // MB, of each file
		"--audit-log-maxbackup=2",
		"--cert-dir=" + l.in("pki"),
	}}
}

// Agents are the clients of the API server.
func (l Layout) Agents() []Program {
	return []Program{
		{"kube-controller-manager", []string{l.Program("kube-controller-manager"),
			"--kubeconfig=" + l.etc("controller-manager.kubeconfig"),
			"--use-service-account-credentials=true",
			"--service-account-private-key-file=" + l.key("tokens"),
			"--root-ca-file=" + l.certificate("ca"),
			"--cluster-signing-cert-file=" + l.certificate("ca"),
			"--cluster-signing-key-file=" + l.key("ca"),
			"--leader-elect=false",
			"--kube-api-qps=" + clientQPS, "--kube-api-burst=" + clientBurst,
			"--flex-volume-plugin-dir=" + l.in("kubelet", "plugins"),
			"--cert-dir=" + l.in("pki"),
		}},
		{"kube-scheduler", []string{l.Program("kube-scheduler"),
			"--kubeconfig=" + l.etc("scheduler.kubeconfig"),
			"--leader-elect=false",
			"--kube-api-qps=" + clientQPS, "--kube-api-burst=" + clientBurst,
			"--cert-dir=" + l.in("pki"),
		}},
		{"kubelet", []string{l.Program("kubelet"),
			"--config=" + l.etc("kubelet.json"),
			"--kubeconfig=" + l.etc("kubelet.kubeconfig"),
			"--hostname-override=" + NodeName,
			"--node-ip=" + NodeAddress,
			"--root-dir=" + l.in("kubelet"),
			"--cert-dir=" + l.in("pki"),
		}},
		{"kube-proxy", []string{l.Program("kube-proxy"),
			"--kubeconfig=" + l.etc("proxy.kubeconfig"),
			"--hostname-override=" + NodeName,
			"--proxy-mode=iptables",
			"--cluster-cidr=" + PodNetwork,
			"--nodeport-addresses=" + NodeNetwork,
			"--iptables-min-sync-period=100ms",
			// These would be settings of the whole machine, closed to a namespace.
			"--conntrack-max-per-core=0",
			"--conntrack-tcp-timeout-established=0s",
			"--conntrack-tcp-timeout-close-wait=0s",
		}},
		{"coredns", []string{l.Program("coredns"), "-conf", l.etc("Corefile")}},
	}
}

// LoadCommand imports image archives into the images that the kubelet sees.
func LoadCommand(l Layout, archive string) []string {
	return []string{"ctr", "--address", l.Socket(), "--namespace", "k8s.io", "images", "import", archive}
}
