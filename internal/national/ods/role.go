package ods

// RoleID is the id of a role that organisations have in the Organisation Data Service.
type RoleID string

// The roles that Signpost decides by. A GP practice is a prescribing cost centre with the further
// role of GP practice; an integrated care board is a strategic partnership with that further role.
const (
	PrescribingCostCentre RoleID = "RO177"
	GPPractice            RoleID = "RO76"
	Pharmacy              RoleID = "RO182"
	Trust                 RoleID = "RO197"
	TrustSite             RoleID = "RO198"
	CommissioningSupport  RoleID = "RO213"
	StrategicPartnership  RoleID = "RO261"
	IntegratedCareBoard   RoleID = "RO318"
	DentalPractice        RoleID = "RO110"
)

var roleNames = map[RoleID]string{
	PrescribingCostCentre: "Prescribing cost centre",
	GPPractice:            "GP practice",
	Pharmacy:              "Pharmacy",
	"RO181":               "Pharmacy headquarters",
	Trust:                 "NHS trust",
	TrustSite:             "NHS trust site",
	"RO57":                "Foundation trust",
	"RO98":                "Clinical commissioning group",
	CommissioningSupport:  "Commissioning support unit",
	StrategicPartnership:  "Strategic partnership",
	IntegratedCareBoard:   "Integrated care board",
	"RO319":               "Sub integrated care board location",
	"RO209":               "NHS England region",
	"RO272":               "Primary care network",
	"RO141":               "Local authority",
	"RO157":               "Non-NHS organisation",
	"RO159":               "National application service provider",
	"RO172":               "Independent sector healthcare provider",
	"RO176":               "Independent sector healthcare provider site",
	"RO104":               "Social care provider",
	DentalPractice:        "Dental practice",
	"RO107":               "Care trust",
	"RO116":               "Executive agency",
	"RO126":               "Government department",
	"RO80":                "Out of hours provider",
	"RO87":                "Walk-in centre",
	"RO269":               "Care home",
	"RO279":               "Vaccination centre",
}

// Name is the role's name, or false for one that is not in our list.
func (r RoleID) Name() (string, bool) {
	name, ok := roleNames[r]
	return name, ok
}
