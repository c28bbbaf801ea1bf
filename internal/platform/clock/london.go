package clock

import (
	"time"
	_ "time/tzdata" // the program carries the rules of summer time with it
)

// London is where the directory's hours are kept and all times are shown.
var London = mustLoad("Europe/London")

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // tzdata is compiled in
	}
	return l
}
