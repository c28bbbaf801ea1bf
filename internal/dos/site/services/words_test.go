package services

import "testing"

func TestMiles(t *testing.T) {
	for _, tt := range []struct {
		miles       float64
		approximate bool
		want        string
	}{
		{0, false, "Less than 0.1 miles"}, {0.04, false, "Less than 0.1 miles"}, {0.05, false, "0.1 miles"},
		{2.34, false, "2.3 miles"}, {0, true, "In this district"}, {2.34, true, "About 2.3 miles"},
	} {
		if got := miles(tt.miles, tt.approximate); got != tt.want {
			t.Errorf("miles(%v, %v) = %q, want %q", tt.miles, tt.approximate, got, tt.want)
		}
	}
}
