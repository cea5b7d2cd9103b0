package apiclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookgate.dev/tests/cluster/internal/config"
)

// serve answers as an API server does, to clients of the same trust.
func serve(t *testing.T, trust config.Trust, answer http.HandlerFunc) (port int) {
	t.Helper()
	pair := trust.Pairs["apiserver"]
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(trust.Authority)
	server := httptest.NewUnstartedServer(answer)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().(*net.TCPAddr).Port
}

func client(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	trust, err := config.NewTrust(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := trust.Kubeconfig("admin", "one", serve(t, trust, answer))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := New(path)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestGetDecodesTheAnswer(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"path": %q, "user": %q}`, r.URL.Path, r.TLS.PeerCertificates[0].Subject.CommonName)
	})
	var got struct{ Path, User string }
	if err := c.Get(context.Background(), "/api/v1/nodes", &got); err != nil {
		t.Fatal(err)
	}
	if got.Path != "/api/v1/nodes" || got.User != "admin" {
		t.Errorf("got %+v", got)
	}
}

func TestCreateLeavesWhatIsThere(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusConflict) })
	if err := c.Create(context.Background(), "/api/v1/namespaces", map[string]string{}); err != nil {
		t.Error(err)
	}
}

func TestErrorsSayWhatTheServerSaid(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "not you", http.StatusForbidden)
	})
	err := c.Create(context.Background(), "/api/v1/namespaces", map[string]string{})
	var status StatusError
	if !errors.As(err, &status) || status.Code != http.StatusForbidden || !strings.Contains(err.Error(), "not you") {
		t.Errorf("error: %v", err)
	}
}
