package node

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestLifeline(t *testing.T) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := Go(ours); err != nil {
		t.Fatal(err)
	}
	if err := awaitGo(theirs); err != nil {
		t.Error(err)
	}
	if err := Go(ours); err != nil {
		t.Fatal(err)
	}
	if err := awaitKeep(theirs); err == nil {
		t.Error("a word was taken for another")
	}
	ours.Close()
	if err := awaitKeep(theirs); !errors.Is(err, errAbandoned) {
		t.Errorf("after `up` has ended: %v", err)
	}
}

// tell lets a node say something and returns what `up` makes of it.
func tell(t *testing.T, say func(progressWriter)) (steps []string, err error) {
	t.Helper()
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	say(progressWriter{ours})
	ours.Close()
	err = Follow(theirs, func(step string) { steps = append(steps, step) })
	return steps, err
}

func TestFollow(t *testing.T) {
	steps, err := tell(t, func(p progressWriter) { p.step("one"); p.step("two"); p.done(nil) })
	if err != nil || !slices.Equal(steps, []string{"one", "two"}) {
		t.Errorf("steps %q, error %v", steps, err)
	}
	if _, err = tell(t, func(p progressWriter) { p.done(errors.New("line\nline")) }); err == nil || err.Error() != "line\nline" {
		t.Errorf("a failing boot: %v", err)
	}
	if _, err = tell(t, func(p progressWriter) { p.step("one") }); err == nil {
		t.Error("a node that ended without a word passes for ready")
	}
}

func TestCheckReady(t *testing.T) {
	for _, test := range []struct {
		conditions []condition
		ready      bool
	}{
		{nil, false},
		{[]condition{{Type: "MemoryPressure", Status: "True"}}, false},
		{[]condition{{Type: "Ready", Status: "False", Message: "no network"}}, false},
		{[]condition{{Type: "MemoryPressure", Status: "False"}, {Type: "Ready", Status: "True"}}, true},
	} {
		if err := checkReady(test.conditions); (err == nil) != test.ready {
			t.Errorf("%+v: %v", test.conditions, err)
		}
	}
}

func TestTail(t *testing.T) {
	if got := tail("a\nb\nc\n", 2); got != "    b\n    c" {
		t.Errorf("tail = %q", got)
	}
	if got := tail("a", 5); got != "    a" {
		t.Errorf("tail = %q", got)
	}
}

func TestDescribe(t *testing.T) {
	if got := describe(syscall.WaitStatus(9)); got != "was killed (killed)" {
		t.Errorf("describe = %q", got)
	}
	if got := describe(syscall.WaitStatus(3 << 8)); got != "ended with exit status 3" {
		t.Errorf("describe = %q", got)
	}
}

// Each side of a connection may end its half while the other still speaks.
func TestForwardKeepsHalfClosedConnections(t *testing.T) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	target, door := listen(), listen()
	go func() {
		for {
			conn, err := target.Accept()
			if err != nil {
				return
			}
			heard, _ := io.ReadAll(conn) // until the client has ended its half
			fmt.Fprintf(conn, "heard %s\n", heard)
			conn.Close()
		}
	}()
	go forward(door, target.Addr().String())

	conn, err := net.Dial("tcp", door.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "hello")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "heard hello" {
		t.Errorf("answer %q, error %v", answer, err)
	}
}
