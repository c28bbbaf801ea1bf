package staffrecord_test

import (
	"slices"
	"testing"

	"signpost/internal/careid/registration/staffrecord"
)

// Each class of the national bulk match, and who is told of.
func TestClasses(t *testing.T) {
	ann := staffrecord.Here{UUID: "1", FamilyName: "O'Neill", HasNI: true}
	bo := staffrecord.Here{UUID: "2", FamilyName: "Other", HasNI: true}
	noNI := staffrecord.Here{UUID: "3", FamilyName: "O'Neill"}
	person := staffrecord.Compared{FamilyName: "O’NEILL", HasNI: true}
	with := func(change func(c *staffrecord.Compared)) staffrecord.Compared {
		c := person
		change(&c)
		return c
	}
	type compared = staffrecord.Compared
	for _, tt := range []struct {
		name string
		of   compared
		want staffrecord.Class
		who  []string
	}{
		{"number and name", with(func(c *compared) { c.WithNI = []staffrecord.Here{ann} }), staffrecord.Matched,
			[]string{"1"}},
		{"and the number that they say", with(func(c *compared) {
			c.WithNI = []staffrecord.Here{ann}
			c.UUID = "1"
		}), staffrecord.Matched, []string{"1"}},
		{"two with the number", with(func(c *compared) { c.WithNI = []staffrecord.Here{ann, bo} }),
			staffrecord.DuplicateNI, []string{"1", "2"}},
		{"another name", with(func(c *compared) { c.WithNI = []staffrecord.Here{bo} }), staffrecord.NameDiffers,
			[]string{"2"}},
		{"another number", with(func(c *compared) { c.Named = []staffrecord.Here{ann} }), staffrecord.NIDiffers,
			[]string{"1"}},
		{"their number is not known here", with(func(c *compared) { c.Named = []staffrecord.Here{noNI} }),
			staffrecord.Unable, []string{"3"}},
		{"no number in the staff record", with(func(c *compared) {
			c.HasNI = false
			c.Named = []staffrecord.Here{ann}
		}), staffrecord.Unable, []string{"1"}},
		{"no name in the staff record", with(func(c *compared) {
			c.FamilyName = ""
			c.WithNI = []staffrecord.Here{ann}
		}), staffrecord.Unable, nil},
		{"nobody", person, staffrecord.NobodyFound, nil},
		{"nobody with the number that they say", with(func(c *compared) { c.UUID = "1" }), staffrecord.Unable, nil},
		{"a number that there is not", with(func(c *compared) {
			c.UUID = "9"
			c.Unknown = true
		}), staffrecord.NotHere, nil},
		{"associated with another", with(func(c *compared) {
			c.UUID = "1"
			c.Linked = "2"
			c.WithNI = []staffrecord.Here{ann}
		}), staffrecord.DifferentHeld, []string{"2"}},
		{"the number is another's", with(func(c *compared) {
			c.UUID = "2"
			c.WithNI = []staffrecord.Here{ann}
		}), staffrecord.DifferentHeld, []string{"1"}},
		{"another employee has it", with(func(c *compared) {
			c.UUID = "1"
			c.Used = true
			c.WithNI = []staffrecord.Here{ann}
		}), staffrecord.AlreadyUsed, nil},
	} {
		class, who := staffrecord.Classify(tt.of)
		if class != tt.want || !slices.Equal(who, tt.who) || class.Text() == "" {
			t.Errorf("%s: %q of %v", tt.name, class, who)
		}
	}
}
