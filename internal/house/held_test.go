package house_test

import (
	"strconv"
	"testing"
)

func number(n int) string { return strconv.Itoa(n) }

// held counts what breaks a rule in each room, where some was there before the rule.
type held struct {
	there map[string]int
	found map[string][]string
}

func newHeld(there map[string]int) *held { return &held{there: there, found: map[string][]string{}} }

func (h *held) add(room, what string) { h.found[room] = append(h.found[room], what) }

// judge fails for each room that has more than were there.
func (h *held) judge(t *testing.T, what string) {
	t.Helper()
	for room, list := range h.found {
		if len(list) <= h.there[room] {
			continue
		}
		t.Errorf("%s: %d %s, and no more than %d were there:", room, len(list), what, h.there[room])
		for _, one := range list {
			t.Log(one)
		}
	}
}
