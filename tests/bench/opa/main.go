// Command opa-bench evaluates a policy of regular expressions in the process, with a prepared query: OPA without
// the start of a program. It reads lines with the number of evaluations and answers with nanoseconds for each.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "opa-bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 3 {
		return fmt.Errorf("usage: opa-bench POLICY.rego INPUT.json")
	}
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.hooks.deny"), rego.Load(os.Args[1:2], nil)).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		if err != nil || count < 1 {
			return fmt.Errorf("%q is not a number of evaluations", lines.Text())
		}
		started := time.Now()
		for range count {
			// Decoding is part of a review, as it is for the others.
			var input any
			if err := json.Unmarshal(text, &input); err != nil {
				return err
			}
			results, err := query.Eval(ctx, rego.EvalInput(input))
			if err != nil {
				return err
			}
			if denied, ok := results[0].Expressions[0].Value.([]any); !ok || len(denied) != 0 {
				return fmt.Errorf("the script should be accepted: %v", results[0].Expressions[0].Value)
			}
		}
		fmt.Println(time.Since(started).Nanoseconds() / int64(count))
	}
	return lines.Err()
}
