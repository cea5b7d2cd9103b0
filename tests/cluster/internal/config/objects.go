package config

import "fmt"

// Object is something to create in the new cluster: where, and what.
type Object struct {
	Path string
	Body object
}

const (
	rbac = "/apis/rbac.authorization.k8s.io/v1/"
	core = "/api/v1/"
)

// Objects are what the cluster needs beside what Kubernetes makes by itself: a
// Service for the CoreDNS that runs on the node, its rights, and volumes.
func (l Layout) Objects(volumes int) []Object {
	ports := []object{
		{"name": "dns", "port": 53, "protocol": "UDP"},
		{"name": "dns-tcp", "port": 53, "protocol": "TCP"},
	}
	read := []string{"list", "watch"}
	objects := []Object{
		{rbac + "clusterroles", object{
			"metadata": object{"name": "system:coredns"},
			"rules": []object{
				{"apiGroups": []string{""}, "resources": []string{"services", "namespaces", "pods", "endpoints"}, "verbs": read},
				{"apiGroups": []string{"discovery.k8s.io"}, "resources": []string{"endpointslices"}, "verbs": read},
			},
		}},
		{rbac + "clusterrolebindings", object{
			"metadata": object{"name": "system:coredns"},
			"roleRef":  object{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"},
			"subjects": []object{{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:coredns"}},
		}},
		{core + "namespaces/kube-system/services", object{
			"metadata": object{"name": "kube-dns"},
			"spec":     object{"clusterIP": DNSService, "ports": ports},
		}},
		{"/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices", object{
			"metadata": object{
				"name":   "kube-dns-node",
				"labels": object{"kubernetes.io/service-name": "kube-dns"},
			},
			"addressType": "IPv4",
			"endpoints":   []object{{"addresses": []string{NodeAddress}, "conditions": object{"ready": true}}},
			"ports":       ports,
		}},
	}
	for i := range volumes {
		objects = append(objects, Object{core + "persistentvolumes", l.volume(i)})
	}
	return objects
}

// VolumeName names the persistent volume number i.
func VolumeName(i int) string { return fmt.Sprintf("volume-%02d", i) }

// volume has no class, so claims without a class find it.
func (l Layout) volume(i int) object {
	return object{
		"metadata": object{"name": VolumeName(i)},
		"spec": object{
			"capacity":                      object{"storage": "10Gi"},
			"accessModes":                   []string{"ReadWriteOnce"},
			"persistentVolumeReclaimPolicy": "Retain",
			"hostPath":                      object{"path": l.Volume(i), "type": "Directory"},
		},
	}
}
