package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The bodies of the mesh API. Java writes them in camel case, C++ in Pascal case, Python a port as text:
// encoding/json takes keys in any case, and text takes every scalar.

type applicationBody struct {
	AppName    text `json:"appName"`
	DataCenter text `json:"dataCenter"`
	Zone       text `json:"zone"`
}

type publishBody struct {
	ServiceName      text `json:"serviceName"`
	Port             text `json:"port"`
	ProviderMetaInfo struct {
		AppName       text            `json:"appName"`
		SerializeType text            `json:"serializeType"`
		Properties    map[string]text `json:"properties"`
	} `json:"providerMetaInfo"`
}

type serviceBody struct {
	ServiceName text `json:"serviceName"`
}

// text is a scalar as text; null is none.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case '{', '[':
		return errors.New("there is a list or an object where text was expected")
	case 'n':
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// port is where the application listens, by its own word: at the top, or among the properties in any case.
func (body publishBody) port() string {
	if body.Port != "" {
		return string(body.Port)
	}
	for key, value := range body.ProviderMetaInfo.Properties {
		if strings.EqualFold(key, "port") {
			return string(value)
		}
	}
	return ""
}

// attributes are what a registry is told of the provider besides its port.
func (body publishBody) attributes() map[string]string {
	attributes := map[string]string{}
	for key, value := range body.ProviderMetaInfo.Properties {
		if !strings.EqualFold(key, "port") && key != "" {
			attributes[key] = string(value)
		}
	}
	setDefault(attributes, "appName", string(body.ProviderMetaInfo.AppName))
	setDefault(attributes, "serialization", string(body.ProviderMetaInfo.SerializeType))
	return attributes
}

func setDefault(attributes map[string]string, key, value string) {
	if _, is := attributes[key]; !is && value != "" {
		attributes[key] = value
	}
}

// serviceID checks `interface:version[:uniqueId]`; the interface becomes the name of a node in registries.
func serviceID(name text) (string, error) {
	id := string(name)
	face, _, _ := strings.Cut(id, ":")
	if face == "" || face == "." || face == ".." || strings.ContainsAny(face, "/\x00") {
		return "", fmt.Errorf("serviceName %q does not begin with the name of an interface, as in com.acme.PersonService:1.0", id)
	}
	return id, nil
}
