// Package servicenowtest is a ServiceNow for tests: the Table API, journals and tokens of one instance
// over HTTP, which fails on demand. Only tests use it.
package servicenowtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The client that the instance knows.
const (
	ClientID = "signpost"
	Secret   = "a long client secret"
)

// Instance is one instance.
type Instance struct {
	*httptest.Server

	mu        sync.Mutex
	tokens    map[string]bool
	incidents []map[string]string
	journal   []map[string]string
	attached  []map[string]string
	failures  []Failure
	later     Failure // answers the call after as many as wait says
	wait      int
	waits     bool
	calls     []string
	made      int
	now       time.Time
	user      string // as whom the client writes
}

// Failure is how the instance answers a call, instead of doing it or after it has done it.
type Failure struct {
	Method, Path string // the call: a method, and what its path begins with; empty for any
	Status       int    // 0 breaks the connection
	RetryAfter   string
	Done         bool // it is done all the same, and only the answer is lost
	Body         string
}

// New starts an instance that ends with the test.
func New(t testing.TB) *Instance {
	t.Helper()
	i := &Instance{tokens: map[string]bool{}, user: ClientID, now: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth_token.do", i.token)
	mux.HandleFunc("GET /api/now/table/{table}", i.authorised(i.list))
	mux.HandleFunc("POST /api/now/table/{table}", i.authorised(i.create))
	mux.HandleFunc("POST /api/now/attachment/file", i.authorised(i.attach))
	mux.HandleFunc("PATCH /api/now/table/{table}/{id}", i.authorised(i.update))
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { i.serve(mux, w, r) }))
	t.Cleanup(i.Close)
	return i
}

// Fail has the next call that fits answered by a failure. Those that were added first are used up first.
func (i *Instance) Fail(f ...Failure) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.failures = append(i.failures, f...)
}

// FailAfter has the call after so many others answered by a failure.
func (i *Instance) FailAfter(calls int, f Failure) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.later = f
	i.wait = calls
	i.waits = true
}

// ForgetTokens ends every token that was given.
func (i *Instance) ForgetTokens() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.tokens)
}

// Advance moves the instance's clock.
func (i *Instance) Advance(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.now = i.now.Add(d)
}

// Incidents gives a copy of every incident.
func (i *Instance) Incidents() (list []map[string]string) { return i.copies(&i.incidents) }

// Journal gives a copy of every entry of the journals: comments and work notes.
func (i *Instance) Journal() []map[string]string { return i.copies(&i.journal) }

// Attachments gives a copy of every attachment, with what is in it as its content.
func (i *Instance) Attachments() []map[string]string { return i.copies(&i.attached) }

func (i *Instance) attach(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	asked := r.URL.Query()
	if err != nil || asked.Get("file_name") == "" || find(i.incidents, asked.Get("table_sys_id")) == nil {
		failed(w, http.StatusNotFound, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
		return
	}
	row := map[string]string{"sys_id": fmt.Sprintf("%032x", len(i.attached)+1), "content": string(content),
		"table_name": asked.Get("table_name"), "table_sys_id": asked.Get("table_sys_id"),
		"file_name": asked.Get("file_name"), "content_type": r.Header.Get("Content-Type")}
	i.attached = append(i.attached, row)
	answer(w, http.StatusCreated, map[string]any{"result": row})
}

// Calls lists the calls so far, as a method and a path.
func (i *Instance) Calls() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.calls)
}

func (i *Instance) copies(of *[]map[string]string) (list []map[string]string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, one := range *of {
		row := map[string]string{}
		for name, value := range one {
			row[name] = value
		}
		list = append(list, row)
	}
	return list
}

// Rename has the client write as another user from now on.
func (i *Instance) Rename(user string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.user = user
}

// Remove deletes an incident as somebody does who works there.
func (i *Instance) Remove(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.incidents = slices.DeleteFunc(i.incidents, func(row map[string]string) bool { return row["sys_id"] == id })
}

// Add makes an incident as somebody does who works there, and gives its id.
func (i *Instance) Add(fields map[string]string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	row := i.added(fields)
	row["sys_created_by"] = agent
	return row["sys_id"]
}

// agent is who works there.
const agent = "agent"

// Set changes an incident as somebody does who works there.
func (i *Instance) Set(id string, fields map[string]string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if row := find(i.incidents, id); row != nil {
		i.write(row, fields, agent)
	}
}

