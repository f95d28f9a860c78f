package main

import (
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
)

// The version of services that were given none (SOFARPC).
const defaultVersion = "1.0"

// serviceParts are those of `interface:version[:uniqueId]`.
type serviceParts struct{ face, version, uniqueID string }

func partsOf(service string) serviceParts {
	parts := strings.SplitN(service, ":", 3)
	version, uniqueID := defaultVersion, ""
	if len(parts) > 1 && parts[1] != "" {
		version = parts[1]
	}
	if len(parts) > 2 {
		uniqueID = parts[2]
	}
	return serviceParts{parts[0], version, uniqueID}
}

// providerNode is the name of a provider's node: its URL, encoded, with what Java's providers write (RegistryUtils of
// SOFARPC). One parameter without a value would stop every Java consumer of the interface, so all are k=v.
func providerNode(parts serviceParts, self Provider) string {
	attributes := map[string]string{
		"accepts":       "100000",
		"weight":        "100",
		"timeout":       "0",
		"serialization": "hessian2",
		"dynamic":       "true",
	}
	for key, value := range self.Attributes {
		attributes[key] = value
	}
	attributes["version"] = parts.version
	attributes["uniqueId"] = parts.uniqueID
	attributes["interface"] = parts.face
	attributes["protocol"] = "bolt"
	attributes["pid"] = strconv.Itoa(os.Getpid())
	setDefault(attributes, "language", "mosn")
	// From 50100 on Java takes a provider for one that reads its trace headers.
	attributes["rpcVer"] = "51302"
	pairs := make([]string, 0, len(attributes))
	for key, value := range attributes {
		pairs = append(pairs, url.PathEscape(key)+"="+escaped(value))
	}
	sort.Strings(pairs)
	return url.QueryEscape("bolt://" + self.Address + "?" + strings.Join(pairs, "&"))
}

// providersOf are those among an interface's nodes that serve one service. All versions, uniqueIds and protocols of an
// interface share one directory. Java writes version=1.0 whatever the service says: from Java it says nothing, and such a
// provider is taken for another version than 1.0 only where no node states that version.
func providersOf(parts serviceParts, names []string) []Provider {
	var stated, unstated []Provider
	for _, name := range names {
		provider, is := readProviderNode(name)
		if !is || provider.Attributes["uniqueId"] != parts.uniqueID {
			continue
		}
		version := provider.Attributes["version"]
		if version == defaultVersion && provider.Attributes["language"] == "java" {
			version = ""
		}
		switch {
		case version == parts.version, version == "" && parts.version == defaultVersion:
			stated = append(stated, provider)
		case version == "":
			unstated = append(unstated, provider)
		}
	}
	if len(stated) > 0 {
		return stated
	}
	return unstated
}

// readProviderNode: false for one that is no Bolt provider's.
func readProviderNode(name string) (Provider, bool) {
	text, err := url.QueryUnescape(name)
	if err != nil {
		return Provider{}, false
	}
	if !strings.Contains(text, "://") {
		text = "bolt://" + text
	}
	scheme, rest, _ := strings.Cut(text, "://")
	address, query, _ := strings.Cut(rest, "?")
	address, _, _ = strings.Cut(address, "/")
	if !strings.EqualFold(scheme, "bolt") || !strings.Contains(address, ":") {
		return Provider{}, false
	}
	attributes := map[string]string{}
	for _, pair := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		// Java does not encode a value for itself, so that a % in it may be just that.
		if decoded, err := url.PathUnescape(value); err == nil {
			value = decoded
		}
		attributes[key] = value
	}
	return Provider{address, attributes}, true
}

// escaped: what would end a value, or be read as the name of a file.
func escaped(value string) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D", "/", "%2F", "#", "%23", "+", "%2B").Replace(value)
}
