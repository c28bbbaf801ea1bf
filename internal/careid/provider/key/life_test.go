package key_test

import (
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/provider/key"
	"signpost/internal/platform/jwt"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

const day = 24 * time.Hour

// rs makes a key in a state that it came into at a time.
func rs(id string, s key.State, since time.Time) key.Key {
	k := key.Key{ID: id, Algorithm: jwt.RS256, State: s, Made: since}
	switch s {
	case key.Published:
		k.Published = since
	case key.Signing:
		k.Published = since
		k.Signing = since
	case key.Retiring:
		k.Published = since.Add(-90 * day)
		k.Signing = since.Add(-90 * day)
		k.Retiring = since
	case key.Retired:
		k.Retired = since
	}
	return k
}

func TestNext(t *testing.T) {
	seen := []key.Sighting{{Key: "b", Client: "one", Seen: true}, {Key: "b", Client: "two", Seen: true}}
	half := []key.Sighting{
		{Key: "b", Client: "one", Seen: true}, {Key: "b", Client: "two"}, {Key: "a", Client: "three"},
	}
	a := rs("a", key.Signing, ago(90*day))
	for name, tt := range map[string]struct {
		keys    []key.Key
		fetches []key.Sighting
		act     key.Act
		kid     string
		in      time.Duration // until it is due
		waits   []string
	}{
		"no key at all":                       {nil, nil, key.Begin, "", 0, nil},
		"only a retired one":                  {[]key.Key{rs("a", key.Retired, ago(day))}, nil, key.Begin, "", 0, nil},
		"only a retiring one":                 {[]key.Key{rs("a", key.Retiring, ago(time.Hour))}, nil, key.Begin, "", 0, nil},
		"new":                                 {[]key.Key{rs("a", key.Signing, noon)}, nil, key.Make, "", 89 * day, nil},
		"a day before its time":               {[]key.Key{rs("a", key.Signing, ago(89*day))}, nil, key.Make, "", 0, nil},
		"successor made":                      {[]key.Key{a, rs("b", key.Made, noon)}, nil, key.Publish, "b", 0, nil},
		"published, nobody to wait for":       {[]key.Key{a, rs("b", key.Published, noon)}, nil, key.Sign, "b", day, nil},
		"published a day, nobody to wait for": {[]key.Key{a, rs("b", key.Published, ago(day))}, nil, key.Sign, "b", 0, nil},
		"seen by all, too new":                {[]key.Key{a, rs("b", key.Published, ago(time.Hour))}, seen, key.Sign, "b", 23 * time.Hour, nil},
		"seen by all for a day":               {[]key.Key{a, rs("b", key.Published, ago(day))}, seen, key.Sign, "b", 0, nil},
		"one not seen after a day":            {[]key.Key{a, rs("b", key.Published, ago(day))}, half, key.Sign, "b", 6 * day, []string{"two"}},
		"one not seen after the longest wait": {[]key.Key{a, rs("b", key.Published, ago(7*day))}, half, key.Sign, "b", 0, []string{"two"}},
		"nothing signs, one waits":            {[]key.Key{rs("b", key.Published, noon)}, half, key.Sign, "b", 0, nil},
		"nothing signs, one is made":          {[]key.Key{rs("b", key.Made, noon)}, nil, key.Sign, "b", 0, nil},
	} {
		plan := key.Next(tt.keys, noon, key.Usual, tt.fetches)
		got := plan[0]
		if got.Act != tt.act || got.Key != tt.kid || got.Algorithm != jwt.RS256 || got.At.Sub(noon) != tt.in ||
			!slices.Equal(got.Waits, tt.waits) {
			t.Errorf("%s: %+v (in %s)", name, got, got.At.Sub(noon))
		}
		if plan[1].Act != key.Begin || plan[1].Algorithm != jwt.ES256 {
			t.Errorf("%s: ES256 has no key and the plan says %+v", name, plan[1])
		}
	}
}

func TestNextRetires(t *testing.T) {
	keys := []key.Key{
		rs("b", key.Signing, ago(time.Hour)), rs("a", key.Retiring, ago(time.Hour)),
		rs("old", key.Retired, ago(90*day)),
	}
	plan := key.Next(keys, noon, key.Usual, nil)
	if len(plan) != 3 || plan[2].Act != key.Retire || plan[2].Key != "a" || plan[2].At != noon.Add(23*time.Hour) ||
		plan[2].Due(noon) || !plan[2].Due(noon.Add(23*time.Hour)) {
		t.Errorf("%+v", plan)
	}
}

func TestPolicy(t *testing.T) {
	if err := key.Usual.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*key.Policy){
		"announced too shortly":               func(p *key.Policy) { p.Announce = time.Minute },
		"waits shorter than the announcement": func(p *key.Policy) { p.LongestWait = time.Hour },
		"retires while tokens live":           func(p *key.Policy) { p.Overlap = 30 * time.Minute },
		"rotates before it is done":           func(p *key.Policy) { p.Every = 7 * day },
	} {
		p := key.Usual
		change(&p)
		if p.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestJudge(t *testing.T) {
	call := func(client, address string) key.Call { return key.Call{Client: client, Address: address, Last: noon} }
	fetch := func(kid, address, named string) key.Fetch {
		return key.Fetch{Key: kid, Address: address, Named: named, At: noon}
	}
	calls := []key.Call{
		call("one", "192.0.2.1"), call("two", "192.0.2.2"), call("two", "192.0.2.9"), call("three", "192.0.2.9"),
		call("gone", "192.0.2.7"),
	}
	clients := []string{"one", "two", "three", "never called"}
	for name, tt := range map[string]struct {
		fetches []key.Fetch
		seen    []string
	}{
		"nobody fetched":                    {nil, nil},
		"from its own address":              {[]key.Fetch{fetch("b", "192.0.2.1", "")}, []string{"one"}},
		"another key":                       {[]key.Fetch{fetch("a", "192.0.2.1", "")}, nil},
		"a stranger's address":              {[]key.Fetch{fetch("b", "198.51.100.1", "")}, nil},
		"a stranger names the client":       {[]key.Fetch{fetch("b", "198.51.100.1", "one")}, nil},
		"an address that two use":           {[]key.Fetch{fetch("b", "192.0.2.9", "")}, nil},
		"an address that two use, named":    {[]key.Fetch{fetch("b", "192.0.2.9", "three")}, []string{"three"}},
		"named at another client's address": {[]key.Fetch{fetch("b", "192.0.2.1", "two")}, []string{"one"}},
		"a shared and an own address":       {[]key.Fetch{fetch("b", "192.0.2.9", ""), fetch("b", "192.0.2.2", "")}, []string{"two"}},
		"a suspended client's address":      {[]key.Fetch{fetch("b", "192.0.2.7", "")}, nil},
	} {
		var seen []string
		judged := key.Judge("b", clients, calls, tt.fetches)
		for _, s := range judged {
			if s.Seen {
				seen = append(seen, s.Client)
			}
			if s.Seen == (s.Reason != "") {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if !slices.Equal(seen, tt.seen) || len(judged) != 3 {
			t.Errorf("%s: seen %v of %d, want %v of 3", name, seen, len(judged), tt.seen)
		}
	}
}