func find(list []map[string]string, id string) map[string]string {
	for _, row := range list {
		if row["sys_id"] == id {
			return row
		}
	}
	return nil
}

func (i *Instance) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	f, fails := i.failure(r)
	if !fails {
		next.ServeHTTP(w, r)
		return
	}
	if f.Done {
		next.ServeHTTP(httptest.NewRecorder(), r)
	}
	if f.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
}

func (i *Instance) failure(r *http.Request) (Failure, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, r.Method+" "+r.URL.Path)
	if i.waits {
		i.wait--
		if i.wait < 0 {
			i.waits = false
			return i.later, true
		}
	}
	at := slices.IndexFunc(i.failures, func(f Failure) bool {
		return (f.Method == "" || f.Method == r.Method) && strings.HasPrefix(r.URL.Path, f.Path)
	})
	if at < 0 {
		return Failure{}, false
	}
	f := i.failures[at]
	i.failures = slices.Delete(i.failures, at, at+1)
	return f, true
}

func (i *Instance) token(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, wrong := url.ParseQuery(string(body))
	if errors.Join(err, wrong) != nil || form.Get("grant_type") != "client_credentials" ||
		form.Get("client_id") != ClientID || form.Get("client_secret") != Secret {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "access_denied",
			"error_description": "access_denied"})
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.made++
	token := fmt.Sprint("token-", i.made)
	i.tokens[token] = true
	answer(w, http.StatusOK, map[string]any{"access_token": token, "expires_in": 1799, "token_type": "Bearer"})
}

// authorised refuses calls without a token that was given, in the words of ServiceNow.
func (i *Instance) authorised(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		i.mu.Lock()
		defer i.mu.Unlock()
		if !i.tokens[token] {
			failed(w, http.StatusUnauthorized, "User is not authenticated", "Required to provide Auth information")
			return
		}
		h(w, r)
	}
}

func failed(w http.ResponseWriter, status int, message, detail string) {
	answer(w, status, map[string]any{
		"error": map[string]string{"message": message, "detail": detail}, "status": "failure",
	})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func read(w http.ResponseWriter, r *http.Request) (fields map[string]string, read bool) {
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		failed(w, http.StatusBadRequest, "Exception while reading request", "The payload is not valid JSON")
		return nil, false
	}
	return fields, true
}

func (i *Instance) create(w http.ResponseWriter, r *http.Request) {
	fields, isRead := read(w, r)
	if !isRead {
		return
	}
	row := i.added(fields)
	w.Header().Set("Location", i.URL+"/api/now/table/"+r.PathValue("table")+"/"+row["sys_id"])
	answer(w, http.StatusCreated, map[string]any{"result": shown(row)})
}

// added makes an incident as we do.
func (i *Instance) added(fields map[string]string) map[string]string {
	i.made++
	row := map[string]string{"sys_id": fmt.Sprintf("%032x", i.made), "number": fmt.Sprintf("INC%07d", 10000+i.made),
		"state": "1", "sys_created_on": i.stamp(), "sys_created_by": i.user}
	i.incidents = append(i.incidents, row)
	i.write(row, fields, i.user)
	return row
}

// stamp is the time as ServiceNow writes it.
func (i *Instance) stamp() string {
	now := i.now.UTC()
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(),
		now.Second())
}

// write sets fields of an incident. Those of its journal make entries, and are then empty.
func (i *Instance) write(row, fields map[string]string, by string) {
	for name, value := range fields {
		if name != "comments" && name != "work_notes" {
			row[name] = value
			continue
		}
		i.made++
		i.journal = append(i.journal, map[string]string{"sys_id": fmt.Sprintf("%032x", i.made),
			"element_id": row["sys_id"], "name": "incident", "element": name, "value": value,
			"sys_created_on": i.stamp(), "sys_created_by": by})
	}
	row["sys_updated_on"] = i.stamp()
}

func (i *Instance) update(w http.ResponseWriter, r *http.Request) {
	fields, isRead := read(w, r)
	if !isRead {
		return
	}
	row := find(i.incidents, r.PathValue("id"))
	if row == nil {
		failed(w, http.StatusNotFound, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
		return
	}
	i.write(row, fields, i.user)
	answer(w, http.StatusOK, map[string]any{"result": shown(row)})
}
