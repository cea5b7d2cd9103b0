package config

import (
	"encoding/json"
	"fmt"
	"net"
	"time"
)

// Every client of the API server has the identity that Kubernetes' own rules
// (bootstrap RBAC and the node authorizer) know it by.
var identities = map[string]Identity{
	"apiserver": {
		Name: "kube-apiserver",
		DNS:  []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + Domain},
		IPs:  []net.IP{net.ParseIP("127.0.0.1"), net.ParseIP(APIService), net.ParseIP(NodeAddress)},
	},
	"kubelet-client":     {Name: "kube-apiserver-kubelet-client", Group: "system:masters"},
	"kubelet-server":     {Name: NodeName, DNS: []string{NodeName}, IPs: []net.IP{net.ParseIP(NodeAddress)}},
	"admin":              {Name: "admin", Group: "system:masters"},
	"controller-manager": {Name: "system:kube-controller-manager"},
	"scheduler":          {Name: "system:kube-scheduler"},
	"kubelet":            {Name: "system:node:" + NodeName, Group: "system:nodes"},
	"proxy":              {Name: "system:kube-proxy"},
	"coredns":            {Name: "system:coredns"},
}

// Clients of the API server that read a kubeconfig inside the node.
var clients = []string{"admin", "controller-manager", "scheduler", "kubelet", "proxy", "coredns"}

// Trust is all the keys of a cluster.
type Trust struct {
	Authority, AuthorityKey []byte
	Pairs                   map[string]Pair
	Tokens                  Pair
}

// NewTrust makes them.
func NewTrust(now time.Time) (Trust, error) {
	authority, err := NewAuthority(now)
	if err != nil {
		return Trust{}, err
	}
	trust := Trust{Authority: authority.PEM, Pairs: map[string]Pair{}}
	if trust.AuthorityKey, err = encodeKey(authority.key); err != nil {
		return Trust{}, err
	}
	for name, identity := range identities {
		if trust.Pairs[name], err = authority.Issue(identity, now); err != nil {
			return Trust{}, err
		}
	}
	if trust.Tokens, err = newKeyPair(); err != nil {
		return Trust{}, err
	}
	return trust, nil
}

type object = map[string]any

// Kubeconfig renders, in JSON, which is YAML too, the kubeconfig with which the
// client called user reaches the API server on a port of 127.0.0.1. It holds
// the keys, so that it can be copied.
func (t Trust) Kubeconfig(user, cluster string, port int) ([]byte, error) {
	pair, known := t.Pairs[user]
	if !known {
		return nil, fmt.Errorf("there is no client called %s", user)
	}
	return render(object{
		"apiVersion":      "v1",
		"kind":            "Config",
		"current-context": cluster,
		"clusters": []object{{"name": cluster, "cluster": object{
			"server":                     fmt.Sprintf("https://127.0.0.1:%d", port),
			"certificate-authority-data": t.Authority, // []byte becomes base64
		}}},
		"users": []object{{"name": user, "user": object{
			"client-certificate-data": pair.Certificate,
			"client-key-data":         pair.Key,
		}}},
		"contexts": []object{{"name": cluster, "context": object{"cluster": cluster, "user": user}}},
	})
}

func render(value any) ([]byte, error) {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("rendering a configuration: %w", err)
	}
	return append(data, '\n'), nil
}
