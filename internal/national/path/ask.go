package path

// AskRAPage is where somebody asks a registration authority without a login. An organisation may be named by its ODS
// code as ods, and what is needed as need; a name stands behind a # if anywhere, which no browser sends to a server.
const AskRAPage = "/ask-your-ra"

// What people ask registration authorities for on that page.
const (
	RAIdentity      = "new-identity"
	RAReactivation  = "reactivate"
	RAAuthenticator = "authenticator"
	RAPosition      = "grant-position"
	RAElse          = "something-else"
)

// AskOf gives what a step asks of a registration authority; empty where it asks nothing.
func (w What) AskOf() string {
	switch w {
	case ObtainCareIdentity:
		return RAIdentity
	case ReactivateIdentity:
		return RAReactivation
	case ResolveSeveral:
		return RAElse
	case GetPosition:
		return RAPosition
	case GetAuthenticator, StrongerAuthenticator, ApproveAuthenticator:
		return RAAuthenticator
	default:
		return ""
	}
}
