package node

import (
	"context"
	"fmt"

	"hookgate.dev/tests/cluster/internal/apiclient"
	"hookgate.dev/tests/cluster/internal/config"
)

type condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Ready tries whether pods can be started: the node takes them, and the
// controllers have made the account that pods run as.
func Ready(client *apiclient.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		var node struct {
			Status struct {
				Conditions []condition `json:"conditions"`
			} `json:"status"`
		}
		if err := client.Get(ctx, "/api/v1/nodes/"+config.NodeName, &node); err != nil {
			return err
		}
		if err := checkReady(node.Status.Conditions); err != nil {
			return err
		}
		return client.Get(ctx, "/api/v1/namespaces/default/serviceaccounts/default", nil)
	}
}

func checkReady(conditions []condition) error {
	for _, c := range conditions {
		if c.Type == "Ready" {
			if c.Status == "True" {
				return nil
			}
			return fmt.Errorf("the node isn't ready: %s", c.Message)
		}
	}
	return fmt.Errorf("the node hasn't said yet that it's ready")
}
