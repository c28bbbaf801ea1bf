package shared_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/shared"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// parts names the parts of those who wait, with how many they are.
func (w *world) parts() (list []string, all []shared.Waiting) {
	w.Helper()
	crowd := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (shared.Crowd, error) {
		return shared.WaitingFrom(ctx, r, w.team.ID)
	})
	all = crowd.Parts()
	for _, one := range all {
		list = append(list, fmt.Sprintf("%s %q new:%t vouched:%t %d",
			one.Network, one.Browser, one.New, one.Vouched, one.Claims))
	}
	return list, all
}

// A stranger who makes up names in new browsers is rejected without the colleagues who wait in the browser of the tea
// room on the same network; or all of one browser are, or all of the network.
func TestAllOfOneBrowserAreRejected(t *testing.T) {
	const other = "203.0.113.9/32"
	prepared := func() *world {
		w := open(t)
		for n := range 3 {
			w.Must(w.claimsIn(n, building, "tea room"))
		}
		w.confirms(0)
		w.Must(w.claimsIn(3, building, "office"))
		w.Must(w.claimsIn(4, building, "office"))
		w.Must(w.claimsIn(5, other, "office"))
		w.Clock.Advance(24 * time.Hour) // the office is known now
		for n := 10; n < 15; n++ {
			w.Must(w.claimsIn(n, building, fmt.Sprint("stranger ", n)))
		}
		w.Must(w.claimsIn(20, building, ""))
		return w
	}
	want := []string{
		building + ` "" new:false vouched:false 10`, building + ` "" new:true vouched:false 6`,
		building + ` "office" new:false vouched:false 2`, building + ` "tea room" new:false vouched:true 2`,
		other + ` "" new:false vouched:false 1`,
	}
	for at, left := range [][]string{
		{other + ` "" new:false vouched:false 1`},
		{building + ` "" new:false vouched:false 4`, want[2], want[3], want[4]},
		{building + ` "" new:false vouched:false 8`, want[1], want[3], want[4]},
		{building + ` "" new:false vouched:false 8`, want[1], want[2], want[4]},
		want[:4],
	} {
		w := prepared()
		list, all := w.parts()
		if !slices.Equal(list, want) {
			t.Fatalf("%q, want %q", list, want)
		}
		w.Clock.Advance(time.Minute)
		w.Must(w.claimsIn(30, "198.51.100.7/32", "elsewhere"))
		n, err := w.cases.RejectAll(t.Context(), by(w.admin), w.team.ID, all[at], "nobody knows them")
		if w.Must(err); n != all[at].Claims {
			t.Errorf("%s: %d were rejected", want[at], n)
		}
		list, _ = w.parts()
		list = slices.DeleteFunc(list, func(one string) bool { return strings.HasPrefix(one, "198.51.100.7/32") })
		if !slices.Equal(list, left) {
			t.Errorf("%s: there wait %q, want %q", want[at], list, left)
		}
	}
}
