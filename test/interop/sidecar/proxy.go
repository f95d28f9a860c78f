package main

import (
	"context"
	"fmt"
	"net"
	"time"

	_ "local/sidecar/quiet"

	"mosn.io/api"
	admin "mosn.io/mosn/pkg/admin/server"
	"mosn.io/mosn/pkg/admin/store"
	v2 "mosn.io/mosn/pkg/config/v2"
	_ "mosn.io/mosn/pkg/filter/network/proxy"
	mlog "mosn.io/mosn/pkg/log"
	"mosn.io/mosn/pkg/metrics"
	"mosn.io/mosn/pkg/mosn"
	"mosn.io/mosn/pkg/protocol/xprotocol"
	"mosn.io/mosn/pkg/protocol/xprotocol/bolt"
	"mosn.io/mosn/pkg/protocol/xprotocol/boltv2"
	"mosn.io/mosn/pkg/server"
	xstream "mosn.io/mosn/pkg/stream/xprotocol"
	"mosn.io/mosn/pkg/trace"
	xtrace "mosn.io/mosn/pkg/trace/sofa/xprotocol"
	tracebolt "mosn.io/mosn/pkg/trace/sofa/xprotocol/bolt"
	"mosn.io/mosn/pkg/types"
	"mosn.io/pkg/variable"
)

const (
	egress  = "egress"
	ingress = "ingress"

	routes          = "services"
	clusterVariable = "sidecar_cluster"

	// MOSN's own default, which it sets only on listeners that it reads from a file.
	listenerBuffer = 1 << 15

	// A reply that was counted as finished has left its buffer by then, and what a caller wrote before it read our
	// go-away has come in.
	quietTime = 500 * time.Millisecond
	lookEvery = 10 * time.Millisecond
)

// proxy is MOSN in this process: two listeners that forward by the header `service`.
type proxy struct {
	server  server.Server
	sockets map[string]net.Listener
}

type proxyOptions struct {
	egress, ingress net.Listener
	// MOSN's name of what is spoken on both listeners: bolt, boltv2 or Auto.
	protocol string
	// 127.0.0.1:port of MOSN's own admin API; none if empty.
	admin string
	// A file for MOSN's log; none if empty.
	log string
}

