// Package apiclient speaks to the API server in plain HTTP and JSON: enough to
// boot a cluster, and without the minutes that linking client-go costs.
package apiclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Client acts as the user of one kubeconfig.
type Client struct {
	server string
	http   *http.Client
}

// The part of a kubeconfig that config.Kubeconfig writes.
type kubeconfig struct {
	Clusters []struct {
		Cluster struct {
			Server    string `json:"server"`
			Authority []byte `json:"certificate-authority-data"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		User struct {
			Certificate []byte `json:"client-certificate-data"`
			Key         []byte `json:"client-key-data"`
		} `json:"user"`
	} `json:"users"`
}

const requestTimeout = 5 * time.Second

// New reads a kubeconfig that config.Kubeconfig has written.
func New(path string) (*Client, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	var parsed kubeconfig
	if err := json.Unmarshal(data, &parsed); err != nil {
		return nil, fmt.Errorf("reading the kubeconfig %s: %w", path, err)
	}
	if len(parsed.Clusters) != 1 || len(parsed.Users) != 1 {
		return nil, fmt.Errorf("the kubeconfig %s isn't one of this program's", path)
	}
	cluster, user := parsed.Clusters[0].Cluster, parsed.Users[0].User
	certificate, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, fmt.Errorf("the client certificate in %s: %w", path, err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(cluster.Authority) {
		return nil, fmt.Errorf("the certificate authority in %s can't be read", path)
	}
	return &Client{server: cluster.Server, http: &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			RootCAs:      authorities,
			MinVersion:   tls.VersionTLS12,
		}},
	}}, nil
}

// Server is the address of the API server.
func (c *Client) Server() string { return c.server }

// Get fetches path and decodes the answer into out, unless that is nil.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, nil, out)
}

// Create posts body to path. What is there already is left as it is.
func (c *Client) Create(ctx context.Context, path string, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding an object for %s: %w", path, err)
	}
	err = c.do(ctx, http.MethodPost, path, encoded, nil)
	var status StatusError
	if errors.As(err, &status) && status.Code == http.StatusConflict {
		return nil
	}
	return err
}

// StatusError is an answer of the API server that isn't a success.
type StatusError struct {
	Code    int
	Message string
}

func (e StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Code, e.Message) }

func (c *Client) do(ctx context.Context, method, path string, body []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "hookgate-cluster")
	response, err := c.http.Do(request)
	if err != nil {
		return err // net/http has named the method and the address
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %w", method, path, StatusError{response.StatusCode, strings.TrimSpace(string(answer))})
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: reading the answer: %w", method, path, err)
	}
	return nil
}
