package node

import (
	"errors"
	"io"
	"net"
	"time"
)

// forward hands every connection on to target. The listener was opened on the
// host's loopback and inherited: a socket stays in the network namespace in which it
// was made, so this is a door into the node that closes when the node ends.
func forward(listener net.Listener, target string) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of files, perhaps: it passes
			continue
		}
		go relay(conn, target)
	}
}

// relay copies both ways until both sides have said all they have to say.
func relay(client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return // the client sees its connection close, and tries again
	}
	defer server.Close()

	answered := make(chan struct{})
	go func() {
		defer close(answered)
		pass(client, server)
	}()
	pass(server, client)
	<-answered
}

// pass copies from one to the other, then tells the other that no more will come.
func pass(to, from net.Conn) {
	_, err := io.Copy(to, from)
	if err != nil { // one of the two is broken: neither is of use any more
		to.Close()
		from.Close()
		return
	}
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // fails only if it's closed already
	}
}
