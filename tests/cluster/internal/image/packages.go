package image

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// format changes whenever this package writes other bytes from the same inputs.
const format = "1"

// packagesLayer is the layer of Debian packages and all they depend on. It's
// kept in the folder cache until that is removed: newer packages of the same
// name don't change it.
func packagesLayer(cache string, packages []string) (layer, error) {
	names := slices.Sorted(slices.Values(packages))
	key := sha256.Sum256([]byte(format + "\n" + strings.Join(names, "\n")))
	file := filepath.Join(cache, "packages-"+hex.EncodeToString(key[:8])+".tar")
	if digest, err := os.ReadFile(file + ".sha256"); err == nil {
		return layer{file, string(digest)}, nil
	}
	work, err := os.MkdirTemp(cache, "packages-")
	if err != nil {
		return layer{}, fmt.Errorf("making a layer of packages: %w", err)
	}
	defer os.RemoveAll(work)
	debs, err := download(work, names)
	if err != nil {
		return layer{}, err
	}
	entries, err := unpackAll(debs)
	if err != nil {
		return layer{}, err
	}
	made, err := makeLayer(filepath.Join(work, "layer.tar"), entries)
	if err != nil {
		return layer{}, err
	}
	if err := os.Rename(made.file, file); err != nil {
		return layer{}, fmt.Errorf("keeping a layer: %w", err)
	}
	if err := writeWhole(file+".sha256", []byte(made.digest)); err != nil {
		return layer{}, err
	}
	return layer{file, made.digest}, nil
}

// download fetches packages, and all that they need, into the folder work.
func download(work string, names []string) (debs []string, err error) {
	archives, status := filepath.Join(work, "archives"), filepath.Join(work, "status")
	if err := os.MkdirAll(filepath.Join(archives, "partial"), 0o755); err != nil {
		return nil, fmt.Errorf("downloading Debian packages: %w", err)
	}
	if err := os.WriteFile(status, nil, 0o644); err != nil {
		return nil, fmt.Errorf("downloading Debian packages: %w", err)
	}
	if err := run("apt-get", downloadArguments(archives, status, names)...); err != nil {
		// Perhaps the index is old, or was never fetched.
		if err := run("apt-get", "-qq", "update"); err != nil {
			return nil, err
		}
		if err := run("apt-get", downloadArguments(archives, status, names)...); err != nil {
			return nil, err
		}
	}
	debs, err = filepath.Glob(filepath.Join(archives, "*.deb")) // sorted
	if err != nil || len(debs) == 0 {
		return nil, fmt.Errorf("apt-get has downloaded no packages for %s (%v)", strings.Join(names, ", "), err)
	}
	return debs, nil
}

// downloadArguments let apt believe that nothing is installed yet: so it
// resolves and fetches, with signatures and checksums verified, everything that
// the packages need.
func downloadArguments(archives, status string, names []string) []string {
	options := []string{
		"Dir::State::status=" + status,
		"Dir::Cache::archives=" + archives,
		"Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=",
		"APT::Install-Recommends=false",
		"APT::Sandbox::User=root", // the folder isn't open to apt's own user
		"Debug::NoLocking=true",   // nothing of the system's is written
	}
	arguments := []string{"-qq", "--yes", "--download-only"}
	for _, option := range options {
		arguments = append(arguments, "-o", option)
	}
	return append(append(arguments, "install"), names...)
}

func run(name string, arguments ...string) error {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(output)))
	}
	return nil
}
