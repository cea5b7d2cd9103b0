package config

import "fmt"

// networkBatch gives the node an address on a bridge without ports, for not
// every kernel has dummy devices. Without a route to the Services the node's own programs
// couldn't reach them: there is no default route.
func networkBatch() string {
	return fmt.Sprintf(`link set lo up
link add node0 type bridge
address add %s/24 dev node0
link set node0 up
route add %s dev node0
`, NodeAddress, Services)
}

// containerdConfig gives containerd folders of its own everywhere: the defaults
// are shared by all that run on a machine.
func (l Layout) containerdConfig() string {
	return fmt.Sprintf(`version = 2
root = %[1]q
state = %[2]q

[grpc]
  address = %[3]q

[plugins."io.containerd.internal.v1.opt"]
  path = %[4]q

[plugins."io.containerd.grpc.v1.cri"]
  # Lowering a score takes a capability that containers and small machines lack.
  restrict_oom_score_adj = true
  sandbox_image = %[5]q
  disable_tcp_service = true
  max_concurrent_downloads = 8

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = %[6]q

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`, l.in("containerd", "root"), l.in("containerd", "state"), l.Socket(), l.in("containerd", "opt"),
		PauseImage, l.etc("cni"))
}

// cniConfig routes each pod over a link of its own. On a shared bridge, replies
// from one pod to another would pass by the rules that turn addresses of
// Services into addresses of pods, unless the kernel has br_netfilter.
func (l Layout) cniConfig() object {
	return object{
		"cniVersion": "1.0.0",
		"name":       "pods",
		"plugins": []object{
			{
				"type": "ptp",
				"ipam": object{
					"type":    "host-local",
					"dataDir": l.in("addresses"),
					"ranges":  [][]object{{{"subnet": PodNetwork}}},
					"routes":  []object{{"dst": "0.0.0.0/0"}},
				},
			},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}
}

// kubeletConfig is for a node that starts many small pods quickly.
func (l Layout) kubeletConfig(cgroup string) object {
	return object{
		"apiVersion":               "kubelet.config.k8s.io/v1beta1",
		"kind":                     "KubeletConfiguration",
		"containerRuntimeEndpoint": "unix://" + l.Socket(),
		"cgroupDriver":             "cgroupfs",
		"cgroupRoot":               "/" + cgroup, // not /kubepods, which a second node would share
		"failCgroupV1":             false,
		"failSwapOn":               false,
		// The folder of a node in a namespace is no file system that can be measured.
		"localStorageCapacityIsolation": false,
		"clusterDNS":                    []string{DNSService},
		"clusterDomain":                 Domain,
		"resolvConf":                    l.etc("resolv.conf"),
		"podLogsDir":                    l.in("pod-logs"),
		"volumePluginDir":               l.in("kubelet", "plugins"),
		"maxPods":                       MaxPods,
		"serializeImagePulls":           false,
		"kubeAPIQPS":                    500,
		"kubeAPIBurst":                  1000,
		"eventRecordQPS":                0, // without limit
		"tlsCertFile":                   l.certificate("kubelet-server"),
		"tlsPrivateKeyFile":             l.key("kubelet-server"),
		"authentication": object{
			"anonymous": object{"enabled": false},
			"webhook":   object{"enabled": false},
			"x509":      object{"clientCAFile": l.certificate("ca")},
		},
		"authorization": object{"mode": "AlwaysAllow"},
		// Never evict pods nor remove images because the machine's disk is full.
		"evictionHard":                object{"memory.available": "100Mi"},
		"imageGCHighThresholdPercent": 100,
		"imageGCLowThresholdPercent":  99,
	}
}

// auditPolicy records who asked for what, once per request, without the noise
// of health checks and of the node's own heartbeat.
func auditPolicy() object {
	return object{
		"apiVersion": "audit.k8s.io/v1",
		"kind":       "Policy",
		"omitStages": []string{"RequestReceived"},
		"rules": []object{
			{"level": "None", "nonResourceURLs": []string{"/healthz*", "/livez*", "/readyz*"}},
			{"level": "None", "userGroups": []string{"system:nodes"}, "namespaces": []string{"kube-node-lease"}},
			// What a service account changes is kept as it was sent: tests compare it with what was recorded before.
			{
				"level":      "Request",
				"userGroups": []string{"system:serviceaccounts:hookgate-system"},
				"verbs":      []string{"create", "update", "patch", "delete"},
			},
			{"level": "Metadata"},
		},
	}
}

// corefile answers for the cluster's names; there is no outside. The plugins it
// names are those of tools/coredns/main.go.
func (l Layout) corefile() string {
	return fmt.Sprintf(`%[1]s:53 in-addr.arpa:53 {
    bind %[2]s
    errors
    ready %[3]s
    kubernetes %[1]s in-addr.arpa {
        kubeconfig %[4]s
        pods insecure
        ttl 5
    }
}
.:53 {
    bind %[2]s
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`, Domain, NodeAddress, dnsReady, l.etc("coredns.kubeconfig"))
}
