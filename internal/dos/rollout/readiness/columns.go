package readiness

import (
	"fmt"
	"slices"
	"strings"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// The columns of a list of accounts, in the order of accountColumns.
const (
	accountUsername = iota
	accountEmail
	accountFirstName
	accountLastName
	accountKind
	accountShared
	accountMachine
	accountStatus
	accountOrganisation
	accountOrganisationName
	accountRegion
	accountAuthority
	accountLinked
	accountProved
	accountRequested
)

func accountColumns() sheet.Options {
	return sheet.Options{
		Columns: []string{"username", "email"},
		Optional: []string{"first_name", "last_name", "kind", "shared", "machine", "status", "organisation",
			"organisation_name", "region", "registration_authority", "care_identity", "email_confirmed",
			"own_account_requested"},
		Aliases: map[string][]string{
			"username": {"user", "user_name", "login", "login_name", "user_id", "account", "account_name",
				"dos_username", "dos_user"},
			"email":      emailHeadings,
			"first_name": firstNameHeadings,
			"last_name":  lastNameHeadings,
			"kind":       {"account_type", "account_kind", "kind_of_account", "user_type", "type"},
			"shared":     {"shared_account", "is_shared", "shared_username"},
			"machine":    {"web_service_only", "web_service", "api_only", "machine_account"},
			"status":     statusHeadings,
			"organisation": {"home_organisation", "home_organization", "organization", "ods_code", "ods",
				"organisation_code", "org_code", "org"},
			"organisation_name":      {"organization_name", "org_name", "home_organisation_name"},
			"region":                 {"home_region", "dos_region"},
			"registration_authority": authorityHeadings,
			"care_identity": {"care_identity_id", "care_identity_number", "uuid", "nhsid", "linked", "is_linked",
				"linked_care_identity"},
			"email_confirmed":       {"email_verified", "email_proved", "verified", "email_validated"},
			"own_account_requested": {"requested", "individual_account_requested"},
		},
		MaxRows: maxRows,
	}
}

// The columns of a list of Care Identities, in the order of identityColumns.
const (
	identityEmail = iota
	identityUUID
	identityFirstName
	identityLastName
	identityStatus
	identityVerified
	identityOrganisation
	identityPosition
	identityAuthenticators
	identityLevel
	identityApproved
	identityAuthority
)

func identityColumns() sheet.Options {
	return sheet.Options{
		Columns: []string{"email"},
		Optional: []string{"uuid", "first_name", "last_name", "status", "email_verified", "organisation", "positions",
			"authenticators", "authenticator_level", "authenticator_approved", "registration_authority"},
		Aliases: map[string][]string{
			"email":      emailHeadings,
			"uuid":       {"care_identity", "nhsid", "user_uuid", "uid", "care_identity_number", "identity", "id"},
			"first_name": firstNameHeadings,
			"last_name":  lastNameHeadings,
			"status":     statusHeadings,
			"email_verified": {"verified", "email_confirmed", "email_proved",
				"email_validated"},
			"organisation": {"organization", "ods_code", "ods", "organisation_code", "org_code", "org",
				"parent_organisation"},
			"positions": {"position", "roles", "role", "access", "access_profile", "access_profiles", "rbac",
				"dos_position", "r8008_b0166"},
			"authenticators": {"authenticator", "authenticator_types", "authentication_methods", "methods",
				"credentials", "devices"},
			"authenticator_level":    {"aal", "level", "authentication_level", "authentication_assurance_level"},
			"authenticator_approved": {"approved", "locally_approved"},
			"registration_authority": authorityHeadings,
		},
		MaxRows: maxRows,
	}
}

// maxRows is how many rows either list may have: all Care Identities of England are some 1,500,000.
const maxRows = 5_000_000

var (
	emailHeadings = []string{"email_address", "email_id", "mail", "work_email", "e_mail", "e_mail_address",
		"primary_email", "contact_email"}
	firstNameHeadings = []string{"forename", "given_name", "first", "firstname", "known_as"}
	lastNameHeadings  = []string{"surname", "family_name", "last", "lastname"}
	statusHeadings    = []string{"account_status", "state", "active", "enabled", "identity_status", "profile_status"}
	authorityHeadings = []string{"ra", "ra_code", "ra_organisation", "registration_authority_code", "ra_name"}
)

// named gives options by which columns are found under headings that somebody named, such as "email=E-post".
func named(o sheet.Options, file string, columns map[string]string) (sheet.Options, error) {
	known := append(slices.Clone(o.Columns), o.Optional...)
	for column, heading := range columns {
		if !slices.Contains(known, column) {
			problem := fmt.Sprintf("The list of %s has no column %q to name.", file, column)
			return o, fault.SayCure(fault.Invalid, problem, "It can have: "+strings.Join(known, ", ")+".")
		}
		o.Aliases[column] = append([]string{heading}, o.Aliases[column]...)
	}
	return o, nil
}
