package node

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// tailLines is how much of a program's log an error shows.
const tailLines = 12

// account says how a program has ended and what it last wrote.
func (s *supervisor) account(name string, status syscall.WaitStatus) error {
	path := s.layout.Log(name)
	log, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s %s, and its log can't be read: %w", name, describe(status), err)
	}
	return fmt.Errorf("%s %s; the end of %s:\n%s", name, describe(status), path, tail(string(log), tailLines))
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("was killed (%s)", status.Signal())
	}
	return fmt.Sprintf("ended with exit status %d", status.ExitStatus())
}

// tail is the last n lines of text, indented.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return "    " + strings.Join(lines[max(0, len(lines)-n):], "\n    ")
}

// note appends to the file by which `status` learns of stopped programs. If that
// fails, the same account is still in the node's own log.
func note(path string, account error) {
	fmt.Fprintln(os.Stderr, account)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, "noting that:", err)
		return
	}
	defer file.Close()
	fmt.Fprintln(file, account)
}
