package directory

import (
	"slices"
	"strconv"
	"strings"
)

// Type is a type of service, with its national number.
type Type struct {
	ID   int
	Name string
}

// typeNames is the national list (reference, directory of services §1.4). It includes types that are not services
// for patients: regions, commissioners, templates, capacity grids.
var typeNames = map[int]string{
	-2: "Local Templates", -1: "DoS Region", 4: "Therapy", 6: "Commissioning Cluster", 7: "Mental Health",
	8:  "Social Care",
	11: "Voluntary", 12: "Dental Practice", 13: "Pharmacy", 14: "Optical", 17: "Clinic", 18: "Health Visitor",
	19: "Midwifery",
	20: "Community Based", 21: "Retired", 22: "Commissioning Organisation", 24: "Care Home", 25: "IUC Treatment",
	27: "Intermediate Care", 28: "Community Hospital", 29: "Sexual Health", 38: "Community/District Nursing",
	40: "ED Catch-All", 41: "Hospital Acute Assessment Unit", 46: "Urgent Care", 47: "Dental Emergency",
	48: "Specialist",
	50: "Palliative Care", 100: "GP Practice", 105: "Emergency Department (ED)", 107: "(Capacity) Critical Care",
	108: "(Capacity) PICU", 109: "(Capacity) Burns", 110: "(Capacity) Maternity and Neonate",
	111: "(Capacity) Paediatrics",
	112: "Optical Enhanced", 113: "Health Information", 114: "(Capacity) Acute Hospital",
	115: "(Capacity) Provider Escalation/RAG", 120: "ED Eye Casualty",
	121: "Primary Percutaneous Coronary Intervention",
	122: "Hyper-Acute Stroke Unit", 129: "Safeguarding", 130: "IUC NHS 111 Call Handling Provider",
	131: "Pharmacy Urgent Medicines Supply", 132: "Pharmacy Enhanced", 133: "IUC Clinical Assessment Service",
	134: "Pharmacy Distance Selling", 135: "Urgent Treatment Centre (UTC)", 136: "GP Access Hub",
	137: "IUC Pharmacy Clinical Assessment", 138: "Emergency National Response", 139: "IUC Validation",
	140: "Same Day Emergency Care", 141: "Hospital Streaming", 142: "Mental Health Crisis",
	143: "Sexual Assault Referral Centre", 144: "IUC Dental Clinical Assessment",
	145: "IUC Paediatric Clinical Assessment",
	146: "Urgent Community Response", 147: "Covid Medicines Delivery Unit", 148: "Pharmacy Blood Pressure Check",
	149: "Pharmacy Contraception", 150: "UTC Co-Located with ED", 151: "Primary Care Network",
	152: "PCN Enhanced Service",
	153: "Maternity and Neonatal", 154: "Early Pregnancy Assessment Unit", 155: "Virtual Ward",
	156: "Dental Urgent Care",
	157: "Infection Hub", 158: "Ambulance Service Pathway", 159: "Primary Care Clinic",
}

// searchable lists the types that patients are sent to, which the search form offers.
var searchable = []int{100, 13, 12, 14, 105, 135, 136, 142, 146, 29, 24, 38, 47, 25, 46, 120, 132, 134, 156, 19, 7,
	8, 17}

// Types lists the types of service that patients are sent to, by name.
func Types() []Type {
	list := make([]Type, 0, len(searchable))
	for _, id := range searchable {
		list = append(list, Type{ID: id, Name: typeNames[id]})
	}
	slices.SortFunc(list, func(a, b Type) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// TypeName gives the name of a type of service.
func TypeName(id int) string {
	if name, known := typeNames[id]; known {
		return name
	}
	return "Service type " + strconv.Itoa(id)
}
