package forecast_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"testing"

	"signpost/internal/platform/forecast"
)

// always is a history of so many days on each of which the same was finished.
func always(days, n int) (history []int) {
	for range days {
		history = append(history, n)
	}
	return history
}

func queue(n int, path ...forecast.Key) (people []forecast.Person) {
	for i := range n {
		people = append(people, forecast.Person{ID: fmt.Sprint("p", i), Groups: []string{"all", fmt.Sprint("o", i%2)},
			Path: path})
	}
	return people
}

// Where each day is as the other, everybody is ready when their turn comes.
func TestMakeOfEvenDays(t *testing.T) {
	f := forecast.Make(forecast.Input{History: map[forecast.Key][]int{"ra": always(28, 10), "it": always(28, 5)},
		People: queue(100, "ra", "it")})
	// 10 a day come to who does 5 a day: the last of 100 is through on the 20th day after the first came.
	for id, want := range map[string]int{"p0": 2, "p4": 2, "p5": 3, "p99": 21} {
		if got := f.People[id]; got.Half != want || got.Late != want {
			t.Errorf("%s: %+v, want %d", id, got, want)
		}
	}
	if f.Groups["all"].Half != 21 || f.Groups["o0"].Half != 21 || f.Unsaid["all"] != 0 {
		t.Errorf("%+v", f.Groups)
	}
}

// Weekends are as weekends were.
func TestMakeKeepsWeekdays(t *testing.T) {
	var history []int
	for i := range 28 {
		history = append(history, map[bool]int{true: 0, false: 3}[i%7 >= 5])
	}
	f := forecast.Make(forecast.Input{History: map[forecast.Key][]int{"ra": history}, People: queue(16, "ra")})
	// After 28 days the week begins anew: 15 are done in five days, and the last on the Monday after.
	if f.People["p14"].Late != 5 || f.People["p15"].Half != 8 {
		t.Errorf("%+v, %+v", f.People["p14"], f.People["p15"])
	}
}

// Nothing is said of those who wait for somebody of whom too little is known.
func TestMakeOfThinHistories(t *testing.T) {
	f := forecast.Make(forecast.Input{History: map[forecast.Key][]int{"new": always(13, 10), "ra": always(14, 2),
		"slow": append(always(50, 0), 19)}, People: slices.Concat(queue(1, "ra"), queue(2, "ra", "slow"),
		queue(3, "new", "none"))})
	thin := []forecast.Key{"new", "none", "slow"}
	if f.Unsaid["all"] != 5 || !reflect.DeepEqual(f.Thin, thin) || f.Groups["all"].Half != 1 {
		t.Errorf("%+v", f)
	}
}

// Of generated futures, about half come by the day of half and nine in ten by the later one, however days differ.
func TestMakeIsRightAsOftenAsItSays(t *testing.T) {
	days := rand.New(rand.NewSource(7))
	draw := func() int { return days.Intn(9) * days.Intn(3) } // many days with nothing
	byHalf := 0
	byMost := 0
	const tries = 100
	for range tries {
		var history []int
		for range 56 {
			history = append(history, draw())
		}
		f := forecast.Make(forecast.Input{History: map[forecast.Key][]int{"ra": history}, People: queue(120, "ra")})
		came := 0
		for done := 0; done < 120; came++ {
			done += draw()
		}
		if came <= f.Groups["all"].Half {
			byHalf++
		}
		if came <= f.Groups["all"].Late {
			byMost++
		}
	}
	t.Logf("of %d: %d by half, %d by most", tries, byHalf, byMost)
	if byHalf < tries*36/100 || byHalf > tries*70/100 || byMost < tries*78/100 {
		t.Errorf("of %d futures %d came by the day of half, %d by that of nine in ten", tries, byHalf, byMost)
	}
}

func TestClinics(t *testing.T) {
	for name, tt := range map[string]struct {
		history               []int
		waiting, within, more int
	}{
		"enough":           {always(28, 10), 70, 7, 0},
		"one more":         {always(28, 10), 71, 7, 1},
		"two more":         {always(28, 10), 90, 7, 2},
		"nothing is known": {always(28, 0), 90, 7, 0},
	} {
		if more, _ := forecast.Clinics(tt.history, tt.waiting, tt.within); more != tt.more {
			t.Errorf("%s: %d, want %d", name, more, tt.more)
		}
	}
}

func TestTried(t *testing.T) {
	slower := append(always(28, 10), always(14, 5)...)
	past, known := forecast.Tried(slower, 14)
	if !known || past.Said != 140 || past.Came != 70 || past.Error() != 100 {
		t.Errorf("%+v, %v", past, known)
	}
	if _, known := forecast.Tried(always(20, 10), 14); known {
		t.Error("six days are enough to try a forecast of")
	}
}
