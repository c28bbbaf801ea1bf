package extract

// ChangesPath is the path of the exchange about changes: POST a ChangesRequest, get Changes.
const ChangesPath = "/extract/v1/changes"

// MaxChanged is the most handles in one answer about changes.
const MaxChanged = 1000

// The longest handle and point of time that are accepted, in bytes.
const (
	maxHandle = 64
	maxPoint  = 512
)

// ChangesRequest asks which of those that answers were about changed since an answer about changes was given.
type ChangesRequest struct {
	Version int `json:"version"`

	// Since is Next of the answer before. Without it the answer names nobody: it says from where on to ask.
	Since string `json:"since,omitempty"`
}

// Changes says which people and addresses changed: by the handles that answers about them gave to this asker. Handles
// that no answer gave are of people whom this asker never asked about.
type Changes struct {
	Version int      `json:"version"`
	AsOf    int64    `json:"as_of"` // Unix milliseconds, UTC
	Next    string   `json:"next"`  // to be given as Since
	Handles []string `json:"handles"`

	// More says that there are more, to be asked for with Next at once.
	More bool `json:"more,omitempty"`

	// Everybody says that something changed that concerns many, or that Since is too long ago: ask about all anew.
	Everybody bool `json:"everybody,omitempty"`
}

// Check reports what is wrong with a request about changes, if anything.
func (r ChangesRequest) Check() error {
	switch {
	case r.Version != Version:
		return malformed("version is %d, this is version %d", r.Version, Version)
	case !text(r.Since, 0, maxPoint):
		return malformed("since is over %d bytes or not text", maxPoint)
	}
	return nil
}

// Check reports what is wrong with an answer about changes, if anything.
func (c Changes) Check() error {
	switch {
	case c.Version != Version:
		return malformed("version is %d, this is version %d", c.Version, Version)
	case c.AsOf <= 0:
		return malformed("as_of is missing")
	case !text(c.Next, 1, maxPoint):
		return malformed("next must be 1 to %d bytes", maxPoint)
	case len(c.Handles) > MaxChanged:
		return malformed("%d handles, must be at most %d", len(c.Handles), MaxChanged)
	}
	return checkHandles(c.Handles)
}

func checkHandles(list []string) error {
	for _, h := range list {
		if !text(h, 1, maxHandle) {
			return malformed("a handle must be 1 to %d bytes", maxHandle)
		}
	}
	return nil
}
