package main

import (
	"strconv"

	v2 "mosn.io/mosn/pkg/config/v2"
	"mosn.io/mosn/pkg/types"
	"mosn.io/mosn/pkg/upstream/cluster"
)

// MOSN scales no weights: it takes what is between these.
const (
	minWeight = int(v2.MinHostWeight)
	maxWeight = int(v2.MaxHostWeight)
	// Java's, for a provider that names none.
	defaultWeight = 100
)

// clusters are where calls go, each under the name that the route's variable makes of listener and service.
type clusters struct {
	// Calls of one service that may be under way at once; more are answered BUSY. 0: no limit.
	maxRequests uint
}

func clusterName(listener, service string) string { return listener + "|" + service }

// set replaces the hosts of a service; calls under way end where they began.
func (c *clusters) set(listener, service string, providers []Provider) error {
	name := clusterName(listener, service)
	config := v2.Cluster{
		Name:                 name,
		ClusterType:          v2.SIMPLE_CLUSTER,
		LbType:               v2.LbType(types.WeightedRoundRobin),
		MaxRequestPerConn:    v2.DefaultMaxRequestPerConn,
		ConnBufferLimitBytes: v2.DefaultConnBufferLimitBytes,
	}
	if c.maxRequests > 0 {
		config.CirBreThresholds.Thresholds = []v2.Thresholds{{MaxRequests: uint32(c.maxRequests)}}
	}
	manager := cluster.GetClusterMngAdapterInstance()
	if manager.ClusterExist(name) {
		return manager.TriggerClusterHostUpdate(name, hosts(providers))
	}
	return manager.TriggerClusterAndHostsAddOrUpdate(config, hosts(providers))
}

func (c *clusters) remove(listener, service string) {
	name := clusterName(listener, service)
	manager := cluster.GetClusterMngAdapterInstance()
	if manager.ClusterExist(name) {
		_ = manager.TriggerClusterDel(name)
	}
}

func hosts(providers []Provider) []v2.Host {
	heaviest := 0
	for _, provider := range providers {
		heaviest = max(heaviest, weightOf(provider))
	}
	list := []v2.Host{}
	for _, provider := range providers {
		weight := weightOf(provider)
		// Weight 0 means: no calls, unless all of them say so.
		if weight == 0 && heaviest > 0 {
			continue
		}
		if heaviest > maxWeight {
			weight = weight * maxWeight / heaviest
		}
		host := v2.HostConfig{Address: provider.Address, Weight: uint32(max(weight, minWeight))}
		list = append(list, v2.Host{HostConfig: host})
	}
	return list
}

func weightOf(provider Provider) int {
	weight, err := strconv.Atoi(provider.Attributes["weight"])
	if err != nil || weight < 0 {
		return defaultWeight
	}
	return weight
}
