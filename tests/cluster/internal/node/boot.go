package node

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"hookgate.dev/tests/cluster/internal/apiclient"
	"hookgate.dev/tests/cluster/internal/config"
)

// booter starts the programs and waits for what each needs.
type booter struct {
	Options
	supervisor *supervisor
	progress   progressWriter
}

func (b booter) boot(ctx context.Context) error {
	if err := b.keep(b.Containerd(), b.Etcd()); err != nil {
		return err
	}
	paused := make(chan error, 1)
	go func() { paused <- b.importPause(ctx) }()

	if err := b.await(ctx, "etcd", answers(config.EtcdHealth)); err != nil {
		return err
	}
	b.progress.step("etcd")
	if err := b.keep(b.APIServer()); err != nil {
		return err
	}
	client, err := apiclient.New(b.AdminInside())
	if err != nil {
		return err
	}
	err = b.await(ctx, "the API server", func(ctx context.Context) error { return client.Get(ctx, "/readyz", nil) })
	if err != nil {
		return err
	}
	b.progress.step("API server")
	if err := <-paused; err != nil {
		return err
	}
	if err := b.keep(b.Agents()...); err != nil {
		return err
	}
	for _, object := range b.Objects(b.Volumes) {
		if err := client.Create(ctx, object.Path, object.Body); err != nil {
			return fmt.Errorf("preparing the cluster: %w", err)
		}
	}
	if err := b.await(ctx, "the node", Ready(client)); err != nil {
		return err
	}
	b.progress.step("node, controllers and scheduler")
	if err := b.await(ctx, "kube-proxy", answers(config.ProxyHealth)); err != nil {
		return err
	}
	if err := b.await(ctx, "DNS through its Service", resolves("kubernetes.default.svc."+config.Domain)); err != nil {
		return err
	}
	b.progress.step("Services and DNS")
	return nil
}

func (b booter) keep(programs ...config.Program) error {
	for _, program := range programs {
		if err := b.supervisor.keep(program); err != nil {
			return err
		}
	}
	return nil
}

// importPause loads the image of which every pod has a container. Pods can't start before.
func (b booter) importPause(ctx context.Context) error {
	err := b.await(ctx, "containerd", func(context.Context) error {
		conn, err := net.Dial("unix", b.Socket())
		if err == nil {
			conn.Close()
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := b.supervisor.run("load", config.LoadCommand(b.Layout, b.PauseArchive())...); err != nil {
		return fmt.Errorf("loading the pause image: %w", err)
	}
	return nil
}

const (
	retryAfter     = 50 * time.Millisecond
	attemptTimeout = 2 * time.Second
)

// await tries until it works, a program has stopped, or time is up.
func (b booter) await(ctx context.Context, what string, try func(context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		err := try(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case stopped := <-b.supervisor.stopped:
			return stopped
		case <-ctx.Done():
			return fmt.Errorf("gave up waiting for %s after %s: %w", what, b.Timeout, err)
		case <-time.After(retryAfter):
		}
	}
}

// answers tries whether a health address answers with success.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, response.Status)
		}
		return nil
	}
}

// resolves tries whether the cluster's DNS, asked through its Service as pods ask it, knows name.
func resolves(name string) func(context.Context) error {
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(config.DNSService, "53"))
	}}
	return func(ctx context.Context) error {
		// A first packet may be lost while rules are being written: ask again soon.
		ctx, cancel := context.WithTimeout(ctx, attemptTimeout/8)
		defer cancel()
		_, err := resolver.LookupHost(ctx, name+".")
		return err
	}
}
