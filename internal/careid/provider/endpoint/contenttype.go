package endpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/fault"
)

// formType is the only content type that a program's request may have (RFC 6749 §3.2).
const formType = "application/x-www-form-urlencoded"

// errContentType tells a program how to send its request.
var errContentType = request.NewError("invalid_client", "Send the request as "+formType+".")

// contentTypeProblem says why a request's content type is not accepted. A request without a body needs none.
func contentTypeProblem(r *http.Request) error {
	received := r.Header.Get("Content-Type")
	if name, _, err := mime.ParseMediaType(received); err == nil && name == formType || r.ContentLength == 0 {
		return nil
	}
	if received == "" {
		return errors.New("Content-Type: expected " + formType + ", received none")
	}
	return fmt.Errorf("Content-Type: expected %s, received %.100q", formType, received)
}

// refuseContentType answers a program whose request is not a form, and stores the reason for the client that the
// request names.
func (e *Endpoints) refuseContentType(w http.ResponseWriter, r *http.Request, reason error) error {
	presented, _ := credentialsOf(r.Header.Get("Authorization"), readAnyway(r))
	c, err := client.FindActive(r.Context(), e.o.DB, presented.clientID)
	if err != nil && !errors.Is(err, fault.NotFound) && !errors.Is(err, client.ErrSuspended) {
		return err
	}
	return e.refuseWith(w, r, c, refusedCaller{http.StatusUnsupportedMediaType, errContentType, reason})
}

// readAnyway reads what it can of a body that is not declared to be a form, to find the client that it names.
func readAnyway(r *http.Request) url.Values {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil
		}
		return form
	}
	form := url.Values{}
	for name, value := range members {
		if text, is := value.(string); is {
			form.Set(name, text)
		}
	}
	return form
}
