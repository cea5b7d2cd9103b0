package node

import (
	"os"
	"strings"
	"testing"
	"time"

	"hookgate.dev/tests/cluster/internal/config"
)

func supervised(t *testing.T) *supervisor {
	t.Helper()
	layout := config.Layout{State: t.TempDir()}
	if err := os.Mkdir(layout.State+"/log", 0o755); err != nil {
		t.Fatal(err)
	}
	return newSupervisor(layout)
}

func TestRunTellsWhatAFailingProgramSaid(t *testing.T) {
	s := supervised(t)
	if err := s.run("good", "true"); err != nil {
		t.Errorf("true: %v", err)
	}
	err := s.run("bad", "sh", "-c", "echo why >&2; exit 3")
	if err == nil || !strings.Contains(err.Error(), "bad ended with exit status 3") || !strings.Contains(err.Error(), "why") {
		t.Errorf("a failing program: %v", err)
	}
	if err := s.run("ugly", "no-such-program"); err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("a missing program: %v", err)
	}
}

func TestProgramsThatStopAreNoted(t *testing.T) {
	s := supervised(t)
	if err := s.keep(config.Program{Name: "short", Argv: []string{"sh", "-c", "kill -9 $$"}}); err != nil {
		t.Fatal(err)
	}
	select {
	case account := <-s.stopped:
		noted, err := os.ReadFile(s.layout.Stopped())
		if err != nil || !strings.Contains(account.Error(), "short was killed") || !strings.Contains(string(noted), "short was killed") {
			t.Errorf("account %v, noted %q, error %v", account, noted, err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it wasn't noticed")
	}
}

func TestNoEndIsMissed(t *testing.T) {
	s := supervised(t)
	const programs = 40
	results := make(chan error, programs)
	for range programs {
		go func() { results <- s.run("many", "true") }()
	}
	for range programs {
		select {
		case err := <-results:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the end of a program was missed")
		}
	}
}
