package outlook_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/queue/outlook"
	"signpost/internal/careid/request"
	"signpost/internal/platform/clock"
)

// world lets a registration authority work for 130 days from 1 June: some ask each day, and on working days it decides
// what waits longest.
func world(seed uint64, ask, decide int) (list []request.Course, now time.Time) {
	chance := rand.New(rand.NewPCG(seed, 7))
	start := time.Date(2026, 6, 1, 9, 0, 0, 0, clock.London)
	first := 0 // of those who wait
	for day := range 130 {
		morning := start.AddDate(0, 0, day)
		if wd := morning.Weekday(); wd != time.Saturday && wd != time.Sunday {
			for range decide/2 + chance.IntN(decide+1) {
				if first < len(list) {
					list[first].Decided = morning.Add(2 * time.Hour)
					first++
				}
			}
		}
		for n := range chance.IntN(2*ask + 1) {
			list = append(list, request.Course{Asked: morning.Add(4*time.Hour + time.Duration(n)*time.Minute)})
		}
	}
	return list, start.AddDate(0, 0, 130)
}

// since leaves what is known where only the courses since outlook.Before are read.
func since(list []request.Course, now time.Time) []request.Course {
	return slices.DeleteFunc(slices.Clone(list), func(c request.Course) bool {
		return !c.Decided.IsZero() && c.Decided.Before(now.Add(-outlook.Before))
	})
}

// In worlds of many sorts nine of ten are ready by the later day, more or less, and about half by the earlier one.
func TestTheForecastIsCalibrated(t *testing.T) {
	looked, inTime := 0, 0
	for seed := range uint64(12) {
		list, now := world(seed, 4+int(seed%3), 6+int(seed%3))
		o := outlook.New(since(list, now), 5, now)
		if !o.Known() {
			t.Fatalf("world %d is not known", seed)
		}
		looked += o.Past.Looked
		inTime += o.Past.InTime
		half, late := o.Of(4)
		if before, _ := o.Of(0); before.After(half) || half.After(late) || !half.After(now.Add(-24*time.Hour)) {
			t.Errorf("world %d: %s, %s", seed, half, late)
		}
	}
	t.Logf("%d of %d", inTime, looked)
	if share := 100 * inTime / looked; looked < 500 || share < 85 || share > 99 {
		t.Errorf("%d of %d, %d %%, were ready by the later day", inTime, looked, share)
	}
}

// An authority that slows down is seen in how good its forecasts were.
func TestAForecastThatWasWrongSaysSo(t *testing.T) {
	list, now := world(1, 4, 8)
	for i, c := range list {
		if !c.Decided.IsZero() && now.Sub(c.Decided) < 30*24*time.Hour {
			list[i].Decided = c.Decided.AddDate(0, 0, 20)
			if list[i].Decided.After(now) {
				list[i].Decided = time.Time{}
			}
		}
	}
	p := outlook.New(since(list, now), 1, now).Past
	if p.Looked == 0 || 100*p.InTime/p.Looked > 70 || p.Days < 5 {
		t.Errorf("%+v", p)
	}
}

// Where too little was decided nothing is said.
func TestTooLittleIsKnown(t *testing.T) {
	list, now := world(1, 4, 8)
	few := list[len(list)-15:]
	o := outlook.New(few, 3, now)
	if half, late := o.Of(0); o.Known() || !half.IsZero() || !late.IsZero() || o.Past.Looked != 0 {
		t.Errorf("%+v", o)
	}
	if half, _ := outlook.New(since(list, now), 3, now).Of(3); !half.IsZero() {
		t.Errorf("somebody who does not wait is ready on %s", half)
	}
}

// What was asked for and decided on one day took nobody out of those who wait.
func TestSameDayWorkIsNotCounted(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, clock.London)
	var list []request.Course
	for day := 1; day <= 40; day++ {
		at := now.AddDate(0, 0, -day)
		list = append(list, request.Course{Asked: at, Decided: at.Add(time.Hour)},
			request.Course{Asked: at, Decided: at.Add(2 * time.Hour)})
	}
	if outlook.New(list, 1, now).Known() {
		t.Error("a forecast rests on what nobody waited for")
	}
}
