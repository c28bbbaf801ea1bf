package key

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fetch is the first time that a key set with a key in it was sent to an address.
type Fetch struct {
	Key     string
	Address string
	Named   string // the client that the request's User-Agent names; empty if none
	At      time.Time
}

// Call is a client's last successful call of the token endpoint from an address.
type Call struct {
	Client  string
	Address string
	Last    time.Time
}

// Sighting says whether one client was seen to fetch one key.
type Sighting struct {
	Key     string
	Client  string
	Seen    bool
	At      time.Time // when it was seen first
	Address string    // where it was seen first
	Reason  string    // why it counts as not seen
}

// Judge decides for each client that has called whether it has fetched a key. A request for a key set is
// anonymous. So a fetch counts for a client only if the client calls from the same address, and either no
// other client uses that address or the request also named the client. A client that has not called lately
// is left out, so that nothing waits for it.
func Judge(kid string, clients []string, calls []Call, fetches []Fetch) []Sighting {
	users := usersOf(calls)
	var list []Sighting
	for _, client := range clients {
		if s, called := judgeOne(kid, client, users, fetches); called {
			list = append(list, s)
		}
	}
	return list
}

// usersOf lists by address the clients that call from there.
func usersOf(calls []Call) map[string][]string {
	users := map[string][]string{}
	for _, c := range calls {
		users[c.Address] = append(users[c.Address], c.Client)
	}
	return users
}

func judgeOne(kid, client string, users map[string][]string, fetches []Fetch) (s Sighting, called bool) {
	s = Sighting{Key: kid, Client: client}
	var own, shared []string
	for address, clients := range users {
		if slices.Contains(clients, client) {
			own = append(own, address)
		}
	}
	for _, f := range fetches {
		if f.Key != kid || !slices.Contains(own, f.Address) {
			continue
		}
		if len(users[f.Address]) > 1 && f.Named != client {
			shared = append(shared, f.Address)
			continue
		}
		if !s.Seen || f.At.Before(s.At) {
			s.Seen = true
			s.At = f.At
			s.Address = f.Address
		}
	}
	if !s.Seen {
		s.Reason = unseenReason(own, shared)
	}
	return s, len(own) > 0
}

func unseenReason(own, shared []string) string {
	if len(shared) > 0 {
		return fmt.Sprintf("fetched from %s, which other clients use too", few(shared))
	}
	return fmt.Sprintf("no fetch from %s, where its calls come from", few(own))
}

// few lists up to three names and counts the rest.
func few(list []string) string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	if more := len(list) - 3; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), more)
	}
	return strings.Join(list, ", ")
}

// unseen lists the clients that were not seen to fetch a key.
func unseen(kid string, all []Sighting) []string {
	var list []string
	for _, s := range all {
		if s.Key == kid && !s.Seen {
			list = append(list, s.Client)
		}
	}
	return list
}
