package nhsuk

// The colours of our tags. Each means one thing, so that two tags never say two things by one colour.
const (
	TagGood        = "green"  // as it should be: confirmed, delivered, active, has capacity
	TagLimited     = "orange" // only in part: limited capacity, failing, suspended
	TagStopped     = "red"    // not at all: no capacity, given up
	TagAwaited     = "blue"   // somebody or something has still to act: to do, waiting
	TagUnconfirmed = "yellow" // typed by somebody, and not confirmed
	TagUnknown     = "grey"   // nobody has said
	TagOpen        = "purple" // open now
	TagGone        = "white"  // not there: closed, deleted
)
