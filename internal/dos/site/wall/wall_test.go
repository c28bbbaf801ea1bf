package wall

import (
	"testing"
	"time"

	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
)

// Each mix of waves says what is so for all who read the page.
func TestWhenPasswordsStop(t *testing.T) {
	day := func(month time.Month) wave.Dates {
		return wave.Dates{Require: time.Date(2027, month, 1, 12, 0, 0, 0, time.UTC)}
	}
	march := wave.Wave{Phase: path.Choose, Dates: day(time.March)}
	june := wave.Wave{Phase: path.Prepare, Dates: day(time.June)}
	undated := wave.Wave{Phase: path.Prepare}
	ended := wave.Wave{Phase: path.Require, Dates: day(time.January)}
	for want, waves := range map[string][]wave.Wave{
		"Passwords are going away. No date is set yet.":                                            {undated},
		"Passwords stop on 1 March 2027.":                                                          {june, march, undated},
		"Passwords have stopped.":                                                                  {ended},
		"For some of you passwords have stopped already.":                                          {ended, undated},
		"For some of you passwords have stopped already. For the others they stop on 1 June 2027.": {june, ended},
	} {
		if got := whenOf(waves); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := whenOf(nil); got != "Passwords are going away. No date is set yet." {
		t.Errorf("in no wave: %q", got)
	}
}
