package main

import "sync"

// memory is a registry of this process alone: what the application publishes can be called through its own egress.
type memory struct {
	mu        sync.Mutex
	published map[string]Provider
	watchers  map[string]map[int]func([]Provider)
	next      int
}

func newMemory() *memory {
	return &memory{published: map[string]Provider{}, watchers: map[string]map[int]func([]Provider){}}
}

func (m *memory) Publish(service string, self Provider) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.published[service] = self
	m.tell(service)
}

func (m *memory) Withdraw(service string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.published, service)
	m.tell(service)
}

func (m *memory) Watch(service string, update func([]Provider)) func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next++
	id := m.next
	if m.watchers[service] == nil {
		m.watchers[service] = map[int]func([]Provider){}
	}
	m.watchers[service][id] = update
	update(m.list(service))
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.watchers[service], id)
	}
}

func (m *memory) IsShared() bool { return false }

func (m *memory) Close() {}

func (m *memory) tell(service string) {
	for _, update := range m.watchers[service] {
		update(m.list(service))
	}
}

func (m *memory) list(service string) []Provider {
	if self, is := m.published[service]; is {
		return []Provider{self}
	}
	return nil
}
