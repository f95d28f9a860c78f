package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"
)

// What MOSN's closed mesh API answers, in Java's words.
var errNoApplication = errors.New("Registry module not startup. Should call '/configs/application' endpoint at first.")

// agent is what the application has told, and what follows from it for registry and proxy.
type agent struct {
	registry Registry
	clusters *clusters
	// Providers that were given by flag, besides those of the registry.
	fixed map[string][]Provider
	// host:port of an application that names no port.
	app string
	// host:port that registries are told.
	announced     string
	subscribeWait time.Duration

	mu          sync.Mutex
	application *applicationBody
	published   map[string]string
	subscribed  map[string]*subscription
}

func (a *agent) configure(body applicationBody) error {
	if body.AppName == "" {
		return errors.New("appName is missing")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.application = &body
	return nil
}

// publish: calls that come in for the service go to the application, and the registry is told of the ingress.
func (a *agent) publish(body publishBody) error {
	service, err := serviceID(body.ServiceName)
	if err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(a.app)
	if own := body.port(); own != "" {
		if number, err := strconv.Atoi(own); err != nil || number < 1 || number > 65_535 {
			return fmt.Errorf("port %q of %s is not a port", own, service)
		}
		port = own
	}
	attributes := body.attributes()
	attributes["port"] = port

	app := net.JoinHostPort(host, port)
	if err := a.take(service, app, attributes); err != nil {
		return err
	}
	// Not under the lock: a registry that is down takes its time.
	a.registry.Publish(service, Provider{a.announced, attributes})
	return nil
}

func (a *agent) take(service, app string, attributes map[string]string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.application == nil {
		return errNoApplication
	}
	setDefault(attributes, "appName", string(a.application.AppName))
	a.published[service] = app
	return a.clusters.set(ingress, service, []Provider{{Address: app}})
}

func (a *agent) unpublish(service string) error {
	if a.currentApplication() == nil {
		return errNoApplication
	}
	a.registry.Withdraw(service)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.published, service)
	// Callers that have not heard of it yet are answered as by a provider without the service.
	a.clusters.remove(ingress, service)
	return nil
}

// subscribe returns the providers, as soon as there are any, or none after a wait. The service stays subscribed.
func (a *agent) subscribe(service string) ([]Provider, error) {
	a.mu.Lock()
	if a.application == nil {
		a.mu.Unlock()
		return nil, errNoApplication
	}
	s := a.subscribed[service]
	if s == nil {
		s = newSubscription(service, a)
		a.subscribed[service] = s
	}
	a.mu.Unlock()
	return s.wait(a.subscribeWait), nil
}

func (a *agent) unsubscribe(service string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.application == nil {
		return errNoApplication
	}
	if s := a.subscribed[service]; s != nil {
		s.stop()
		delete(a.subscribed, service)
	}
	return nil
}

// withdrawAll takes the application out of the registry; calls are served as before.
func (a *agent) withdrawAll() (services int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all sync.WaitGroup
	for service := range a.published {
		all.Add(1)
		go func() {
			defer all.Done()
			a.registry.Withdraw(service)
		}()
	}
	all.Wait()
	return len(a.published)
}

func (a *agent) currentApplication() *applicationBody {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.application
}

// serviceState is what GET /services tells of one service.
type serviceState struct {
	ServiceName string `json:"serviceName"`
	// Where calls that come in go; null where the service is not published here.
	Published  *string  `json:"published"`
	Subscribed bool     `json:"subscribed"`
	Providers  []string `json:"providers"`
}

func (a *agent) services() []serviceState {
	a.mu.Lock()
	defer a.mu.Unlock()
	states := map[string]serviceState{}
	for service, s := range a.subscribed {
		state := serviceState{ServiceName: service, Subscribed: true, Providers: []string{}}
		for _, provider := range s.current() {
			state.Providers = append(state.Providers, provider.Address)
		}
		states[service] = state
	}
	for service, app := range a.published {
		state, is := states[service]
		if !is {
			state = serviceState{ServiceName: service, Providers: []string{}}
		}
		state.Published = &app
		states[service] = state
	}
	list := make([]serviceState, 0, len(states))
	for _, state := range states {
		list = append(list, state)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ServiceName < list[j].ServiceName })
	return list
}

// subscription keeps the egress of one service as its registry says.
type subscription struct {
	mu        sync.Mutex
	providers []Provider
	changed   chan struct{}
	stopped   bool
	stop      func()
}

func newSubscription(service string, a *agent) *subscription {
	s := &subscription{changed: make(chan struct{})}
	unwatch := a.registry.Watch(service, func(listed []Provider) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.stopped {
			return
		}
		s.providers = offered(append(append([]Provider{}, a.fixed[service]...), listed...))
		if err := a.clusters.set(egress, service, s.providers); err != nil {
			fmt.Fprintf(os.Stderr, "sidecar: %s is not routed: %v\n", service, err)
		}
		close(s.changed)
		s.changed = make(chan struct{})
	})
	s.stop = func() {
		unwatch()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stopped = true
		a.clusters.remove(egress, service)
	}
	return s
}

func (s *subscription) current() []Provider {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.providers
}

func (s *subscription) wait(limit time.Duration) []Provider {
	over := time.After(limit)
	for {
		s.mu.Lock()
		providers, changed := s.providers, s.changed
		s.mu.Unlock()
		if len(providers) > 0 {
			return providers
		}
		select {
		case <-changed:
		case <-over:
			return nil
		}
	}
}
