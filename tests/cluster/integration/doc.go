// Package integration tests whole clusters, as root, on a real machine. Its
// tests have the build tag integration; ../integration-test runs them.
package integration