func startProxy(options proxyOptions) (*proxy, error) {
	// Its default directories are under /home/admin. It writes nothing there as long as it is not asked to set them up.
	logPath := options.log
	if logPath == "" {
		logPath = "stderr"
		mlog.GetErrorLoggerManagerInstance().Disable()
	}
	registerCodecs()
	if err := variable.Register(variable.NewStringVariable(clusterVariable, nil, clusterOfCall, nil, 0)); err != nil {
		return nil, err
	}
	config := &v2.MOSNConfig{
		// Otherwise it opens sockets by which a new process may take its place.
		DisableUpgrade: true,
		Servers: []v2.ServerConfig{{
			DefaultLogPath:  logPath,
			DefaultLogLevel: "INFO",
			Routers:         []*v2.RouterConfiguration{router()},
		}},
	}
	engine := mosn.NewMosn()
	if err := engine.Init(config); err != nil {
		return nil, err
	}
	if options.log == "" {
		mlog.Proxy.Toggle(true)
	}
	if err := startAdmin(config, options.admin); err != nil {
		return nil, err
	}
	p := &proxy{
		server:  engine.GetServer()[0],
		sockets: map[string]net.Listener{egress: options.egress, ingress: options.ingress},
	}
	for name, socket := range p.sockets {
		if _, err := p.server.AddListener(listener(name, socket, options.protocol)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	engine.Start()
	return p, nil
}

func registerCodecs() {
	xprotocol.RegisterXProtocolAction(xstream.NewConnPool, xstream.NewStreamFactory, func(codec api.XProtocolCodec) {
		trace.RegisterTracerBuilder("SOFATracer", codec.ProtocolName(), xtrace.NewTracer)
	})
	_ = xprotocol.RegisterXProtocolCodec(&bolt.XCodec{})
	_ = xprotocol.RegisterXProtocolCodec(&boltv2Codec{})
	xtrace.RegisterDelegate(bolt.ProtocolName, tracebolt.Boltv1Delegate)
	xtrace.RegisterDelegate(boltv2.ProtocolName, tracebolt.Boltv2Delegate)
}

// MOSN's routes can be appended and cleared, not changed. So there is one for all services, and the cluster that it leads
// to is a variable.
func router() *v2.RouterConfiguration {
	route := v2.Router{RouterConfig: v2.RouterConfig{
		Match: v2.RouterMatch{Headers: []v2.HeaderMatcher{{Name: "service", Value: ".*", Regex: true}}},
		Route: v2.RouteAction{RouterActionConfig: v2.RouterActionConfig{ClusterVariable: clusterVariable}},
	}}
	return &v2.RouterConfiguration{
		RouterConfigurationConfig: v2.RouterConfigurationConfig{RouterConfigName: routes},
		VirtualHosts:              []v2.VirtualHost{{Name: routes, Domains: []string{"*"}, Routers: []v2.Router{route}}},
	}
}

// The same service leads from the egress to its providers and from the ingress to the application.
func clusterOfCall(ctx context.Context, _ *variable.IndexedValue, _ interface{}) (string, error) {
	name, err := variable.Get(ctx, types.VariableListenerName)
	if err != nil {
		return "", err
	}
	service, err := variable.GetString(ctx, types.VarPrefixReqHeader+"service")
	if err != nil {
		return "", err
	}
	return clusterName(name.(string), service), nil
}

func listener(name string, socket net.Listener, protocol string) *v2.Listener {
	filter := v2.Filter{Type: v2.DEFAULT_NETWORK_FILTER, Config: map[string]interface{}{
		"downstream_protocol": protocol,
		"upstream_protocol":   protocol,
		"router_config_name":  routes,
		"extend_config": map[string]interface{}{
			string(bolt.ProtocolName): map[string]interface{}{"enable_bolt_goaway": true},
		},
	}}
	return &v2.Listener{
		ListenerConfig: v2.ListenerConfig{
			Name:       name,
			Type:       v2.ListenerType(name),
			BindToPort: true,
			Network:    socket.Addr().Network(),
			FilterChains: []v2.FilterChain{{
				FilterChainConfig: v2.FilterChainConfig{Filters: []v2.Filter{filter}},
				TLSContexts:       []v2.TLSConfig{{}},
			}},
		},
		Addr:                    socket.Addr(),
		InheritListener:         socket,
		PerConnBufferLimitBytes: listenerBuffer,
	}
}

func startAdmin(config *v2.MOSNConfig, address string) error {
	if address == "" {
		return nil
	}
	tcp, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return fmt.Errorf("--admin %s: %w", address, err)
	}
	at := v2.SocketAddress{Address: tcp.IP.String(), PortValue: uint32(tcp.Port)}
	config.RawAdmin = &v2.Admin{Address: &v2.AddressInfo{SocketAddress: at}}
	api := admin.Server{}
	api.Start(config)
	if err := store.StartService(nil); err != nil {
		return fmt.Errorf("--admin %s: %w", address, reason(err))
	}
	return nil
}

// leave closes a listener for newcomers and tells all who are connected to go elsewhere. MOSN by itself goes on
// accepting (mosn#2220).
func (p *proxy) leave(name string) {
	p.sockets[name].Close()
	// It returns when nothing runs, which is drain's to wait for, with the error that it cannot stop what is closed.
	go p.server.Handler().GracefulStopListener(context.Background(), name)
}

// drain waits until nobody is connected, or nothing has run for a moment on the connections of those who stayed. An error
// says how many calls are left after `limit`.
func (p *proxy) drain(limit time.Duration) error {
	until := time.Now().Add(limit)
	lastActive := time.Now()
	for p.connections() > 0 {
		running := p.running()
		now := time.Now()
		if running > 0 {
			lastActive = now
		}
		if now.Sub(lastActive) > quietTime {
			return nil
		}
		if now.After(until) {
			return fmt.Errorf("calls that still ran %v after the go-away were cut: %d", limit, running)
		}
		time.Sleep(lookEvery)
	}
	return nil
}

func (p *proxy) connections() uint64 {
	return p.server.Handler().(interface{ NumConnections() uint64 }).NumConnections()
}

func (p *proxy) running() (calls int64) {
	for name := range p.sockets {
		calls += metrics.NewListenerStats(name).Counter(metrics.DownstreamRequestActive).Count()
	}
	return calls
}
