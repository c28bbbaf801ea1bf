package totp

// Match and NewSecret are match and newSecret.
var (
	Match     = match
	NewSecret = newSecret
)
