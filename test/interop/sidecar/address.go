package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// listen opens `host:port` or `unix:/path`. The socket file of a process that was killed is in the way of the next one,
// so it is removed, unless somebody answers there.
func listen(what, address string) (net.Listener, error) {
	path, isUnix := strings.CutPrefix(address, "unix:")
	if !isUnix {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("--%s %s: %w", what, address, reason(err))
		}
		return listener, nil
	}
	if err := removeStaleSocket(path); err != nil {
		return nil, fmt.Errorf("--%s %s: %w", what, address, err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("--%s %s: %w", what, address, reason(err))
	}
	return listener, nil
}

func removeStaleSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSocket == 0 {
		return errors.New("the file is there and is no socket; it is left alone")
	}
	if peer, err := net.Dial("unix", path); err == nil {
		peer.Close()
		return errors.New("another process listens there")
	}
	return os.Remove(path)
}

func reason(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return errors.New("another process listens there")
	}
	var inner *os.SyscallError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// addressOf is the address as it is written everywhere: host:port or unix:/path.
func addressOf(listener net.Listener) string {
	if listener.Addr().Network() == "unix" {
		return "unix:" + listener.Addr().String()
	}
	return listener.Addr().String()
}
