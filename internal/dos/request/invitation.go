package request

// Invitation asks a colleague to request an account. Nothing is made for them before they do.
type Invitation struct {
	ID                         string
	FirstName, LastName, Email string
	InvitedBy                  string // account id
}
