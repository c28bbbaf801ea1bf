package directory

import (
	"slices"
	"testing"
)

func TestTypes(t *testing.T) {
	for id, want := range map[int]string{13: "Pharmacy", -1: "DoS Region", 38: "Community/District Nursing",
		159: "Primary Care Clinic", 999: "Service type 999"} {
		if got := TypeName(id); got != want {
			t.Errorf("TypeName(%d) = %q, want %q", id, got, want)
		}
	}
	list := Types()
	for i, one := range list {
		if one.Name == "" || i > 0 && list[i-1].Name >= one.Name {
			t.Errorf("%+v has no name, or stands in the wrong place", one)
		}
	}
	for _, never := range []int{-2, -1, 6, 21, 22, 107} {
		if slices.ContainsFunc(list, func(one Type) bool { return one.ID == never }) {
			t.Errorf("patients are offered %s", TypeName(never))
		}
	}
}
