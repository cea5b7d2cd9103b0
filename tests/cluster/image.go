package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hookgate.dev/tests/cluster/internal/image"
)

func makeImage(_ context.Context, args []string) error {
	var spec, out, cache, versions string
	values := map[string]string{}
	_, _, err := parse("image", args, func(flags *flag.FlagSet) {
		flags.StringVar(&spec, "spec", "", "the image's description, a JSON `file`")
		flags.StringVar(&out, "out", "", "the archive to make, a tar `file`")
		flags.StringVar(&cache, "cache", "", "`folder` for layers that are slow to make (default: cache, beside the archive)")
		flags.StringVar(&versions, "versions", "", "make these `versions`, separated by commas, instead of the description's")
		flags.Func("set", "put in `KEY=VALUE`; may be repeated", func(pair string) error {
			key, value, found := strings.Cut(pair, "=")
			if !found {
				return errors.New("it isn't of the form KEY=VALUE")
			}
			values[key] = value
			return nil
		})
	})
	if err != nil {
		return err
	}
	if spec == "" || out == "" {
		return errors.New("both --spec and --out are needed")
	}
	if cache == "" {
		cache = filepath.Join(filepath.Dir(out), "cache")
	}
	// apt takes a relative folder as one of its own.
	if cache, err = filepath.Abs(cache); err != nil {
		return fmt.Errorf("finding the cache: %w", err)
	}
	described, err := image.Read(spec, values)
	if err != nil {
		return err
	}
	if versions != "" {
		if err := described.UseVersions(strings.Split(versions, ",")); err != nil {
			return fmt.Errorf("--versions: %w", err)
		}
	}
	made, err := image.Build(described, out, cache)
	if err == nil && made {
		fmt.Fprintln(os.Stderr, "made", out)
	}
	return err
}
