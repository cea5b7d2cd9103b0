package node

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// The lifeline is a pipe from `up` to the node. A node that `up` hasn't recorded
// yet, or hasn't seen boot, must not outlive it; the pipe breaks when `up` ends.
const (
	wordGo   = 'g' // you are recorded: begin
	wordKeep = 'k' // you have booted: stay without me
)

var errAbandoned = errors.New("the command that started this node has ended before it was up")

func awaitGo(lifeline io.Reader) error { return awaitWord(lifeline, wordGo) }

func awaitKeep(lifeline io.Reader) error { return awaitWord(lifeline, wordKeep) }

func awaitWord(lifeline io.Reader, want byte) error {
	word := make([]byte, 1)
	if _, err := io.ReadFull(lifeline, word); err != nil {
		return errAbandoned
	}
	if word[0] != want {
		return fmt.Errorf("the lifeline says %q instead of %q", word[0], want)
	}
	return nil
}

// Go tells the node at the other end of the lifeline to begin.
func Go(lifeline io.Writer) error { return say(lifeline, wordGo) }

// Keep tells it to stay.
func Keep(lifeline io.Writer) error { return say(lifeline, wordKeep) }

func say(lifeline io.Writer, word byte) error {
	if _, err := lifeline.Write([]byte{word}); err != nil {
		return fmt.Errorf("the node has ended: %w", err)
	}
	return nil
}

// event is one line of what a node tells `up` while it boots.
type event struct {
	Step  string `json:"step,omitempty"`
	Error string `json:"error,omitempty"`
	Ready bool   `json:"ready,omitempty"`
}

type progressWriter struct{ file *os.File }

func (p progressWriter) step(text string) { p.send(event{Step: text}) }

// done is the last thing said.
func (p progressWriter) done(err error) {
	if err != nil {
		p.send(event{Error: err.Error()})
	} else {
		p.send(event{Ready: true})
	}
	p.file.Close()
}

// send can only fail when nobody listens any more, and then the lifeline says so too.
func (p progressWriter) send(e event) { _ = json.NewEncoder(p.file).Encode(e) }

// Follow reads a booting node's events, handing on its steps, until it's ready or has failed.
func Follow(progress io.Reader, onStep func(string)) error {
	lines := bufio.NewScanner(progress)
	for lines.Scan() {
		var e event
		switch err := json.Unmarshal(lines.Bytes(), &e); {
		case err != nil:
			return fmt.Errorf("the node says what can't be understood: %w", err)
		case e.Error != "":
			return errors.New(e.Error)
		case e.Ready:
			return nil
		default:
			onStep(e.Step)
		}
	}
	return errors.New("the node's first process ended while it was booting")
}
