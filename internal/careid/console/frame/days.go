package frame

import (
	"net/http"
	"strconv"

	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
)

// WorkingDays words within how many working days a registration authority does what somebody waits for.
func (f *Frame) WorkingDays(r *http.Request) (string, error) {
	days, err := db.Read(r.Context(), f.DB, func(read db.R) (int, error) { return request.Days(r.Context(), read) })
	if days == 1 {
		return "1 working day", err
	}
	return strconv.Itoa(days) + " working days", err
}
