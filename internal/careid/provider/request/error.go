package request

// Error is an error of the protocol: a code from the standards and a description for developers.
type Error struct {
	Code        string
	Description string
}

// Error returns both.
func (e *Error) Error() string { return e.Code + ": " + e.Description }

// NewError makes an Error.
func NewError(code, description string) *Error { return &Error{Code: code, Description: description} }

// Errors of the authorisation endpoint that other packages use.
var (
	LoginRequired       = NewError("login_required", "Nobody is signed in, and no page may be shown.")
	InteractionRequired = NewError("interaction_required",
		"The person has to do something first, and no page may be shown.")
	AccessDenied = NewError("access_denied", "The person did not sign in.")
)
