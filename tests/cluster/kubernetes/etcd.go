package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdCommand serves an etcd of one member on loopback. It never syncs to
// disk: what it holds lives no longer than the test cluster.
func etcdCommand() *cobra.Command {
	var dir, client, peer string
	cmd := &cobra.Command{
		Use:           "etcd",
		Short:         "An etcd of one member for tests: fast, and not durable",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			return serveEtcd(dir, client, peer)
		},
	}
	cmd.Flags().StringVar(&dir, "data-dir", "", "folder for the data")
	cmd.Flags().StringVar(&client, "listen-client-url", "http://127.0.0.1:12379", "address for clients")
	cmd.Flags().StringVar(&peer, "listen-peer-url", "http://127.0.0.1:12380", "address for other members")
	if err := cmd.MarkFlagRequired("data-dir"); err != nil {
		panic(err) // the flag is defined four lines above
	}
	return cmd
}

func serveEtcd(dir, client, peer string) error {
	clientURL, err := url.Parse(client)
	if err != nil {
		return fmt.Errorf("--listen-client-url: %w", err)
	}
	peerURL, err := url.Parse(peer)
	if err != nil {
		return fmt.Errorf("--listen-peer-url: %w", err)
	}

	cfg := embed.NewConfig()
	cfg.Dir = dir
	cfg.UnsafeNoFsync = true
	cfg.LogLevel = "error"
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{*clientURL}, []url.URL{*clientURL}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{*peerURL}, []url.URL{*peerURL}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)

	server, err := embed.StartEtcd(cfg)
	if err != nil {
		return fmt.Errorf("starting etcd in %s: %w", dir, err)
	}
	return <-server.Err()
}
