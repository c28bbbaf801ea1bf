package doctor

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"signpost/internal/platform/password/breached"
	"signpost/internal/platform/when"
)

// maxListAge is how old a list of breached passwords may be: the public ones grow by some part every year.
const maxListAge = 365 * 24 * time.Hour

// breachedPasswords looks which list of breached passwords new ones are checked against on this node.
func (x *examination) breachedPasswords(context.Context) {
	const check = "breached passwords"
	const run = "run signpost import breached FILE --apply on this node"
	const cure = "Get a list, such as that of Have I Been Pwned, and " + run + "."
	about, err := breached.At(x.Config.BreachedPasswordsFile()).About()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.ok(check, "no list was imported, so that new passwords are checked only against those that everybody tries "+
			"first; signpost import breached FILE gives one")
	case errors.Is(err, breached.ErrDamaged):
		x.fail(check, x.Config.BreachedPasswordsFile()+" is no list of breached passwords, or not a whole one: "+
			"nobody can choose a password.", "Remove the file, or "+run+".")
	case err != nil:
		x.error(check, err)
	case x.Clock.Now().Sub(about.Imported) > maxListAge:
		x.fail(check, "The list is of "+when.Date(about.Imported)+", from "+about.Source+".", cure)
	default:
		x.ok(check, "%d, imported on %s from %s", about.Count, when.Date(about.Imported), about.Source)
	}
}
