package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const maxBody = 1 << 20

// meshAPI serves the mesh API of SOFARPC's clients. Whatever a client sends as content type, the body is JSON.
type meshAPI struct {
	agent *agent
	// What callers are given as address.
	egress string
	zone   string
}

type reply struct {
	ErrorMessage string `json:"errorMessage"`
	Success      bool   `json:"success"`
}

type subscribeReply struct {
	reply
	ServiceName string   `json:"serviceName"`
	Datas       []string `json:"datas"`
}

func (api *meshAPI) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/configs/application", api.application)
	mux.HandleFunc("/services", api.list)
	mux.HandleFunc("/services/", api.service)
	return mux
}

func (api *meshAPI) application(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		answer(w, http.StatusOK, struct {
			reply
			Application *applicationBody `json:"application"`
		}{done(nil), api.agent.currentApplication()})
		return
	}
	var body applicationBody
	if read(w, r, &body) {
		answer(w, http.StatusOK, done(api.agent.configure(body)))
	}
}

func (api *meshAPI) list(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		refuse(w, http.StatusMethodNotAllowed, r.Method+" is not served here")
		return
	}
	answer(w, http.StatusOK, struct {
		reply
		Services []serviceState `json:"services"`
	}{done(nil), api.agent.services()})
}

func (api *meshAPI) service(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/services/")
	if r.Method == http.MethodGet {
		api.one(w, name)
		return
	}
	switch name {
	case "publish":
		var body publishBody
		if read(w, r, &body) {
			answer(w, http.StatusOK, done(api.agent.publish(body)))
		}
	case "subscribe":
		api.withService(w, r, api.subscribe)
	case "unpublish":
		api.withService(w, r, func(service string) (any, error) { return done(nil), api.agent.unpublish(service) })
	case "unsubscribe":
		api.withService(w, r, func(service string) (any, error) { return done(nil), api.agent.unsubscribe(service) })
	default:
		refuse(w, http.StatusNotFound, "there is no /services/"+name)
	}
}

func (api *meshAPI) one(w http.ResponseWriter, name string) {
	for _, state := range api.agent.services() {
		if state.ServiceName == name {
			answer(w, http.StatusOK, struct {
				reply
				serviceState
			}{done(nil), state})
			return
		}
	}
	refuse(w, http.StatusNotFound, name+" is neither published nor subscribed here")
}

func (api *meshAPI) withService(w http.ResponseWriter, r *http.Request, act func(service string) (any, error)) {
	var body serviceBody
	if !read(w, r, &body) {
		return
	}
	service, err := serviceID(body.ServiceName)
	if err != nil {
		answer(w, http.StatusOK, done(err))
		return
	}
	result, err := act(service)
	if err != nil {
		result = done(err)
	}
	answer(w, http.StatusOK, result)
}

// subscribe answers with one address, its own egress: callers are given the sidecar. Nothing where nobody offers the
// service, which is no failure.
func (api *meshAPI) subscribe(service string) (any, error) {
	providers, err := api.agent.subscribe(service)
	if err != nil {
		return nil, err
	}
	datas := []string{}
	if len(providers) > 0 {
		datas = append(datas, api.egress+"?"+api.query(providers[0]))
	}
	return subscribeReply{done(nil), service, datas}, nil
}

func (api *meshAPI) query(provider Provider) string {
	timeout := provider.Attributes["timeout"]
	if timeout == "" || timeout == "0" {
		timeout = "3000"
	}
	serialization := provider.Attributes["serialization"]
	if serialization == "" {
		serialization = "hessian2"
	}
	return strings.Join([]string{
		"_TIMEOUT=" + url.QueryEscape(timeout),
		"p=1",
		"_SERIALIZETYPE=" + url.QueryEscape(serialization),
		"app_name=" + url.QueryEscape(provider.Attributes["appName"]),
		"zone=" + url.QueryEscape(api.zone),
		"v=4.0",
	}, "&")
}

func read(w http.ResponseWriter, r *http.Request, body any) bool {
	if r.Method != http.MethodPost {
		refuse(w, http.StatusMethodNotAllowed, r.Method+" is not served here")
		return false
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "the body was not read: "+err.Error())
		return false
	}
	if err := json.Unmarshal(data, body); err != nil {
		refuse(w, http.StatusBadRequest, "the body is not as it should be: "+err.Error())
		return false
	}
	return true
}

func done(err error) reply {
	if err != nil {
		return reply{ErrorMessage: err.Error()}
	}
	return reply{Success: true}
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, reply{ErrorMessage: message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	// An address with its query is to be read by people, too: & stays &.
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body)
}
