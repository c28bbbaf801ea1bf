package request

// Error is an error of the protocol: a code that the standards name and words for a developer.
type Error struct {
	Code        string
	Description string
}

// Error gives both.
func (e *Error) Error() string { return e.Code + ": " + e.Description }

// Invalid makes an Error.
func Invalid(code, description string) *Error { return &Error{Code: code, Description: description} }

// Errors of the authorisation endpoint that are asked for by name.
var (
	LoginRequired       = Invalid("login_required", "Nobody is signed in, and no page may be shown.")
	InteractionRequired = Invalid("interaction_required",
		"The person has to do something first, and no page may be shown.")
	AccessDenied = Invalid("access_denied", "The person did not sign in.")
)
