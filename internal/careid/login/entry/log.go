package entry

import (
	"log/slog"
	"net/http"

	"signpost/internal/platform/web"
)

// logged puts the reason of a refusal into the request's log line. The errors of a proof hold what was
// compared, no secret and no name.
func logged(r *http.Request, err error) { web.Log(r, slog.String("refused", err.Error())) }
