package people

import (
	"context"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// newLink is shown once on the page of the person it is for.
type newLink struct {
	UUID string `json:"uuid"`
	Path string `json:"path"`
}

const linkNote = "binding-link"

// takeLink gives the path that was left for the page of a person, once.
func takeLink(w http.ResponseWriter, r *http.Request, uuid string) string {
	var left newLink
	if !web.TakeNote(w, r, linkNote, &left) || left.UUID != uuid {
		return ""
	}
	return left.Path
}

// authenticatorLooks gives how the models of authenticators are shown, by AAGUID.
func authenticatorLooks(
	ctx context.Context, r db.R, list []authenticator.Authenticator,
) (map[string]metadata.Look, error) {
	var models []string
	for _, a := range list {
		models = append(models, a.Model.AAGUID)
	}
	return metadata.Looks(ctx, r, models)
}

// authenticatorRow is an authenticator in a table of a person's authenticators.
func authenticatorRow(a authenticator.Authenticator, look metadata.Look, status string) []nhsuk.TableCell {
	return []nhsuk.TableCell{
		{Text: a.Name}, {Text: a.Kind.Label() + ", " + a.LevelText()}, {HTML: modelCell(look)}, {Text: status},
		{Text: when.Date(a.BoundAt)},
	}
}

func authenticatorsOf(uuid string) string { return pathOf(uuid) + "/authenticators" }
