package node

import (
	"fmt"
	"os"

	"hookgate.dev/tests/cluster/internal/config"
)

// setUpNetwork gives the fresh network namespace its addresses and routes.
func setUpNetwork(s *supervisor, layout config.Layout) error {
	if err := s.run("network", "ip", "-batch", layout.NetworkBatch()); err != nil {
		return fmt.Errorf("setting up the node's network: %w", err)
	}
	const forwarding = "/proc/sys/net/ipv4/ip_forward"
	if err := os.WriteFile(forwarding, []byte("1\n"), 0o644); err != nil {
		return fmt.Errorf("setting up the node's network: %w", err)
	}
	return nil
}
