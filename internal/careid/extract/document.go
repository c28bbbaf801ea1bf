package extract

import (
	_ "embed"
	"net/http"
)

// documentPath is where the exchange is described in OpenAPI 3.1, by which others can answer in our place, or ask.
const documentPath = "/extract/v1/openapi.json"

//go:embed openapi.json
var written []byte

// document gives the description.
func document(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(written)
	return err
}
