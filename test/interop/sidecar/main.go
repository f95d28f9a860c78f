// A reference agent: real MOSN, as a sidecar that serves SOFARPC's mesh API. See docs/sidecar-agent.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type options struct {
	api, egress, ingress, admin string
	app, announce, zone         string
	registry, bolt, log         string
	providers                   providerFlag
	subscribeWait, quiet, drain time.Duration
	maxRequests                 uint
	readyLine                   bool
}

func main() {
	options := parseFlags()
	if err := run(options); err != nil {
		fmt.Fprintf(os.Stderr, "sidecar: %v\n", err)
		os.Exit(1)
	}
}

func parseFlags() options {
	var o options
	flag.StringVar(&o.api, "api", "127.0.0.1:13330", "the mesh API: `host:port` or unix:/path")
	flag.StringVar(&o.egress, "egress", "127.0.0.1:12220", "where the application sends its calls: `host:port` or unix:/path")
	flag.StringVar(&o.ingress, "ingress", "127.0.0.1:12200", "where calls for the application come in: `host:port`")
	flag.StringVar(&o.admin, "admin", "", "MOSN's admin API, `host:port`; none by default")
	flag.StringVar(&o.app, "app", "127.0.0.1:12199", "`host:port` of the application; the port is for services that are published without one")
	flag.StringVar(&o.announce, "announce", "", "`host` that the registry is told of the ingress; by default the one it listens on")
	flag.StringVar(&o.zone, "zone", "", "told to subscribers")
	flag.StringVar(&o.registry, "registry", "memory", "memory, or `zookeeper://host:port,host:port/root?sessionTimeoutMs=10000`")
	flag.StringVar(&o.bolt, "bolt", "bolt", "what is spoken on egress and ingress: bolt, boltv2 or Auto")
	flag.StringVar(&o.log, "log", "", "a `file` for MOSN's log; none by default")
	flag.Var(&o.providers, "provider", "`service=host:port,host:port`, providers besides those of the registry; may be repeated")
	flag.DurationVar(&o.subscribeWait, "subscribe-wait", 3*time.Second, "how long a subscription waits for a first provider")
	flag.DurationVar(&o.quiet, "quiet", time.Second, "how long the ingress serves on after the services were withdrawn from a shared registry")
	flag.DurationVar(&o.drain, "drain", 15*time.Second, "how long calls may run on after the go-away")
	flag.UintVar(&o.maxRequests, "max-requests", 0, "calls of one service that may be under way; more are answered BUSY; 0 is no limit")
	flag.BoolVar(&o.readyLine, "ready-line", false, "say one line of JSON on standard output when it serves, instead of words")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "sidecar: %q is no flag; -help lists them\n", flag.Arg(0))
		os.Exit(2)
	}
	return o
}

func run(o options) error {
	registry, err := newRegistry(o.registry)
	if err != nil {
		return err
	}
	if o.bolt != "bolt" && o.bolt != "boltv2" && o.bolt != "Auto" {
		return fmt.Errorf("--bolt %s: it must be bolt, boltv2 or Auto", o.bolt)
	}
	if _, _, err := net.SplitHostPort(o.app); err != nil {
		return fmt.Errorf("--app %s: it must be host:port", o.app)
	}
	sockets := map[string]net.Listener{}
	for what, address := range map[string]string{"api": o.api, egress: o.egress, ingress: o.ingress} {
		if sockets[what], err = listen(what, address); err != nil {
			return err
		}
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	proxy, err := startProxy(proxyOptions{sockets[egress], sockets[ingress], o.bolt, o.admin, o.log})
	if err != nil {
		return err
	}
	agent := &agent{
		registry:      registry,
		clusters:      &clusters{o.maxRequests},
		fixed:         o.providers,
		app:           o.app,
		announced:     announced(sockets[ingress], o.announce),
		subscribeWait: o.subscribeWait,
		published:     map[string]string{},
		subscribed:    map[string]*subscription{},
	}
	api := &meshAPI{agent, addressOf(sockets[egress]), o.zone}
	server := &http.Server{Handler: api.handler()}
	go server.Serve(sockets["api"])
	sayReady(sockets, o.readyLine)

	<-signals
	go func() {
		<-signals
		os.Exit(1)
	}()
	// Nobody is told anything new from here on. Then those who ask this sidecar leave it, then those whom it was
	// announced to; last, what runs comes to its end.
	server.Close()
	published := agent.withdrawAll()
	proxy.leave(egress)
	if registry.IsShared() && published > 0 {
		time.Sleep(o.quiet)
	}
	proxy.leave(ingress)
	err = proxy.drain(o.drain)
	registry.Close()
	return err
}

func newRegistry(address string) (Registry, error) {
	if address == "memory" {
		return newMemory(), nil
	}
	return newZooKeeper(address)
}

func announced(ingress net.Listener, host string) string {
	own, port, _ := net.SplitHostPort(addressOf(ingress))
	if host == "" {
		host = own
	}
	return net.JoinHostPort(host, port)
}

func sayReady(sockets map[string]net.Listener, isLine bool) {
	ready := map[string]string{"pid": strconv.Itoa(os.Getpid())}
	for what, socket := range sockets {
		ready[what] = addressOf(socket)
	}
	if isLine {
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"ready": ready})
		return
	}
	fmt.Printf("The mesh API is at %s, the egress at %s, the ingress at %s. Ctrl-C stops.\n", ready["api"], ready[egress], ready[ingress])
}

// providerFlag collects service=host:port,host:port.
type providerFlag map[string][]Provider

func (f *providerFlag) String() string { return "" }

func (f *providerFlag) Set(text string) error {
	service, addresses, is := strings.Cut(text, "=")
	if !is {
		return fmt.Errorf("it must be service=host:port,host:port")
	}
	if *f == nil {
		*f = providerFlag{}
	}
	for _, address := range strings.Split(addresses, ",") {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("%q is not host:port", address)
		}
		(*f)[service] = append((*f)[service], Provider{Address: address})
	}
	return nil
}
