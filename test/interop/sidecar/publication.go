package main

import (
	"errors"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

// How long an application waits for its registry, at most. What could not be done by then is done later.
const registryPatience = 3 * time.Second

// What Java writes for a provider that is on line.
var online = []byte{1}

// publication keeps one ephemeral node until it is withdrawn.
type publication struct {
	registry  *zooKeeper
	path      string
	announced chan struct{}
	withdrawn chan struct{}
	gone      chan struct{}
}

func (z *zooKeeper) Publish(service string, self Provider) {
	parts := partsOf(service)
	path := z.directory(parts) + "/" + providerNode(parts, self)
	z.mu.Lock()
	old := z.publications[service]
	if old != nil && old.path == path {
		z.mu.Unlock()
		wait(old.announced)
		return
	}
	p := &publication{z, path, make(chan struct{}), make(chan struct{}), make(chan struct{})}
	z.publications[service] = p
	z.mu.Unlock()
	go p.keep()
	wait(p.announced)
	// Last, so that callers always find one of them.
	old.withdraw()
}

func (z *zooKeeper) Withdraw(service string) {
	z.mu.Lock()
	p := z.publications[service]
	delete(z.publications, service)
	z.mu.Unlock()
	p.withdraw()
}

func (p *publication) withdraw() {
	if p != nil {
		close(p.withdrawn)
		wait(p.gone)
	}
}

func wait(until <-chan struct{}) {
	select {
	case <-until:
	case <-time.After(registryPatience):
	}
}

func (p *publication) keep() {
	defer close(p.gone)
	var once sync.Once
	for {
		if p.ensure() == nil {
			once.Do(func() { close(p.announced) })
		}
		select {
		case <-p.withdrawn:
			p.remove()
			return
		case <-time.After(zookeeperPause):
		}
	}
}

func (p *publication) ensure() error {
	conn := p.registry.conn
	_, stat, err := conn.Exists(p.path)
	if err != nil {
		return err
	}
	if stat.EphemeralOwner == conn.SessionID() {
		return nil
	}
	// One of a session that was lost would vanish with it.
	if err := conn.Delete(p.path, -1); err != nil && !errors.Is(err, zk.ErrNoNode) {
		return err
	}
	_, err = conn.Create(p.path, online, zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	if errors.Is(err, zk.ErrNoNode) {
		if err := p.registry.makeParents(p.path); err != nil {
			return err
		}
		_, err = conn.Create(p.path, online, zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	}
	return err
}

// remove goes on until it is done, or the session with the node is gone.
func (p *publication) remove() {
	for {
		err := p.registry.conn.Delete(p.path, -1)
		if err == nil || errors.Is(err, zk.ErrNoNode) || errors.Is(err, zk.ErrConnectionClosed) || errors.Is(err, zk.ErrClosing) {
			return
		}
		time.Sleep(zookeeperPause)
	}
}
