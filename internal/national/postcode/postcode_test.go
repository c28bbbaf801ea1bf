package postcode_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"signpost/internal/national/postcode"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, want, outward string
	}{
		{"M1 1AE", "M1 1AE", "M1"},
		{"m11ae", "M1 1AE", "M1"},
		{" m1  1ae ", "M1 1AE", "M1"},
		{"M1-1AE.", "M1 1AE", "M1"},
		{"M1\u00a01AE", "M1 1AE", "M1"},
		{"B33 8TH", "B33 8TH", "B33"},
		{"CR2 6XH", "CR2 6XH", "CR2"},
		{"DN55 1PT", "DN55 1PT", "DN55"},
		{"W1A 0AX", "W1A 0AX", "W1A"},
		{"EC1A1BB", "EC1A 1BB", "EC1A"},
		{"DN15 6QV", "DN15 6QV", "DN15"},
		{"gir 0aa", "GIR 0AA", "GIR"},
	}
	for _, tt := range tests {
		got, err := postcode.Parse(tt.in)
		if err != nil || string(got) != tt.want || got.Outward() != tt.outward {
			t.Errorf("Parse(%q) = %q, %v, outward %q", tt.in, got, err, got.Outward())
			continue
		}
		compact := strings.ReplaceAll(tt.want, " ", "")
		if again, err := postcode.Parse(compact); err != nil || again != got {
			t.Errorf("Parse(%q) = %q, %v; want %q again", compact, again, err, got)
		}
	}
	for _, s := range []string{"", "M1", "1AE", "M1 1A", "M1 1AEE", "M1 AAE", "11 1AE", "MMM1 1AE", "M123 1AE",
		"GIR 1AA", "М1 1AE", "M1 1AE\x00"} {
		if got, err := postcode.Parse(s); !errors.Is(err, postcode.ErrFormat) {
			t.Errorf("Parse(%q) = %q, %v; want ErrFormat", s, got, err)
		}
	}
}

func TestParseOutward(t *testing.T) {
	for in, want := range map[string]string{"m1": "M1", " EC1A ": "EC1A", "AB10": "AB10"} {
		if got, err := postcode.ParseOutward(in); err != nil || got != want {
			t.Errorf("ParseOutward(%q) = %q, %v", in, got, err)
		}
	}
	for _, s := range []string{"", "M", "M1 1AE", "1", "ABC1"} {
		if got, err := postcode.ParseOutward(s); !errors.Is(err, postcode.ErrFormat) {
			t.Errorf("ParseOutward(%q) = %q, %v; want ErrFormat", s, got, err)
		}
	}
}

func TestDistance(t *testing.T) {
	manchester := postcode.Point{Latitude: 53.4794, Longitude: -2.2453}
	london := postcode.Point{Latitude: 51.5074, Longitude: -0.1278}
	if got := postcode.Kilometres(manchester, london); math.Abs(got-262) > 1.5 {
		t.Errorf("Manchester to London = %.1f km, want about 262", got)
	}
	if got := postcode.Miles(manchester, london); math.Abs(got-163) > 1 {
		t.Errorf("Manchester to London = %.1f miles, want about 163", got)
	}
	if got := postcode.Kilometres(manchester, manchester); got != 0 {
		t.Errorf("a place is %.3f km from itself", got)
	}
	there := postcode.Kilometres(manchester, london)
	back := postcode.Kilometres(london, manchester)
	if there != back {
		t.Errorf("there %.6f, back %.6f", there, back)
	}
	// A degree of latitude is a 360th of the way round.
	if got := postcode.Kilometres(postcode.Point{}, postcode.Point{Latitude: 1}); math.Abs(got-111.195) > 0.01 {
		t.Errorf("one degree = %.3f km", got)
	}
	if got := postcode.Kilometres(postcode.Point{Latitude: 90},
		postcode.Point{Latitude: -90}); math.Abs(got-20015.1) > 0.5 {
		t.Errorf("pole to pole = %.1f km", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"M1 1AE", "ec1a1bb", "GIR 0AA", "", "m1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := postcode.Parse(s)
		if err != nil {
			return
		}
		if again, err := postcode.Parse(string(p)); err != nil || again != p {
			t.Errorf("Parse(%q) = %q, yet Parse of that = %q, %v", s, p, again, err)
		}
	})
}

func TestAround(t *testing.T) {
	for _, p := range []postcode.Point{{Latitude: 49.2, Longitude: -2.1}, {Latitude: 60.3, Longitude: -1.2}, {}} {
		for _, km := range []float64{0, 1, 60} {
			from, to := postcode.Around(p, km)
			for name, edge := range map[string]postcode.Point{
				"south": {Latitude: from.Latitude, Longitude: p.Longitude},
				"north": {Latitude: to.Latitude, Longitude: p.Longitude},
				"west":  {Latitude: p.Latitude, Longitude: from.Longitude},
				"east":  {Latitude: p.Latitude, Longitude: to.Longitude},
			} {
				if got := postcode.Kilometres(p, edge); got < km || got > km*1.001+0.001 {
					t.Errorf("%v, %v km: the %s edge is %v km away", p, km, name, got)
				}
			}
		}
	}
}
