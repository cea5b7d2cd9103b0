package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Build makes the archive out, unless it is there and was made from the same
// inputs. cache is a folder for layers that are slow to make.
func Build(spec Spec, out, cache string) (made bool, err error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return false, fmt.Errorf("making the folder for layers: %w", err)
	}
	var layers []layer
	if len(spec.Packages) > 0 {
		packages, err := packagesLayer(cache, spec.Packages)
		if err != nil {
			return false, err
		}
		layers = append(layers, packages)
	}
	entries, err := spec.ours()
	if err != nil {
		return false, err
	}
	key, err := fingerprint(spec, layers, complete(entries))
	if err != nil {
		return false, err
	}
	if upToDate(out, key) {
		return false, nil
	}

	work, err := os.MkdirTemp(cache, "image-")
	if err != nil {
		return false, fmt.Errorf("making an image: %w", err)
	}
	defer os.RemoveAll(work)
	ours, err := makeLayer(filepath.Join(work, "ours.tar"), entries)
	if err != nil {
		return false, err
	}
	pictures, err := spec.pictures(append(layers, ours), func(version string) (layer, error) {
		return makeLayer(filepath.Join(work, "version-"+version+".tar"), []entry{{
			path: inside(spec.Versions.Path), kind: tar.TypeReg, mode: 0o644, content: []byte(version + "\n")}})
	})
	if err != nil {
		return false, err
	}
	if err := writeOut(out, spec.Config, pictures); err != nil {
		return false, err
	}
	return true, writeWhole(keyFile(out), []byte(key))
}

func writeOut(out string, config Config, pictures []picture) error {
	file, err := os.Create(out + ".new")
	if err != nil {
		return fmt.Errorf("making an image: %w", err)
	}
	defer file.Close()
	if err := writeArchive(file, config, pictures); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("making an image: %w", err)
	}
	if err := os.Remove(keyFile(out)); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("making an image: %w", err) // the key must not outlive what it speaks of
	}
	if err := os.Rename(out+".new", out); err != nil {
		return fmt.Errorf("making an image: %w", err)
	}
	return nil
}

// fingerprint is a hash of everything that decides about an archive's bytes.
func fingerprint(spec Spec, layers []layer, entries []entry) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, format)
	for _, l := range layers {
		fmt.Fprintln(hash, l.digest)
	}
	if err := json.NewEncoder(hash).Encode(struct {
		Tags     []string
		Versions *Versions
		Config   Config
	}{spec.Tags, spec.Versions, spec.Config}); err != nil {
		return "", fmt.Errorf("looking for changes: %w", err)
	}
	if err := writeTar(hash, entries); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func keyFile(out string) string { return out + ".key" }

func upToDate(out, key string) bool {
	if _, err := os.Stat(out); err != nil {
		return false
	}
	last, err := os.ReadFile(keyFile(out))
	return err == nil && string(last) == key
}

// writeWhole writes a file in one step.
func writeWhole(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
