package key

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fetch is that an address was handed a key set with a key in it, the first time.
type Fetch struct {
	Key     string
	Address string
	Named   string // the client that the request's User-Agent named; empty if none
	At      time.Time
}

// Call is that a client proved itself at the token endpoint from an address.
type Call struct {
	Client  string
	Address string
	Last    time.Time
}

// Sighting is what is known of one client and one key.
type Sighting struct {
	Key     string
	Client  string
	Seen    bool
	At      time.Time // when it was seen first
	Address string    // where
	Why     string    // why it counts as not seen
}

// Judge says of each client that has called whether it has fetched a key. A request for a key set is
// anonymous, so a fetch counts for a client only if it came from an address that this client's own calls
// come from, and that either no other client uses or where the request named the client besides. A client
// that has not called of late holds nothing up and is not among the answers.
func Judge(kid string, clients []string, calls []Call, fetches []Fetch) []Sighting {
	users := map[string][]string{}
	for _, c := range calls {
		users[c.Address] = append(users[c.Address], c.Client)
	}
	var list []Sighting
	for _, client := range clients {
		if s, called := judgeOne(kid, client, users, fetches); called {
			list = append(list, s)
		}
	}
	return list
}

func judgeOne(kid, client string, users map[string][]string, fetches []Fetch) (s Sighting, called bool) {
	s = Sighting{Key: kid, Client: client}
	var own, shared []string
	for address, by := range users {
		if slices.Contains(by, client) {
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
			s.Seen, s.At, s.Address = true, f.At, f.Address
		}
	}
	if !s.Seen {
		s.Why = whyNot(own, shared)
	}
	return s, len(own) > 0
}

func whyNot(own, shared []string) string {
	if len(shared) > 0 {
		return fmt.Sprintf("fetched from %s, which other clients use too", few(shared))
	}
	return fmt.Sprintf("no fetch from %s, where its calls come from", few(own))
}

// few names up to three.
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
