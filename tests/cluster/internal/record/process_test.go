package record

import (
	"os"
	"os/exec"
	"testing"
)

func TestParseStat(t *testing.T) {
	const tail = " S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 200 18446744073709551615"
	for _, name := range []string{"(sleep)", "(a b)", "(:-) Z 1 2)", "())"} {
		state, start, err := parseStat([]byte("42 " + name + tail))
		if err != nil || state != 'S' || start != 98765 {
			t.Errorf("a program called %s: state %c, start %d, error %v", name, state, start, err)
		}
	}
	for _, bad := range []string{"", "42", "42 (x", "42 (x) S 1 2", "42 (x) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 soon 1000"} {
		if _, _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestProcessIdentity(t *testing.T) {
	self, err := Identify(os.Getpid())
	if err != nil || !self.Alive() {
		t.Fatalf("this process: %+v, alive %v, error %v", self, self.Alive(), err)
	}
	later, rebooted := self, self
	later.Start++
	rebooted.Boot = "another"
	if later.Alive() {
		t.Error("a process with the same pid and another start time passes for the same")
	}
	if rebooted.Alive() {
		t.Error("a process of an earlier boot passes for alive")
	}
}

func TestZombieIsDead(t *testing.T) {
	command := exec.Command("sleep", "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	process, err := Identify(command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for process.Alive() { // nobody has waited for it: it stays a zombie
	}
	_ = command.Wait() // it was killed, and says so
}
