package record

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Process names one process for good: pids are used again, but not with the
// same start time in the same boot.
type Process struct {
	PID int `json:"pid"`
	// Start is in clock ticks since boot, as the kernel counts it.
	Start uint64 `json:"start"`
	Boot  string `json:"boot"`
}

// Identify describes the running process pid.
func Identify(pid int) (Process, error) {
	boot, err := bootID()
	if err != nil {
		return Process{}, err
	}
	state, start, err := stat(pid)
	if err != nil {
		return Process{}, err
	}
	if isDead(state) {
		return Process{}, fmt.Errorf("process %d has ended", pid)
	}
	return Process{PID: pid, Start: start, Boot: boot}, nil
}

// Alive says whether that very process still runs. A zombie doesn't: it only
// waits for its parent to notice.
func (p Process) Alive() bool {
	boot, err := bootID()
	if err != nil || boot != p.Boot {
		return false
	}
	state, start, err := stat(p.PID)
	return err == nil && start == p.Start && !isDead(state)
}

func isDead(state byte) bool { return state == 'Z' || state == 'X' }

func bootID() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("reading the machine's boot id: %w", err)
	}
	return strings.TrimSpace(string(id)), nil
}

func stat(pid int) (state byte, start uint64, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("looking up process %d: %w", pid, err)
	}
	state, start, err = parseStat(data)
	if err != nil {
		return 0, 0, fmt.Errorf("looking up process %d: %w", pid, err)
	}
	return state, start, nil
}

// parseStat picks the state and the start time out of /proc/PID/stat. The
// program's name comes before them in parentheses, and may hold any character.
func parseStat(data []byte) (state byte, start uint64, err error) {
	_, rest, found := bytes.Cut(data[max(0, bytes.LastIndexByte(data, ')')):], []byte(")"))
	fields := strings.Fields(string(rest))
	const stateField, startField = 0, 19
	if !found || len(fields) <= startField {
		return 0, 0, fmt.Errorf("can't read %q", data)
	}
	start, err = strconv.ParseUint(fields[startField], 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("start time: %w", err)
	}
	return fields[stateField][0], start, nil
}
