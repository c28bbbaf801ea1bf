package imports

import (
	"fmt"
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/dos/directory/importing"
)

// What is said of many rows is said once, with the rows; what differs is said for each, up to a bound that is told.
func TestRowsOfWhichTheSameIsSaid(t *testing.T) {
	var same, differ, apart []importing.Refused
	for n := range 400 {
		same = append(same, importing.Refused{Number: n + 2, Field: "groups", Reason: "Nobody has this group."})
		differ = append(differ, importing.Refused{Number: n + 2, Reason: fmt.Sprintf("Reason %d.", n)})
		apart = append(apart, importing.Refused{Number: 2 * n, Reason: "Even."})
	}
	one := importing.Refused{Number: 7, Reason: "Nobody has this group."}
	for name, tt := range map[string]struct {
		rows  []importing.Refused
		want  []string
		lines int
	}{
		"one reason":           {same, []string{"rows 2 to 401, column groups: refused. Nobody has this group."}, 1},
		"and one of no column": {append(same[:2:2], one), []string{"rows 2, 3, column groups: refused.", "row 7: refused."}, 2},
		"each its own":         {differ, []string{"row 2: refused. Reason 0.", "350 rows more refused"}, 51},
		"far apart":            {apart, []string{"rows 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 390 more: refused. Even."}, 1},
		"none":                 {nil, nil, 0},
	} {
		var out strings.Builder
		sayRows(&cli.Printer{Out: &out}, "refused", tt.rows)
		if lines := strings.Count(out.String(), "\n"); lines != tt.lines {
			t.Errorf("%s: %d lines, want %d: %s", name, lines, tt.lines, out.String())
		}
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in %s", name, want, out.String())
			}
		}
	}
}
