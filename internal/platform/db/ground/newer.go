package ground

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"

	"signpost/internal/platform/fault"
)

// NotNewer refuses a database that a later version of the program brought up to date, before anything is changed in it.
func NotNewer(ctx context.Context, p *goose.Provider) error {
	there, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	known := p.ListSources()
	if newest := known[len(known)-1].Version; there > newest {
		const text = "The database is of a later version of the program: it has change %d, this one knows %d."
		return fault.SayCure(fault.Conflict, fmt.Sprintf(text, there, newest),
			"Start the later version, or restore the database as it was before the upgrade.")
	}
	return nil
}
