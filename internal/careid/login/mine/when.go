package mine

import (
	"strings"
	"time"
	_ "time/tzdata" // so that London is known on every machine
)

var london = loadLondon()

func loadLondon() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return l
}

// said is a time as people say it: "24 November 2026 at 9.30am".
func said(t time.Time) string {
	t = t.In(london)
	clock := t.Format("3.04pm")
	return t.Format("2 January 2006") + " at " + strings.Replace(clock, ".00", "", 1)
}
