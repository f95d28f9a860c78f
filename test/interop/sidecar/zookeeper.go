package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

const (
	zookeeperScheme = "zookeeper://"
	zookeeperPort   = "2181"
	defaultSession  = 10 * time.Second
	// How soon a request that failed is tried again, and how often a node of ours is looked at: Java's providers notice
	// only at the next reconnect that theirs was deleted.
	zookeeperPause = 500 * time.Millisecond
)

// zooKeeper is the registry that Java SOFARPC uses, with its layout:
// /sofa-rpc/<interface>/providers/<url of the provider, encoded>.
type zooKeeper struct {
	conn *zk.Conn
	root string

	mu sync.Mutex
	// For each published service.
	publications map[string]*publication
}

// newZooKeeper takes zookeeper://host:port,host:port/root?sessionTimeoutMs=10000. It need not be there yet.
func newZooKeeper(address string) (*zooKeeper, error) {
	servers, root, session, err := parseZooKeeper(address)
	if err != nil {
		return nil, err
	}
	conn, events, err := zk.Connect(servers, session, zk.WithLogger(silent{}))
	if err != nil {
		return nil, fmt.Errorf("--registry %s: %w", address, err)
	}
	go tellStates(address, events)
	return &zooKeeper{conn: conn, root: root, publications: map[string]*publication{}}, nil
}

func parseZooKeeper(address string) (servers []string, root string, session time.Duration, err error) {
	rest, is := strings.CutPrefix(address, zookeeperScheme)
	if !is {
		return nil, "", 0, fmt.Errorf("--registry %s: it must be memory or zookeeper://host:port", address)
	}
	rest, query, _ := strings.Cut(rest, "?")
	list, path, _ := strings.Cut(rest, "/")
	for _, server := range strings.Split(list, ",") {
		if server == "" {
			return nil, "", 0, fmt.Errorf("--registry %s: a host is missing", address)
		}
		if !strings.Contains(server, ":") {
			server += ":" + zookeeperPort
		}
		servers = append(servers, server)
	}
	if path = strings.Trim(path, "/"); path != "" {
		root = "/" + path
	}
	session = defaultSession
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, "", 0, fmt.Errorf("--registry %s: %w", address, err)
	}
	for key := range values {
		ms, err := strconv.Atoi(values.Get(key))
		if key != "sessionTimeoutMs" || err != nil || ms <= 0 {
			return nil, "", 0, fmt.Errorf("--registry %s: the one option is sessionTimeoutMs, a positive number", address)
		}
		session = time.Duration(ms) * time.Millisecond
	}
	return servers, root, session, nil
}

// tellStates says in one line when the registry is lost and when it is there again. What was known stays in use.
func tellStates(address string, events <-chan zk.Event) {
	connected := false
	for event := range events {
		switch event.State {
		case zk.StateHasSession:
			connected = true
		case zk.StateDisconnected:
			if connected {
				fmt.Fprintf(os.Stderr, "sidecar: the connection to %s is lost; it is tried again\n", address)
			}
			connected = false
		case zk.StateExpired:
			fmt.Fprintf(os.Stderr, "sidecar: the session at %s has expired; all is announced again\n", address)
		}
	}
}

func (z *zooKeeper) Watch(service string, update func([]Provider)) func() {
	parts := partsOf(service)
	directory := z.directory(parts)
	stop := make(chan struct{})
	go func() {
		for {
			names, changed, err := z.children(directory)
			if err == nil {
				update(providersOf(parts, names))
			}
			// Without a watch, or where it was lost with its session, it is asked again.
			var again <-chan time.Time
			if err != nil {
				again = time.After(zookeeperPause)
			}
			select {
			case <-stop:
				return
			case <-changed:
			case <-again:
			}
		}
	}()
	return func() { close(stop) }
}

func (z *zooKeeper) children(directory string) ([]string, <-chan zk.Event, error) {
	names, _, changed, err := z.conn.ChildrenW(directory)
	if errors.Is(err, zk.ErrNoNode) {
		// Java's directories vanish with their last provider. One that is there can be watched.
		if err := z.makeParents(directory + "/"); err != nil {
			return nil, nil, err
		}
		names, _, changed, err = z.conn.ChildrenW(directory)
	}
	return names, changed, err
}

func (z *zooKeeper) makeParents(path string) error {
	for at, char := range path {
		if char != '/' || at == 0 {
			continue
		}
		_, err := z.conn.Create(path[:at], nil, 0, zk.WorldACL(zk.PermAll))
		if err != nil && !errors.Is(err, zk.ErrNodeExists) {
			return err
		}
	}
	return nil
}

func (z *zooKeeper) directory(parts serviceParts) string {
	return z.root + "/sofa-rpc/" + parts.face + "/providers"
}

func (z *zooKeeper) IsShared() bool { return true }

// Close ends the session: what is still announced is gone with it.
func (z *zooKeeper) Close() { z.conn.Close() }

type silent struct{}

func (silent) Printf(string, ...interface{}) {}
