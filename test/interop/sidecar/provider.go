package main

import (
	"net"
	"sort"
	"strconv"
)

// Provider is one address at which a service is offered, and what its registry says of it.
type Provider struct {
	// Address is host:port.
	Address string
	// Attributes are those of Java's registries: weight, startTime, appName and so on. An ingress says in `port` where
	// its application listens.
	Attributes map[string]string
}

// An instance is an application at its own port, however many addresses lead to it.
type instance struct{ host, port string }

func (p Provider) instance() instance {
	host, port, _ := net.SplitHostPort(p.Address)
	if own := p.Attributes["port"]; own != "" {
		port = own
	}
	return instance{host, port}
}

func (p Provider) isIngress() bool {
	_, port, _ := net.SplitHostPort(p.Address)
	return p.instance().port != port
}

func (p Provider) startTime() int64 {
	started, _ := strconv.ParseInt(p.Attributes["startTime"], 10, 64)
	return started
}

// replaces: an instance that was killed and started again is listed twice, until its first session expires, and one
// that is announced by itself and by its sidecar for good. The later start counts, then the sidecar.
func (p Provider) replaces(known Provider) bool {
	mine, theirs := p.startTime(), known.startTime()
	if mine != 0 && theirs != 0 && mine != theirs {
		return mine > theirs
	}
	return p.isIngress() && !known.isIngress()
}

// offered lists each instance once, in a stable order.
func offered(listed []Provider) []Provider {
	best := map[instance]Provider{}
	for _, provider := range listed {
		if known, is := best[provider.instance()]; !is || provider.replaces(known) {
			best[provider.instance()] = provider
		}
	}
	providers := make([]Provider, 0, len(best))
	for _, provider := range best {
		providers = append(providers, provider)
	}
	sort.Slice(providers, func(i, j int) bool { return providers[i].Address < providers[j].Address })
	return providers
}

// A Registry knows who offers what. It goes on trying by itself while it cannot be reached.
type Registry interface {
	// Publish announces an address of a service until it is withdrawn. It waits a moment for the registry, not longer.
	Publish(service string, self Provider)
	// Withdraw returns when the address is no longer listed, or cannot be removed for now. Nothing there: nothing done.
	Withdraw(service string)
	// Watch tells `update` all providers now, as soon as they are known, and whenever they change.
	Watch(service string, update func([]Provider)) (stop func())
	// IsShared: others learn from it who is here.
	IsShared() bool
	Close()
}
