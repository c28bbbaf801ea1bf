package rbac_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"signpost/internal/national/rbac"
)

var published = rbac.Hierarchy{
	Baselines: map[string][]string{"R8000": {"B0420", "B8029"}, "R8008": {"B0572", "B0058"}},
	Parents: map[string][]string{
		"B0572": {"B0570"}, "B0420": {"B0278"}, "B0058": {"B0278"}, "B8029": {"B8028"}, "B8028": {"B0380"},
		"B0380": {"B0790"}, "B0790": {"B0360"},
	},
}

// Holding a child gives the parents, never the other way, and the baseline of a role counts.
func TestRights(t *testing.T) {
	for _, tt := range []struct {
		name       string
		role       string
		activities []string
		want       []string
	}{
		{"nothing", "R8001", nil, nil},
		{"an activity alone", "R8001", []string{"B0360"}, []string{"B0360"}},
		{"a child", "R8001", []string{"B0380"}, []string{"B0360", "B0380", "B0790"}},
		{"whole codes", "S8000:G8000:R8001", []string{"D8002:C8006:B0790"}, []string{"B0360", "B0790"}},
		{"the baseline, with its parents", "R8008", nil, []string{"B0058", "B0278", "B0570", "B0572"}},
		{"a baseline of four floors", "R8000", nil, []string{"B0278", "B0360", "B0380", "B0420", "B0790", "B8028", "B8029"}},
		{"an activity that no list has", "R8008", []string{"B0166"}, []string{"B0058", "B0166", "B0278", "B0570", "B0572"}},
		{"a code that cannot be read", "R8001", []string{"B01", "B0360"}, []string{"B0360"}},
		{"a role that cannot be read", "R80", []string{"B0360"}, nil},
	} {
		got := published.Rights(tt.role, tt.activities)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if published.Has("R8001", []string{"B0360"}, "B0790") || !published.Has("R8001", []string{"B0790"}, "B0360") {
		t.Error("a parent gives its child, or a child does not give its parent")
	}
}

// Whatever the tree, rings too: what is held counts, what follows is held by nobody else's rights, more activities
// never give less, and to ask again with what came out changes nothing.
func TestRightsHoldForAnyTree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := func(n int) (codes []string) {
		for range random.IntN(n) {
			codes = append(codes, fmt.Sprintf("B%04d", random.IntN(30)))
		}
		return codes
	}
	for range 2000 {
		h := rbac.Hierarchy{Baselines: map[string][]string{"R0001": some(4)}, Parents: map[string][]string{}}
		for _, code := range some(40) {
			h.Parents[code] = some(4)
		}
		held := some(5)
		rights := h.Rights("R0001", held)
		more := h.Rights("R0001", slices.Concat(held, some(5)))
		for _, code := range slices.Concat(held, h.Baselines["R0001"]) {
			if !slices.Contains(rights, code) {
				t.Fatalf("%+v with %v lacks %s: %v", h, held, code, rights)
			}
		}
		for _, code := range rights {
			above := func(child string) bool {
				return slices.Contains(rights, child) && slices.Contains(h.Parents[child], code)
			}
			given := slices.Contains(slices.Concat(held, h.Baselines["R0001"]), code)
			if !given && !slices.ContainsFunc(rights, above) {
				t.Fatalf("%+v with %v gives %s from nowhere", h, held, code)
			}
			if !slices.Contains(more, code) {
				t.Fatalf("%+v: more than %v lose %s", h, held, code)
			}
		}
		if !slices.Equal(rights, h.Rights("R0001", rights)) {
			t.Fatalf("%+v with %v: not closed: %v", h, held, rights)
		}
	}
}
