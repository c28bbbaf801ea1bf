package step

import (
	"log/slog"
	"net/http"

	"signpost/internal/platform/web"
)

// Log puts the reason of a refusal into the request's log line. The errors of a proof contain what was compared, but no
// secret and no name.
func Log(r *http.Request, err error) { web.Log(r, slog.String("refused", err.Error())) }
