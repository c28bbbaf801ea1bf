package email

import "slices"

// EachOnce leaves out addresses that differ from an earlier one in what does not count alone, and what is none.
func EachOnce(list []string) (each []string) {
	var seen []string
	for _, one := range list {
		address, err := Parse(one)
		if err != nil {
			continue
		}
		if key, _ := address.Canonical(); !slices.Contains(seen, key) {
			seen = append(seen, key)
			each = append(each, one)
		}
	}
	return each
}
