package services

import (
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/when"
)

// callNote says in one line what a caller was told of a service and when, for the note of the call: what follows the
// name. It leaves out the telephone number for professionals, and who reported the capacity, as such notes are sent to
// patients too.
func callNote(s directory.Service, o directory.Opening, now time.Time) string {
	parts := []string{""}
	if address := addressOf(s); address != "" {
		parts = append(parts, address)
	}
	if s.PublicPhone != "" {
		parts = append(parts, grouped(s.PublicPhone))
	}
	opening := openingText(s, o, now)
	parts = append(parts, strings.ToLower(opening[:1])+opening[1:])
	if capacity := capacityOf(s, o, now); capacity.Tag.Text != "" {
		text := "capacity " + strings.ToLower(capacity.Tag.Text)
		if !s.Capacity.Reported.IsZero() {
			text += " (reported " + when.Ago(s.Capacity.Reported, now) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ") + ", said at " + when.In24Hours(now) + " on " + when.Date(now)
}

// addressOf gives the address of a service with its postcode.
func addressOf(s directory.Service) string {
	if s.Address == "" || s.Postcode == "" {
		return s.Address + s.Postcode
	}
	return s.Address + ", " + s.Postcode
}

// phoneView is a telephone number to read out and to call.
type phoneView struct{ Text, Href string }

func phoneOf(number string) phoneView {
	if number == "" {
		return phoneView{}
	}
	return phoneView{Text: grouped(number), Href: "tel:" + strings.ReplaceAll(number, " ", "")}
}

// areaCodes gives the length of the area code of the numbers that begin with each text, the longer texts first
// (Ofcom, National Telephone Numbering Plan).
var areaCodes = []struct {
	begins string
	length int
}{{"011", 4}, {"0121", 4}, {"0131", 4}, {"0141", 4}, {"0151", 4}, {"0161", 4}, {"0191", 4}, {"01", 5}, {"02", 3},
	{"03", 4}, {"07", 5}, {"08", 4}}

// grouped puts spaces into a UK number, as people read it out: 020 7946 0000, 0161 496 0000, 01632 960001.
func grouped(number string) string {
	if strings.Contains(number, " ") {
		return number
	}
	for _, area := range areaCodes {
		if !strings.HasPrefix(number, area.begins) || len(number) < area.length+6 {
			continue
		}
		code := number[:area.length]
		rest := number[area.length:]
		if len(rest) > 6 {
			return code + " " + rest[:len(rest)-4] + " " + rest[len(rest)-4:]
		}
		return code + " " + rest
	}
	return number
}
