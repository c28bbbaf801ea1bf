package cis2

// The names of CIS2's own claims; the types below carry them as their tags.
const (
	AuthenticationLevelClaim = "authentication_assurance_level"
	IdentityLevelClaim       = "id_assurance_level"
	OlderIdentityLevelClaim  = "idassurancelevel"
	SelectedRoleClaim        = "selected_roleid"
	UserUIDClaim             = "nhsid_useruid"
	RolesClaim               = "nhsid_nrbac_roles"
	OrgsClaim                = "nhsid_user_orgs"
	MembershipsClaim         = "nhsid_org_memberships"
	OrgRolesClaim            = "nhsid_org_roles"
)

// EmailClaims are the claims about a person's email address. All but the first are not CIS2's: they say
// whether, when and how the address was proved to be the person's.
var EmailClaims = []string{"email", "email_verified", "email_verified_at", "email_verified_method",
	"email_usable_at"}

// SignIn holds the claims of an ID token about the sign-in (reference §5): who signed in, how strongly they were
// authenticated, and in which role.
type SignIn struct {
	Issuer              string       `json:"iss"`
	Subject             string       `json:"sub"`
	SessionID           string       `json:"sid"`
	ACR                 string       `json:"acr"`
	AMR                 List[string] `json:"amr"`
	AuthenticationLevel Level        `json:"authentication_assurance_level"`
	IdentityLevel       Level        `json:"id_assurance_level"`
	OlderIdentityLevel  Level        `json:"idassurancelevel"`
	SelectedRoleID      *string      `json:"selected_roleid,omitempty"` // left out unless a role was asked for
}

// IDToken holds all claims of an ID token. The last ones belong to ForgeRock Access Management; services ignore
// them.
type IDToken struct {
	SignIn
	Audience        string  `json:"aud"`
	AuthorizedParty string  `json:"azp"`
	SubjectName     string  `json:"subname"`
	IssuedAt        Seconds `json:"iat"`
	Expires         Seconds `json:"exp"`
	AuthTime        Seconds `json:"auth_time"`
	Nonce           string  `json:"nonce,omitempty"`
	AccessHash      string  `json:"at_hash"`
	CodeHash        string  `json:"c_hash"`
	StateHash       string  `json:"s_hash,omitempty"`
	Realm           string  `json:"realm"`
	TokenName       string  `json:"tokenName"`
	TokenType       string  `json:"tokenType"`
	AuditTracking   string  `json:"auditTrackingId"`
	Operations      string  `json:"org.forgerock.openidconnect.ops"`
}

// The values of TokenName and TokenType in every ID token.
const (
	IDTokenName = "id_token"
	IDTokenType = "JWTToken"
)

// UserInfo is the answer of the userinfo endpoint (reference §6). Empty fields are left out.
type UserInfo struct {
	Subject string `json:"sub"`

	Name       string `json:"name,omitempty"`
	GivenName  string `json:"given_name,omitempty"`
	FamilyName string `json:"family_name,omitempty"`
	UID        string `json:"uid,omitempty"`

	Email          string    `json:"email,omitempty"`
	EmailVerified  *Verified `json:"email_verified,omitempty"`
	EmailProvedAt  Seconds   `json:"email_verified_at,omitempty"`
	EmailProvedHow string    `json:"email_verified_method,omitempty"`
	EmailUsableAt  Seconds   `json:"email_usable_at,omitempty"` // for linking, where it was changed

	UserUID            string `json:"nhsid_useruid,omitempty"`
	Title              string `json:"title,omitempty"`
	Initials           string `json:"initials,omitempty"`
	MiddleNames        string `json:"middle_names,omitempty"`
	DisplayName        string `json:"display_name,omitempty"`
	OlderIdentityLevel Level  `json:"idassurancelevel,omitempty"`

	GMC        string `json:"gmc_id,omitempty"`
	NMC        string `json:"nmc_id,omitempty"`
	GPhC       string `json:"gphc_id,omitempty"`
	GDC        string `json:"gdc_id,omitempty"`
	GDP        string `json:"gdp_id,omitempty"`
	GMP        string `json:"gmp_id,omitempty"`
	RCN        string `json:"rcn_id,omitempty"`
	Consultant string `json:"consultant_id,omitempty"`

	Orgs        List[Organisation] `json:"nhsid_user_orgs,omitempty"`
	Memberships List[Membership]   `json:"nhsid_org_memberships,omitempty"`
	OrgRoles    List[OrgRole]      `json:"nhsid_org_roles,omitempty"`
	Roles       List[NationalRole] `json:"nhsid_nrbac_roles,omitempty"`
}

// Organisation is an organisation that a person works for.
type Organisation struct {
	Name string `json:"org_name"`
	Code string `json:"org_code"`
}

// Membership is a person's membership of an organisation.
type Membership struct {
	PersonOrgID string `json:"person_orgid"`
	Name        string `json:"org_name"`
	Code        string `json:"org_code"`
	GNC         string `json:"gnc,omitempty"`
}

// OrgRole is a person's place in an organisation.
type OrgRole struct {
	PersonOrgID string `json:"person_orgid"`
	Name        string `json:"org_name"`
	Code        string `json:"org_code"`
}

// NationalRole is a role profile of the national role-based access control.
type NationalRole struct {
	PersonOrgID    string       `json:"person_orgid"`
	PersonRoleID   string       `json:"person_roleid"`
	OrgCode        string       `json:"org_code"`
	RoleName       string       `json:"role_name"`
	RoleCode       string       `json:"role_code"`
	Activities     List[string] `json:"activities,omitempty"`
	ActivityCodes  List[string] `json:"activity_codes,omitempty"`
	Workgroups     List[string] `json:"workgroups,omitempty"`
	WorkgroupCodes List[string] `json:"workgroups_codes,omitempty"`
	AreasOfWork    List[string] `json:"aow,omitempty"`
	AreaCodes      List[string] `json:"aow_codes,omitempty"`
}
