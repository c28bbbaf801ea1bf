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
	granted := wave.Wave{Phase: path.Require, Allowance: 3}
	later := wave.Wave{Phase: path.Choose, Dates: day(time.March), Allowance: 3}
	const own = "For some of you passwords stop on a day of your own. Your checklist says when."
	for want, waves := range map[string][]wave.Wave{
		"Passwords are going away. No date is set yet.":                                            {undated},
		"Passwords stop on 1 March 2027.":                                                          {june, march, undated},
		"Passwords have stopped.":                                                                  {ended},
		"For some of you passwords have stopped already.":                                          {ended, undated},
		"For some of you passwords have stopped already. For the others they stop on 1 June 2027.": {june, ended},
		"Passwords stop for each of you on a day of your own. Your checklist says when.":           {granted},
		"Passwords stop from 1 March 2027, for each of you on a day of your own.":                  {later, june},
		own + " For the others they stop on 1 June 2027.":                                          {granted, june},
		"For some of you passwords have stopped already. " + own:                                   {granted, ended},
	} {
		if got := whenOf(waves); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := whenOf(nil); got != "Passwords are going away. No date is set yet." {
		t.Errorf("in no wave: %q", got)
	}
}

// A page that says that passwords have stopped does not ask for one.
func TestWithWhatPeopleLogIn(t *testing.T) {
	ended := wave.Wave{Phase: path.Require}
	granted := wave.Wave{Phase: path.Require, Allowance: 3}
	closed := wave.Wave{Phase: path.Closed, Allowance: 3}
	const either = "Log in with your password or your Care Identity."
	for name, tt := range map[string]struct {
		waves []wave.Wave
		want  string
	}{
		"ended": {[]wave.Wave{ended, closed}, "Log in with your Care Identity."}, "granted": {[]wave.Wave{granted}, either},
		"some": {[]wave.Wave{ended, {Phase: path.Choose}}, either}, "in no wave": {nil, either},
	} {
		if got := howOf(tt.waves); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
