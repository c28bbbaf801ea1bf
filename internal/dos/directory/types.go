package directory

import (
	"slices"
	"strconv"
)

// Type is a kind of service, with its national number.
type Type struct {
	ID   int
	Name string
}

// types are those of the national list that patients are sent to (reference, directory of services §1.4).
var types = []Type{
	{100, "GP Practice"}, {13, "Pharmacy"}, {12, "Dental Practice"}, {14, "Optical"}, {105, "Emergency Department (ED)"},
	{135, "Urgent Treatment Centre (UTC)"}, {136, "GP Access Hub"}, {142, "Mental Health Crisis"}, {146, "Urgent Community Response"},
	{29, "Sexual Health"}, {24, "Care Home"}, {38, "Community/District Nursing"}, {47, "Dental Emergency"}, {25, "IUC Treatment"},
	{46, "Urgent Care"}, {120, "ED Eye Casualty"}, {132, "Pharmacy Enhanced"}, {134, "Pharmacy Distance Selling"}, {156, "Dental Urgent Care"},
	{19, "Midwifery"}, {7, "Mental Health"}, {8, "Social Care"}, {17, "Clinic"},
}

// Types lists the kinds of service, by name.
func Types() []Type {
	list := slices.Clone(types)
	slices.SortFunc(list, func(a, b Type) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

// TypeName names a kind of service.
func TypeName(id int) string {
	for _, t := range types {
		if t.ID == id {
			return t.Name
		}
	}
	return "Service type " + strconv.Itoa(id)
}
